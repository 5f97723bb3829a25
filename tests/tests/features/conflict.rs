//! Concurrent values: listed with who wrote them where, until somebody settles the field.

use maintainpro_tests::hand::{Hand, create_work_order, edit_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::document::{DocumentKind, FieldValue};
use shared_model::features::work_order::{FieldEdit, Priority};
use shared_model::features::{Command, conflict};
use shared_model::permission::Role;

#[tokio::test]
async fn both_values_are_listed_until_one_is_kept() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    for email in ["ann@demo.example", "bob@demo.example"] {
        create_person(&server.database, organisation, email, Role::Technician).await;
    }
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
    let id = new_document();
    let node = &server.state.sync;
    ann.act(node, &create_work_order(id, "Argue")).await;
    bob.receive(&ann, id);
    ann.act(node, &edit_work_order(id, vec![FieldEdit::Priority(Priority::High)])).await;
    bob.act(node, &edit_work_order(id, vec![FieldEdit::Priority(Priority::Low)])).await;

    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let listed = client.get("/api/conflicts").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["document"], json!(id));
    assert_eq!(listed[0]["field"], "priority");
    let mut people: Vec<&str> = listed[0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value["person"].as_str().unwrap())
        .collect();
    people.sort_unstable();
    let mut both = [ann.person().to_string(), bob.person().to_string()];
    both.sort_unstable();
    assert_eq!(people, both);
    assert!(listed[0]["values"].as_array().unwrap().iter().all(|value| value["device"].is_string()));
    let order = client.get("/api/work-orders").await.json();
    assert_eq!(order["items"][0]["conflicts"], json!(["priority"]));

    let settle = Command::Conflict(conflict::Command::Settle {
        document: id,
        kind: DocumentKind::WorkOrder,
        field: "priority".to_owned(),
        value: FieldValue::Str("low".to_owned()),
        decision: "d1".to_owned(),
    });
    let answer = client.post("/api/commands", &json!({ "command": settle })).await;
    assert_eq!(answer.json()["changed"], true, "{answer:?}");
    assert_eq!(client.get("/api/conflicts").await.json(), json!([]));
    let order = client.get("/api/work-orders").await.json();
    assert_eq!(order["items"][0]["priority"], "low");
}
