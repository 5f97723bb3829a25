//! Devices with real sockets and a real database, interrupted: unplugged, killed between two storing transactions,
//! left alone by their server.

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{create_work_order, edit_work_order, new_document, new_record};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment};
use shared_model::identity::DocumentId;
use shared_model::permission::Role;

fn remark(document: DocumentId, text: &str) -> Command {
    let (id, text) = (new_record(), text.to_owned());
    Command::Comment(comment::Command::Add { id, document, kind: DocumentKind::WorkOrder, text })
}

fn description(device: &mut Device, id: DocumentId) -> String {
    device.aggregate(id).map(|order| work_order::read(order).description).unwrap_or_default()
}

/// The person types one more line.
fn type_line(device: &HeadlessDevice, id: DocumentId, line: &str) {
    let seen = device.look(|device| description(device, id));
    let text = format!("{seen}{line}\n");
    device.execute(&edit_work_order(id, vec![FieldEdit::Description(TextEdit::over(seen, text))])).unwrap();
}

fn remarks(device: &mut Device, id: DocumentId) -> Vec<String> {
    let order = device.aggregate(id).map(work_order::read);
    let mut texts: Vec<String> =
        order.into_iter().flat_map(|order| order.comments).map(|comment| comment.text).collect();
    texts.sort();
    texts
}

async fn two_technicians(server: &TestServer) -> (Account, Account) {
    let organisation = create_organisation(&server.database, "acme").await;
    create_person(&server.database, organisation, "ann@acme.example", Role::Technician).await;
    create_person(&server.database, organisation, "bob@acme.example", Role::Technician).await;
    let ann = Account::sign_in(server, "acme", "ann@acme.example").await;
    (ann, Account::sign_in(server, "acme", "bob@acme.example").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_write_unplugged_is_on_both_devices_afterwards() {
    let server = TestServer::start().await;
    let (ann, bob) = two_technicians(&server).await;
    let (mut ann, mut bob) = (HeadlessDevice::start(ann), HeadlessDevice::start(bob));
    let id = new_document();
    ann.execute(&create_work_order(id, "Pump 7 leaks")).unwrap();
    bob.until("told of the work order", |device| device.aggregate(id).is_some()).await;

    ann.unplug();
    bob.unplug();
    type_line(&ann, id, "the seal is worn");
    type_line(&bob, id, "the bolts are loose");
    ann.execute(&remark(id, "ordered a seal")).unwrap();
    bob.execute(&remark(id, "tightened them")).unwrap();
    assert!(ann.look(|device| !device.store.outbox.is_empty()));
    ann.plug_in();
    bob.plug_in();

    let whole = |device: &mut Device| {
        let text = description(device, id);
        text.contains("the seal is worn\n")
            && text.contains("the bolts are loose\n")
            && remarks(device, id) == ["ordered a seal", "tightened them"]
    };
    ann.until("complete", whole).await;
    bob.until("complete", whole).await;
    ann.until_settled().await;
    bob.until_settled().await;
    let heads = |device: &mut Device| device.aggregate(id).unwrap().document.heads();
    assert_eq!(ann.look(heads), bob.look(heads));
    assert!(ann.look(|device| device.store.attention.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_killed_after_any_storing_transaction_ends_complete() {
    let server = TestServer::start().await;
    let (ann, bob) = two_technicians(&server).await;
    let mut bob = HeadlessDevice::start(bob);
    let ids: Vec<DocumentId> = (0..3).map(|_| new_document()).collect();
    for (id, title) in ids.iter().zip(["Fan", "Gate", "Hoist"]) {
        bob.execute(&create_work_order(*id, title)).unwrap();
    }
    bob.until_settled().await;

    let mut device = HeadlessDevice::start(ann);
    device.until_settled().await;
    let mut said = Vec::new();
    for steps in 0..6 {
        let (account, store) = device.kill().await;
        let doomed = HeadlessDevice::start_with(account, store, Some(steps));
        said.push(format!("ann {steps}"));
        doomed.execute(&remark(ids[0], said.last().unwrap())).unwrap();
        type_line(&doomed, ids[1], &format!("line {steps}"));
        // Every remark of Bob's is one more thing to store, until the power goes; answers are lost with it.
        while !doomed.is_dead() {
            assert!(said.len() < 200, "it does not die");
            said.push(format!("bob {}", said.len()));
            bob.execute(&remark(ids[0], said.last().unwrap())).unwrap();
            bob.until_settled().await;
        }
        let (account, store) = doomed.until_dead().await;
        device = HeadlessDevice::start_with(account, store, None);
        device.until_settled().await;
    }
    said.sort();
    device.until("complete", |device| remarks(device, ids[0]) == said).await;
    bob.until("complete", |device| remarks(device, ids[0]) == said).await;
    let lines = |device: &mut Device| description(device, ids[1]).lines().count();
    bob.until("complete in the text", |device| lines(device) == 6).await;
    assert_eq!(device.look(lines), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_found_again() {
    let database = TestDatabase::create().await;
    let first = TestServer::start_on(&database).await;
    let address = first.address;
    let (ann, _) = two_technicians(&first).await;
    let mut device = HeadlessDevice::start(ann);
    let id = new_document();
    device.execute(&create_work_order(id, "Pump 7 leaks")).unwrap();
    device.until_settled().await;

    first.stop().await;
    device.execute(&remark(id, "nobody is there")).unwrap();
    device.until("alone", |device| !device.session.is_settled()).await;
    let _second = TestServer::start_at(&database, address).await;
    device.plug_in();
    device.until_settled().await;
    assert_eq!(device.look(|device| device.store.acknowledged.len()), 2);
}
