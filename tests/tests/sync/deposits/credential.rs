//! What a deposit credential can do: hand in what is small enough, and nothing else.

use axum::body::Body;
use axum::http::{Method, Request, header};
use shared_model::sync_protocol::PushedItem;

use super::*;

async fn code(site: &Site, credential: &str, deposit: &Deposit) -> String {
    site.server.client().deposit(credential, deposit).await.unwrap().problem_code()
}

#[tokio::test]
async fn a_credential_opens_nothing_else() {
    let site = Site::open().await;
    let (_, credential) = site.tom_at_hand().await;
    site.set_active(site.tom, false).await;
    for (method, path) in [
        (Method::GET, "/api/session"),
        (Method::GET, "/api/deposits"),
        (Method::GET, "/api/packs"),
        (Method::GET, "/api/directory"),
        (Method::GET, "/api/work-orders"),
        (Method::POST, "/api/socket-tickets"),
        (Method::POST, "/api/commands"),
    ] {
        for (name, value) in [
            (header::AUTHORIZATION, format!("Deposit {credential}")),
            (header::AUTHORIZATION, format!("Bearer {credential}")),
            (header::COOKIE, format!("maintainpro={credential}")),
        ] {
            let request = Request::builder().method(&method).uri(path).header(name, value);
            let answer = site.server.client().send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.problem_code(), "not_signed_in", "{method} {path}");
        }
    }
    let socket = site.server.client().get(&format!("/sync?ticket={credential}")).await;
    assert!(socket.status.is_client_error(), "{socket:?}");
}

#[tokio::test]
async fn only_a_credential_hands_anything_in_and_only_for_those_shut_out() {
    let site = Site::open().await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let deposit = deposit_of(vec![tom.make(&note(site.order, "The gland is worn"))]);
    assert_eq!(code(&site, &credential, &deposit).await, "sign_in_needed");
    site.set_active(site.tom, false).await;
    let other =
        credential.split_once('.').unwrap().0.to_owned() + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for wrong in ["", "x", other.as_str()] {
        assert_eq!(code(&site, wrong, &deposit).await, "credential_refused", "{wrong}");
    }
    let mut ann = site.server.sign_in("demo", ANN).await;
    let body = minicbor::to_vec(&deposit).unwrap();
    let request = Request::post("/api/deposits").body(Body::from(body.clone())).unwrap();
    assert_eq!(ann.send(request).await.problem_code(), "credential_refused", "a session is none");
    let elsewhere = Request::post("/api/deposits")
        .header(header::AUTHORIZATION, format!("Deposit {credential}"))
        .header(header::ORIGIN, "https://evil.example");
    let answer = site.server.client().send(elsewhere.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.problem_code(), "cross_site_request");
    assert_eq!(held(&mut ann).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_revoked_device_hands_in_too_while_its_person_works_on_elsewhere() {
    let site = Site::open().await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let deposit = deposit_of(vec![tom.make(&note(site.order, "The gland is worn"))]);
    let mut connection = site.server.database.superuser().await;
    sqlx::query("update device set revoked_at = now() where device_id = $1")
        .bind(tom.sender.device.unwrap().as_uuid())
        .execute(&mut connection)
        .await
        .unwrap();
    let answer = site.server.client().deposit(&credential, &deposit).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let waiting = held(&mut site.sue().await).await;
    assert_eq!(waiting[0]["reason"], "device_revoked");
}

#[tokio::test]
async fn what_is_too_long_or_no_command_is_refused_and_holds_nothing_else_up() {
    let site = Site::open().await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let good = tom.make(&note(site.order, "The gland is worn"));
    site.set_active(site.tom, false).await;
    let mut long = tom.make(&note(site.order, "Long"));
    long.intent = vec![b' '; 256 * 1024].into();
    let empty = PushedCommand { items: Vec::new(), ..good.clone() };
    let mut garbled = good.clone();
    garbled.items = vec![PushedItem::Record { bytes: vec![0xff; 9].into() }];
    for (commands, expected) in [
        (vec![long.clone()], "command_too_long"),
        (vec![empty.clone()], "no_command"),
        (vec![garbled], "no_command"),
        (vec![good.clone(); 65], "malformed_deposit"),
    ] {
        assert_eq!(code(&site, &credential, &deposit_of(commands)).await, expected);
    }
    let mut client = site.server.client();
    for body in [vec![], b"{}".to_vec(), vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
        let answer = client.deposit_bytes(&credential, body).await.unwrap();
        assert_eq!(answer.problem_code(), "malformed_deposit");
    }
    let answer = client.deposit_bytes(&credential, vec![0; 1024 * 1024 + 1]).await.unwrap();
    assert_eq!(answer.problem_code(), "body_too_large");

    let answer = client.deposit(&credential, &deposit_of(vec![long, good.clone()])).await.unwrap();
    assert_eq!(answer.json()["held"], json!([good.id]));
    assert_eq!(held(&mut site.sue().await).await.len(), 1);
}

#[tokio::test]
async fn a_device_fills_its_own_place_and_no_more() {
    let site = Site::open().await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let [first, second] = ["First", "Second"].map(|text| tom.make(&note(site.order, text)));
    site.set_active(site.tom, false).await;
    let mut connection = site.server.database.superuser().await;
    sqlx::query(
        "insert into held_command (organization_id, held_command_id, device_id, person_id, command_id, position,
                                   reason, documents, intent, bytes, made_at, received_at)
         select $1, gen_random_uuid(), $2, $3, gen_random_uuid(), n, 'person_disabled', '{}', '', '', now(), now()
         from generate_series(1, 1999) as n",
    )
    .bind(site.organisation.as_uuid())
    .bind(tom.sender.device.unwrap().as_uuid())
    .bind(site.tom.as_uuid())
    .execute(&mut connection)
    .await
    .unwrap();
    let answer =
        site.server.client().deposit(&credential, &deposit_of(vec![first.clone(), second.clone()])).await;
    assert_eq!(answer.unwrap().json()["held"], json!([first.id]), "as much as there is room for");
    assert_eq!(code(&site, &credential, &deposit_of(vec![second])).await, "deposit_full");
    let again = site.server.client().deposit(&credential, &deposit_of(vec![first])).await.unwrap();
    assert_eq!(again.status, StatusCode::OK, "what is held already takes no room");
}

#[tokio::test]
async fn work_is_held_where_its_device_belongs_and_seen_nowhere_else() {
    let site = Site::open().await;
    let other = create_organisation(&site.server.database, "other").await;
    create_person(&site.server.database, other, "eve@other.example", Role::Admin).await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let deposit = deposit_of(vec![tom.make(&note(site.order, "The gland is worn"))]);
    site.set_active(site.tom, false).await;
    // The same secret under another organisation's name opens nothing.
    let forged = format!("{}.{}", other.as_uuid().simple(), credential.split_once('.').unwrap().1);
    assert_eq!(code(&site, &forged, &deposit).await, "credential_refused");
    site.server.client().deposit(&credential, &deposit).await.unwrap();
    let mine = held(&mut site.sue().await).await;
    let mut eve = site.server.sign_in("other", "eve@other.example").await;
    assert_eq!(held(&mut eve).await, Vec::<Value>::new());
    for decision in ["accept", "decline"] {
        assert_eq!(refused(&mut eve, &mine[0], decision).await, "not_found");
    }
}
