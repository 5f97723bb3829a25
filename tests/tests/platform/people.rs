//! Administering people and teams: who may, what becomes of it, and what nobody can do.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person, create_team};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::people::{Member, Standing, WayIn};
use shared_model::permission::{GrantLimit, Role};

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    ann: PersonId,
    tech: PersonId,
    admin: Client,
}

async fn story() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    let tech = create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
    let ann = create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    let server = TestServer::start_on(&database).await;
    let admin = server.sign_in("demo", "ann@demo.example").await;
    Story { server, organisation, ann, tech, admin }
}

fn newcomer(id: u8, email: &str) -> Value {
    json!({
        "id": PersonId::from_bytes([id; 16]), "display_name": "Zoë Newcomer", "email": email, "language": "de",
        "roles": [{ "role": "technician", "limit": "organisation" }], "teams": []
    })
}

async fn patch(client: &mut Client, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(Method::PATCH).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn change(client: &mut Client, person: PersonId, body: Value) -> Answer {
    patch(client, &format!("/api/people/{person}"), &body).await
}

async fn member(client: &mut Client, person: PersonId) -> Member {
    let answer = client.get(&format!("/api/people/{person}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.read()
}

/// The secret of the link in an answer of a server that sends no emails.
fn token(way: &WayIn) -> &str {
    way.link.as_deref().and_then(|link| link.strip_prefix("/join#")).unwrap()
}

async fn choose(client: &mut Client, token: &str, password: &str) -> Answer {
    client.post("/api/account-links/use", &json!({ "token": token, "password": password })).await
}

#[tokio::test]
async fn somebody_is_invited_and_signs_in() {
    let Story { server, mut admin, .. } = story().await;
    let invited = admin.post("/api/people", &newcomer(7, " Zoe@Demo.example ")).await;
    assert_eq!(invited.status, StatusCode::CREATED, "{invited:?}");
    let way: WayIn = invited.read();
    assert_eq!((way.person.email.as_str(), way.person.standing), ("zoe@demo.example", Standing::Invited));
    assert_eq!((way.person.language.as_str(), way.person.last_seen_at), ("de", None));

    let mut zoe = server.client();
    let read = zoe.post("/api/account-links/read", &json!({ "token": token(&way) })).await;
    assert_eq!(read.json()["purpose"], "invitation", "{read:?}");
    assert_eq!(read.json()["email"], "zoe@demo.example");
    let proposal = json!({ "token": token(&way), "password": "zoenewcomer" });
    let strength = zoe.post("/api/account-links/strength", &proposal).await.json();
    assert_eq!((&strength["is_enough"], &strength["weakness"]), (&json!(false), &json!("known")));
    assert_eq!(choose(&mut zoe, token(&way), "zoenewcomer").await.problem_code(), "weak_password");

    let signed_in = choose(&mut zoe, token(&way), "gland-drips-at-noon").await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    let signed_in: SignedIn = signed_in.read();
    assert_eq!((signed_in.person.id, signed_in.roles.as_slice()), (way.person.id, &[Role::Technician][..]));
    assert_eq!(zoe.get("/api/directory").await.status, StatusCode::OK);
    assert_eq!(
        choose(&mut zoe, token(&way), "another-gland-at-noon").await.problem_code(),
        "link_used_or_expired"
    );
    let known = member(&mut admin, way.person.id).await;
    assert!(known.standing == Standing::Active && known.last_seen_at.is_some());
    let again =
        json!({ "organisation": "demo", "email": "zoe@demo.example", "password": "gland-drips-at-noon" });
    assert_eq!(server.client().post("/api/session", &again).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_is_given_once_however_often_it_is_sent() {
    let Story { server: _server, mut admin, tech, .. } = story().await;
    let first: WayIn = admin.post("/api/people", &newcomer(7, "zoe@demo.example")).await.read();
    let second: WayIn = admin.post("/api/people", &newcomer(7, "zoe@demo.example")).await.read();
    assert_eq!(first.person.id, second.person.id);
    let mut zoe = admin.clone();
    zoe.cookie = None;
    let read = |token: &str| json!({ "token": token });
    let old = zoe.post("/api/account-links/read", &read(token(&first))).await;
    assert_eq!(old.problem_code(), "link_used_or_expired", "the newer link takes its place");
    assert_eq!(zoe.post("/api/account-links/read", &read(token(&second))).await.status, StatusCode::OK);

    for (body, code) in [
        (newcomer(8, "zoe@demo.example"), "email_taken"),
        (newcomer(8, "tech@demo.example"), "email_taken"),
        (newcomer(7, "other@demo.example"), "already_exists"),
    ] {
        let answer = admin.post("/api/people", &body).await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::CONFLICT, code), "{body}");
    }
    let mut taken = newcomer(9, "new@demo.example");
    taken["id"] = json!(tech);
    assert_eq!(admin.post("/api/people", &taken).await.problem_code(), "already_exists");
    let everybody: Vec<Member> = admin.get("/api/people").await.read();
    assert_eq!(everybody.len(), 3, "{everybody:?}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    let Story { server: _server, mut admin, tech, .. } = story().await;
    let with = |field: &str, value: Value| {
        let mut body = newcomer(7, "zoe@demo.example");
        body[field] = value;
        body
    };
    let nowhere = DocumentId::from_bytes([9; 16]);
    for (field, value) in [
        ("display_name", json!(" ")),
        ("display_name", json!("two\nlines")),
        ("display_name", json!("x".repeat(201))),
        ("email", json!("nobody")),
        ("email", json!("zoe@")),
        ("language", json!("fr")),
        ("roles", json!([])),
        ("roles", json!([{ "role": "technician", "limit": "site", "id": nowhere }])),
        ("roles", json!([{ "role": "technician", "limit": "team", "id": nowhere }])),
        ("teams", json!([nowhere])),
    ] {
        let answer = admin.post("/api/people", &with(field, value.clone())).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}: {answer:?}");
        assert_eq!(answer.json()["field"], field, "{value}");
        let answer = change(&mut admin, tech, json!({ field: value })).await;
        assert_eq!(answer.json()["field"], field, "{value}");
    }
    let wrong = with("roles", json!([{ "role": "emperor", "limit": "organisation" }]));
    assert_eq!(admin.post("/api/people", &wrong).await.problem_code(), "invalid_body");
    let everybody: Vec<Member> = admin.get("/api/people").await.read();
    assert_eq!(everybody.len(), 2, "nothing is left of what was refused");
}

#[tokio::test]
async fn whoever_is_deactivated_is_out_and_comes_back_with_what_they_had() {
    let Story { server, mut admin, tech, .. } = story().await;
    let mut phone = server.sign_in("demo", "tech@demo.example").await;
    let link: WayIn = admin.call(Method::POST, &format!("/api/people/{tech}/links")).await.read();
    let out = change(&mut admin, tech, json!({ "active": false })).await;
    assert_eq!(out.json()["standing"], "disabled", "{out:?}");
    assert_eq!(phone.get("/api/directory").await.problem_code(), "not_signed_in");
    assert_eq!(
        choose(&mut phone, token(&link), "gland-drips-at-noon").await.problem_code(),
        "link_used_or_expired"
    );
    let links = admin.call(Method::POST, &format!("/api/people/{tech}/links")).await;
    assert_eq!(links.problem_code(), "person_disabled");

    assert_eq!(change(&mut admin, tech, json!({ "active": true })).await.json()["standing"], "active");
    assert_eq!(
        choose(&mut phone, token(&link), "gland-drips-at-noon").await.problem_code(),
        "link_used_or_expired"
    );
    assert_eq!(phone.sign_in("demo", "tech@demo.example").await.roles, [Role::Technician]);
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_and_others_are_signed_out() {
    let Story { server, mut admin, tech, .. } = story().await;
    let mut lost = server.sign_in("demo", "tech@demo.example").await;
    let way: WayIn = admin.call(Method::POST, &format!("/api/people/{tech}/links")).await.read();
    let mut tablet = server.client();
    let read = tablet.post("/api/account-links/read", &json!({ "token": token(&way) })).await;
    assert_eq!(read.json()["purpose"], "password_reset");
    assert_eq!(choose(&mut tablet, token(&way), "gland-drips-at-noon").await.status, StatusCode::OK);
    assert_eq!(lost.get("/api/directory").await.problem_code(), "not_signed_in");
    assert_eq!(tablet.get("/api/directory").await.status, StatusCode::OK);
    let old = json!({ "organisation": "demo", "email": "tech@demo.example", "password": maintainpro_tests::people::PASSWORD });
    assert_eq!(lost.post("/api/session", &old).await.problem_code(), "wrong_credentials");
}

#[tokio::test]
async fn name_address_roles_and_teams_change() {
    let Story { server, organisation, mut admin, tech, .. } = story().await;
    let [mech, elec] = [
        create_team(&server.database, organisation, "Mechanics", &[tech]).await,
        create_team(&server.database, organisation, "Electricians", &[]).await,
    ];
    let roles = json!([{ "role": "supervisor", "limit": "team", "id": elec }, { "role": "contractor", "limit": "own" }]);
    let wanted =
        json!({ "display_name": "Tess Tech", "email": "Tess@demo.example", "roles": roles, "teams": [elec] });
    let changed = change(&mut admin, tech, wanted).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let changed: Member = changed.read();
    assert_eq!((changed.display_name.as_str(), changed.email.as_str()), ("Tess Tech", "tess@demo.example"));
    assert_eq!(
        (changed.roles[0].role, changed.roles[0].limit),
        (Role::Supervisor.into(), GrantLimit::Team(elec))
    );
    assert_eq!((changed.roles[1].limit, changed.teams.as_slice()), (GrantLimit::Own, &[elec][..]));
    assert_eq!(member(&mut admin, tech).await, changed);

    let directory = admin.get("/api/directory").await.json();
    let tess =
        directory["people"].as_array().unwrap().iter().find(|person| person["id"] == json!(tech)).unwrap();
    assert_eq!((&tess["name"], &tess["teams"]), (&json!("Tess Tech"), &json!([elec])));
    assert!(!tess.to_string().contains("@demo.example"), "others learn no address: {tess}");
    let signed_in = server.client().sign_in("demo", "tess@demo.example").await;
    assert_eq!(signed_in.roles, [Role::Supervisor, Role::Contractor]);
    assert_eq!(
        change(&mut admin, tech, json!({ "email": "ann@demo.example" })).await.problem_code(),
        "email_taken"
    );
    assert_eq!(change(&mut admin, tech, json!({})).await.read::<Member>().teams, [elec]);
    assert_ne!(mech, elec);
}

#[tokio::test]
async fn somebody_always_administers_the_organisation() {
    let Story { server, organisation, ann, mut admin, tech, .. } = story().await;
    let technician = json!({ "roles": [{ "role": "technician", "limit": "organisation" }] });
    assert_eq!(change(&mut admin, ann, json!({ "active": false })).await.problem_code(), "yourself");
    assert_eq!(change(&mut admin, ann, technician.clone()).await.problem_code(), "last_admin");
    let own = json!({ "roles": [{ "role": "admin", "limit": "own" }] });
    assert_eq!(change(&mut admin, ann, own).await.problem_code(), "last_admin");
    // Somebody who was only invited administers nothing yet.
    let mut bea = newcomer(7, "bea@demo.example");
    bea["roles"] = json!([{ "role": "admin", "limit": "organisation" }]);
    let way: WayIn = admin.post("/api/people", &bea).await.read();
    assert_eq!(change(&mut admin, ann, technician.clone()).await.problem_code(), "last_admin");
    let mut bea = server.client();
    assert_eq!(choose(&mut bea, token(&way), "gland-drips-at-noon").await.status, StatusCode::OK);

    // Each takes away the rights of the other at the same time: one of the two comes second.
    let (path_ann, path_bea) = (format!("/api/people/{ann}"), format!("/api/people/{}", way.person.id));
    let (first, second) =
        tokio::join!(patch(&mut admin, &path_bea, &technician), patch(&mut bea, &path_ann, &technician));
    let statuses = [first.status, second.status];
    assert!(statuses.contains(&StatusCode::OK), "{first:?} {second:?}");
    assert!(
        statuses.iter().any(|status| *status == StatusCode::CONFLICT || *status == StatusCode::FORBIDDEN)
    );
    create_person(&server.database, organisation, "cleo@demo.example", Role::Admin).await;
    let mut cleo = server.sign_in("demo", "cleo@demo.example").await;
    let admins = [member(&mut cleo, ann).await, member(&mut cleo, way.person.id).await];
    assert_eq!(admins.iter().filter(|member| member.roles[0].role == Role::Admin).count(), 1, "{admins:?}");
    assert_eq!(member(&mut cleo, tech).await.standing, Standing::Active);
}

#[tokio::test]
async fn people_are_for_whoever_administers_the_whole_organisation_and_for_no_other() {
    let Story { server, organisation, mut admin, tech, .. } = story().await;
    let site = GrantLimit::Site(DocumentId::from_bytes([7; 16]));
    create_limited_person(&server.database, organisation, "bea@demo.example", Role::Admin, site).await;
    create_person(&server.database, organisation, "sue@demo.example", Role::Supervisor).await;
    let elsewhere = create_organisation(&server.database, "other").await;
    create_person(&server.database, elsewhere, "eve@other.example", Role::Admin).await;
    let team = create_team(&server.database, organisation, "Mechanics", &[]).await;
    let known = async |admin: &mut Client| -> Vec<Member> {
        let mut everybody: Vec<Member> = admin.get("/api/people").await.read();
        everybody.iter_mut().for_each(|member| member.last_seen_at = None);
        everybody
    };
    let before = known(&mut admin).await;

    for (slug, email, refused) in [
        ("demo", "bea@demo.example", "forbidden"),
        ("demo", "sue@demo.example", "forbidden"),
        ("demo", "tech@demo.example", "forbidden"),
        ("other", "eve@other.example", "not_found"),
    ] {
        let mut client = server.sign_in(slug, email).await;
        let (person, links) = (format!("/api/people/{tech}"), format!("/api/people/{tech}/links"));
        assert_eq!(client.get(&person).await.problem_code(), refused, "{email}");
        assert_eq!(client.call(Method::POST, &links).await.problem_code(), refused, "{email}");
        let wanted = json!({ "display_name": "Mallory", "active": false });
        assert_eq!(patch(&mut client, &person, &wanted).await.problem_code(), refused, "{email}");
        let wanted = json!({ "name": "Mallory's" });
        assert_eq!(
            patch(&mut client, &format!("/api/teams/{team}"), &wanted).await.problem_code(),
            refused,
            "{email}"
        );
        if slug == "demo" {
            for path in ["/api/people", "/api/teams"] {
                assert_eq!(client.get(path).await.problem_code(), "forbidden", "{email} {path}");
            }
            assert_eq!(
                client.post("/api/people", &newcomer(7, "m@demo.example")).await.problem_code(),
                "forbidden"
            );
            assert_eq!(client.post("/api/teams", &wanted).await.problem_code(), "forbidden");
        } else {
            // A team of one organisation is none of another.
            let mut theirs = newcomer(7, "m@other.example");
            theirs["teams"] = json!([team]);
            assert_eq!(client.post("/api/people", &theirs).await.json()["field"], "teams");
        }
    }
    assert_eq!(known(&mut admin).await, before);
}

#[tokio::test]
async fn teams_are_created_and_renamed() {
    let Story { server: _server, mut admin, .. } = story().await;
    let made = admin.post("/api/teams", &json!({ "name": " Mechanics " })).await;
    assert_eq!((made.status, &made.json()["name"]), (StatusCode::CREATED, &json!("Mechanics")), "{made:?}");
    assert_eq!(admin.post("/api/teams", &json!({ "name": "Mechanics" })).await.problem_code(), "name_taken");
    assert_eq!(admin.post("/api/teams", &json!({ "name": "" })).await.json()["field"], "name");
    let path = format!("/api/teams/{}", made.json()["id"].as_str().unwrap());
    let renamed = patch(&mut admin, &path, &json!({ "name": "Millwrights" })).await;
    assert_eq!(renamed.json()["name"], "Millwrights", "{renamed:?}");
    let directory = admin.get("/api/directory").await.json();
    assert_eq!(directory["teams"][0]["name"], "Millwrights", "devices hear of it");
    assert_eq!(admin.get("/api/teams").await.json().as_array().unwrap().len(), 1);
}

/// Whoever administers an organisation can write down any address in it, and learns nothing about another's account by it.
#[tokio::test]
async fn an_account_elsewhere_does_not_wipe_the_count_of_wrong_guesses() {
    let Story { server, .. } = story().await;
    let elsewhere = create_organisation(&server.database, "other").await;
    create_person(&server.database, elsewhere, "tech@demo.example", Role::Technician).await;
    let mut attacker = server.client();
    let mut refusals = Vec::new();
    while refusals.last().map(String::as_str) != Some("too_many_attempts") {
        let guess =
            json!({ "organisation": "demo", "email": "tech@demo.example", "password": "a wrong guess" });
        refusals.push(attacker.post("/api/session", &guess).await.problem_code());
        assert!(refusals.len() < 10, "{refusals:?}");
        let right = json!({ "organisation": "other", "email": "tech@demo.example", "password": maintainpro_tests::people::PASSWORD });
        attacker.post("/api/session", &right).await;
    }
}

#[tokio::test]
async fn the_same_invitation_twice_at_once_is_one() {
    let Story { server: _server, mut admin, .. } = story().await;
    let mut other = admin.clone();
    let body = newcomer(7, "zoe@demo.example");
    let (first, second) = tokio::join!(admin.post("/api/people", &body), other.post("/api/people", &body));
    assert_eq!(
        (first.status, second.status),
        (StatusCode::CREATED, StatusCode::CREATED),
        "{first:?} {second:?}"
    );
    let mut less = newcomer(7, "zoe@demo.example");
    less["roles"] = json!([{ "role": "requester", "limit": "own" }]);
    let answer = admin.post("/api/people", &less).await;
    assert_eq!(answer.problem_code(), "already_exists", "what was asked for is not what is there");
}
