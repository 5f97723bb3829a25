//! Costs over REST: for people who may see them, of documents within their scopes.

use axum::http::StatusCode;
use maintainpro_tests::hand::{Hand, create_asset, create_part, create_work_order, new_document, new_record};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::document::DocumentKind;
use shared_model::features::{Command, cost};
use shared_model::permission::Role;
use shared_model::units::{Currency, Money};

#[tokio::test]
async fn costs_are_listed_for_those_who_may_see_them() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Manager).await;
    create_person(&server.database, organisation, "bob@demo.example", Role::Technician).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let node = &server.state.sync;
    let (order, asset) = (new_document(), new_document());
    ann.act(node, &create_work_order(order, "Overhaul")).await;
    ann.act(node, &create_asset(asset, "P-1")).await;
    ann.act(node, &create_part(new_document(), "6204 2RS")).await;
    for (document, kind, amount) in [
        (order, DocumentKind::WorkOrder, "10.50"),
        (asset, DocumentKind::Asset, "-3"),
        (order, DocumentKind::WorkOrder, "1"),
    ] {
        let money = Money::parse(amount, Currency::EUR).unwrap();
        let entry = cost::CostEntry { money, kind: cost::CostKind::Part, note: None, external: None };
        ann.act(node, &Command::Cost(cost::Command::Enter { id: new_record(), document, kind, entry })).await;
    }
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let all = client.get("/api/costs").await.json();
    let minors: Vec<i64> =
        all["items"].as_array().unwrap().iter().map(|item| item["minor"].as_i64().unwrap()).collect();
    assert_eq!(minors, [1_050, -300, 100]);
    let of_order = client.get(&format!("/api/costs?document={order}&limit=1")).await.json();
    assert_eq!(of_order["items"].as_array().unwrap().len(), 1);
    assert_eq!(of_order["next"], of_order["items"][0]["id"]);

    let mut technician = server.sign_in("demo", "bob@demo.example").await;
    assert_eq!(technician.get("/api/costs").await.status, StatusCode::FORBIDDEN);
    assert_eq!(technician.get("/api/assets?search=p-1").await.json()["items"][0]["id"], json!(asset));
    assert_eq!(technician.get("/api/parts?search=2rs").await.json()["items"][0]["number"], "6204 2RS");
}
