//! Work orders over REST: lists within the caller's scopes, search, pages, views, commands.

use axum::http::StatusCode;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{Hand, create_work_order, new_document, new_record, new_work_order};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::{Command, work_order};
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Role};

async fn site() -> (TestServer, Hand) {
    let server = TestServer::start().await;
    for slug in ["demo", "other"] {
        let organisation = create_organisation(&server.database, slug).await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        create_person(&server.database, organisation, "rita@demo.example", Role::Requester).await;
        create_limited_person(
            &server.database,
            organisation,
            "cleo@demo.example",
            Role::Contractor,
            GrantLimit::Own,
        )
        .await;
    }
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    (server, ann)
}

fn titles(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

async fn give(client: &mut Client, command: &Command) -> (StatusCode, Value) {
    let answer = client.post("/api/commands", &json!({ "command": command })).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn lists_are_filtered_searched_and_paged() {
    let (server, mut ann) = site().await;
    for n in 1..=5 {
        ann.act(&server.state.sync, &create_work_order(new_document(), &format!("Hoist no. {n}"))).await;
    }
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let all = client.get("/api/work-orders").await.json();
    assert_eq!(titles(&all), ["Hoist no. 5", "Hoist no. 4", "Hoist no. 3", "Hoist no. 2", "Hoist no. 1"]);
    assert_eq!(all["next"], Value::Null);

    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let page = client.get(&format!("/api/work-orders?limit=2{next}")).await.json();
        paged.extend(titles(&page));
        match page["next"].as_str() {
            Some(after) => next = format!("&after={after}"),
            None => break,
        }
    }
    assert_eq!(paged, titles(&all));

    for (search, expected) in [("hoi%203", "Hoist no. 3"), ("WO-000002", "Hoist no. 2")] {
        let found = client.get(&format!("/api/work-orders?search={search}")).await.json();
        assert_eq!(titles(&found), [expected], "{search}");
    }
    assert_eq!(titles(&client.get("/api/work-orders?search=crane").await.json()), Vec::<String>::new());
    assert_eq!(
        titles(&client.get("/api/work-orders?status=closed,cancelled").await.json()),
        Vec::<String>::new()
    );
    assert_eq!(titles(&client.get("/api/work-orders?status=new").await.json()).len(), 5);
}

#[tokio::test]
async fn nobody_reads_beyond_their_scopes() {
    let (server, mut ann) = site().await;
    let mut cleo = Hand::sign_in(&server, "demo", "cleo@demo.example").await;
    let (hers, secret) = (new_document(), new_document());
    let mut new = new_work_order(hers, "Paint the fence");
    new.people = vec![cleo.person()];
    new.assigned_event = Some(new_record());
    ann.act(&server.state.sync, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    ann.act(&server.state.sync, &create_work_order(secret, "Secret boiler")).await;

    let mut client = server.sign_in("demo", "cleo@demo.example").await;
    assert_eq!(titles(&client.get("/api/work-orders").await.json()), ["Paint the fence"]);
    assert_eq!(titles(&client.get("/api/work-orders?search=secret").await.json()), Vec::<String>::new());
    assert_eq!(client.get(&format!("/api/work-orders/{hers}")).await.status, StatusCode::OK);
    assert_eq!(client.get(&format!("/api/work-orders/{secret}")).await.problem_code(), "not_found");
    for path in ["/api/assets", "/api/parts", "/api/costs", "/api/assets/duplicate-tags"] {
        assert_eq!(client.get(path).await.problem_code(), "forbidden", "{path}");
    }
    cleo.receive(&ann, secret);
    let edit = Command::WorkOrder(work_order::Command::StartTimer { id: secret });
    assert_eq!(give(&mut client, &edit).await.0, StatusCode::NOT_FOUND);

    let mut other = server.sign_in("other", "ann@demo.example").await;
    assert_eq!(titles(&other.get("/api/work-orders").await.json()), Vec::<String>::new());
    assert_eq!(other.get(&format!("/api/work-orders/{secret}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(give(&mut other, &edit).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_command_over_rest_is_the_command_of_a_device() {
    let (server, _) = site().await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let id: DocumentId = new_document();
    let command_id = uuid::Uuid::from_u128(7);
    let request = json!({ "id": command_id, "command": create_work_order(id, "Over REST") });
    let answer = client.post("/api/commands", &request).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["changed"], true);
    let again = client.post("/api/commands", &request).await.json();
    assert_eq!(
        (again["changed"].clone(), again["seqs"].clone()),
        (json!(false), answer.json()["seqs"].clone())
    );

    let view = client.get(&format!("/api/work-orders/{id}")).await.json();
    assert_eq!((view["title"].as_str(), view["number"].as_str()), (Some("Over REST"), Some("WO-000001")));
}

#[tokio::test]
async fn bad_requests_are_refused_with_a_code() {
    let (server, mut ann) = site().await;
    let id = new_document();
    ann.act(&server.state.sync, &create_work_order(id, "Ours")).await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    for (path, code) in [
        ("/api/work-orders?limit=0", "invalid_limit"),
        ("/api/work-orders?limit=many", "bad_request"),
        ("/api/work-orders?after=x", "bad_request"),
        ("/api/work-orders?status=finished", "unknown_status"),
        ("/api/work-orders/x", "bad_request"),
        ("/api/work-orders/00000000-0000-0000-0000-000000000000", "not_found"),
    ] {
        assert_eq!(client.get(path).await.problem_code(), code, "{path}");
    }
    for search in ["%00", "%27%27", ":*", "a%20%26%20!", "%F0%9F%94%A7"] {
        let answer = client.get(&format!("/api/work-orders?search={search}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{search}: {answer:?}");
    }
    let complete = json!({ "on": "work_order", "do": "change_status", "id": id, "event": new_record(), "to": "verified" });
    for (command, status, code) in [
        (json!({ "on": "nothing" }), StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
        (json!({ "on": "work_order", "do": "create" }), StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
        (json!(create_work_order(new_document(), "  ")), StatusCode::UNPROCESSABLE_ENTITY, "value"),
        (json!(create_work_order(id, "Again")), StatusCode::CONFLICT, "already_exists"),
        (complete, StatusCode::CONFLICT, "rule"),
        (
            json!({ "on": "work_order", "do": "start_timer", "id": new_document() }),
            StatusCode::NOT_FOUND,
            "unknown_document",
        ),
        (
            json!({ "on": "work_order", "do": "correct_status", "id": id, "event": new_record(), "to": "closed" }),
            StatusCode::FORBIDDEN,
            "not_permitted",
        ),
    ] {
        let answer = client.post("/api/commands", &json!({ "command": command })).await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (status, code), "{command}");
    }
}

#[tokio::test]
async fn a_search_finds_nothing_of_other_organisations() {
    let (server, mut ann) = site().await;
    ann.act(&server.state.sync, &create_work_order(new_document(), "Hoist")).await;
    let mut other = Hand::sign_in(&server, "other", "ann@demo.example").await;
    other.act(&server.state.sync, &create_work_order(new_document(), "Hoist of others")).await;
    let mut transaction =
        sync_server::database::tenant_transaction(&server.state.pool, ann.organisation).await.unwrap();
    let found: Vec<uuid::Uuid> = sqlx::query_scalar("select work_orders_matching('hoist:*')")
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(found.len(), 1, "of this organisation only");
}
