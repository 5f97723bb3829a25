//! Costs over REST: for people who may see them, of documents within their scopes.

use axum::http::StatusCode;
use maintainpro_tests::hand::{
    Hand, create_asset, create_part, create_work_order, new_document, new_record, new_work_order,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::document::DocumentKind;
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::location::{self, NewLocation};
use shared_model::features::work_order::{self, NewWorkOrder};
use shared_model::features::{Command, cost};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Role};
use shared_model::record::RecordKind;
use shared_model::units::{Currency, Money};
use sync_server::projection::{rebuild, verify};

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

fn rate(site: DocumentId, person: Option<PersonId>, amount: &str, from: i64) -> Command {
    let money = Money::parse(amount, Currency::EUR).unwrap();
    let rate = cost::Rate { person, money, from: Timestamp::from_millis(from) };
    Command::Cost(cost::Command::SetRate { id: new_record(), site, rate })
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_cost_what_the_site_pays_and_nobody_else_learns_the_rate() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    let contractor = (Role::Contractor, GrantLimit::Own);
    create_limited_person(&server.database, organisation, "jo@demo.example", contractor.0, contractor.1)
        .await;
    create_person(&server.database, organisation, "bob@demo.example", Role::Technician).await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Manager).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let jo = Account::sign_in(&server, "demo", "jo@demo.example").await;
    let node = &server.state.sync;
    let (site, order) = (new_document(), new_document());
    let name = "Kalgoorlie".to_owned();
    let new = NewLocation { id: site, name, parent: None, site: None, fields: vec![] };
    ann.act(node, &Command::Location(location::Command::Create(Box::new(new)))).await;
    let people = vec![jo.person()];
    let new = NewWorkOrder { site: Some(site), people, ..new_work_order(order, "Overhaul") };
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    for (person, minutes) in [(ann.person(), 90), (jo.person(), 60)] {
        let started = Some(Timestamp::from_millis(1_780_000_000_000));
        let entry = LabourEntry { person, minutes, started, note: None };
        let add = labour_entry::Command::Add { id: new_record(), work_order: order, entry };
        ann.act(node, &Command::LabourEntry(add)).await;
    }
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let cost = client.get(&format!("/api/work-orders/{order}/cost")).await.json();
    assert_eq!((&cost["totals"], &cost["unrated_minutes"]), (&json!([]), &json!(150)), "{cost}");

    // The rates come after the hours; the projections do not mind.
    ann.act(node, &rate(site, None, "48.20", 0)).await;
    ann.act(node, &rate(site, Some(jo.person()), "77.31", 1_735_000_000_000)).await;
    ann.act(node, &rate(site, Some(jo.person()), "99.99", 32_000_000_000_000)).await;
    let cost = client.get(&format!("/api/work-orders/{order}/cost")).await.json();
    let minors: Vec<i64> =
        cost["labour"].as_array().unwrap().iter().map(|l| l["money"]["minor"].as_i64().unwrap()).collect();
    assert_eq!(minors, [7_230, 7_731], "{cost}");
    assert_eq!(cost["totals"], json!([{ "minor": 14_961, "currency": "EUR" }]));
    let rates = client.get(&format!("/api/labour-rates?site={site}")).await.json();
    assert_eq!(rates["items"].as_array().unwrap().len(), 3);
    let before = client.get("/api/labour-rates").await.body;
    rebuild(&server.state.pool, organisation, |_| {}).await.unwrap();
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);
    assert_eq!(client.get("/api/labour-rates").await.body, before);

    let mut bob = server.sign_in("demo", "bob@demo.example").await;
    for path in ["/api/labour-rates".to_owned(), format!("/api/work-orders/{order}/cost")] {
        assert_eq!(bob.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let bob = Account::sign_in(&server, "demo", "bob@demo.example").await;
    for (who, account, documents) in [("jo", jo, vec![order]), ("bob", bob, vec![site, order])] {
        let mut device = HeadlessDevice::start(account);
        device.until("here", |device| documents.iter().all(|id| device.aggregate(*id).is_some())).await;
        device.until_settled().await;
        let records = device.look(|device| {
            let held = documents.iter().filter_map(|id| device.aggregate(*id).cloned()).collect::<Vec<_>>();
            held.iter().flat_map(|held| held.records_of(RecordKind::LabourRate)).count()
        });
        assert_eq!(records, 0, "{who}");
    }
}
