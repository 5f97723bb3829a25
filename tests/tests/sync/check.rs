//! A device compares its copy with the server's. An equal one is only told so, whatever the rights; what a disk lost
//! without a word is put right.

use maintainpro_tests::device::{DeviceStore, StoredCopy};
use maintainpro_tests::hand::{
    Hand, create_storeroom, edit_work_order, new_document, new_record, new_work_order,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::{Document, DocumentKind};
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment, cost};
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Role};
use shared_model::units::{Currency, Money};

/// A manager with thirty work orders that have a history, remarks and costs; a contractor has every third of them.
async fn site() -> (TestServer, Hand, Vec<DocumentId>) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Manager).await;
    let (role, limit) = (Role::Contractor, GrantLimit::Own);
    let cleo = create_limited_person(&server.database, organisation, "cleo@demo.example", role, limit).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let node = &server.state.sync;
    let ids: Vec<DocumentId> = (0..30).map(|_| new_document()).collect();
    for (number, id) in ids.iter().enumerate() {
        let mut new = new_work_order(*id, &format!("Job {number}"));
        if number % 3 == 0 {
            (new.people, new.assigned_event) = (vec![cleo], Some(new_record()));
        }
        ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
        ann.act(node, &retitle(*id, &format!("Job {number}, today"))).await;
        ann.act(node, &remark(*id)).await;
        ann.act(node, &spend(*id)).await;
    }
    ann.act(node, &create_storeroom(new_document(), "Main store")).await;
    (server, ann, ids)
}

fn retitle(id: DocumentId, title: &str) -> Command {
    edit_work_order(id, vec![FieldEdit::Title(title.to_owned())])
}

fn remark(document: DocumentId) -> Command {
    let (id, kind, text) = (new_record(), DocumentKind::WorkOrder, "Looked at it".to_owned());
    Command::Comment(comment::Command::Add { id, document, kind, text })
}

fn spend(document: DocumentId) -> Command {
    let money = Money::parse("123.45", Currency::EUR).unwrap();
    let entry = cost::CostEntry { money, kind: cost::CostKind::Service, note: None, external: None };
    let (id, kind) = (new_record(), DocumentKind::WorkOrder);
    Command::Cost(cost::Command::Enter { id, document, kind, entry })
}

/// Asks whether the copy is right, and waits for the end of it. Returns whether anything had to be put right.
async fn compare(device: &mut HeadlessDevice) -> bool {
    device.until_settled().await;
    let before = device.look(|device| (device.session.standing().checked, device.actor()));
    device.check_copy();
    let is_done = |checked| checked > before.0;
    device.until("compared", |device| is_done(device.session.standing().checked)).await;
    device.until_settled().await;
    // Whoever builds a document anew goes on under a fresh actor.
    device.look(|device| device.actor() != before.1)
}

async fn signed_in(server: &TestServer, email: &str) -> HeadlessDevice {
    HeadlessDevice::start(Account::sign_in(server, "demo", email).await)
}

fn contents(store: &DeviceStore) -> Vec<(DocumentId, Vec<automerge::ChangeHash>, Vec<Vec<u8>>)> {
    let contents = store.documents.iter().map(|(id, copy)| {
        let document = Document::load(copy.kind, &copy.bytes).unwrap();
        (*id, document.heads(), copy.records.clone())
    });
    contents.collect()
}

#[tokio::test]
async fn an_equal_copy_is_only_told_so_whatever_the_rights() {
    let (server, mut ann, ids) = site().await;
    for (email, documents) in [("ann@demo.example", 31), ("cleo@demo.example", 10)] {
        let mut device = signed_in(&server, email).await;
        device.until_settled().await;
        assert_eq!(device.look(|device| device.store.documents.len()), documents);
        assert!(!compare(&mut device).await, "{email}");
        ann.act(&server.state.sync, &retitle(ids[0], &format!("Meanwhile, {email}"))).await;
        ann.act(&server.state.sync, &spend(ids[0])).await;
        assert!(!compare(&mut device).await, "{email}, after the feed went on");
    }
}

#[tokio::test]
async fn what_a_disk_lost_without_a_word_is_put_right() {
    let (server, mut ann, ids) = site().await;
    let mut device = signed_in(&server, "ann@demo.example").await;
    device.until_settled().await;
    let whole = device.look(|device| contents(&device.store));
    let (account, mut store) = device.kill().await;

    store.documents.remove(&ids[1]);
    store.documents.get_mut(&ids[2]).unwrap().records.pop();
    older(store.documents.get_mut(&ids[3]).unwrap());
    store.documents.get_mut(&ids[4]).unwrap().bytes[40] ^= 1;
    let mut device = HeadlessDevice::start_with(account, store, None);
    assert!(compare(&mut device).await);
    assert_eq!(device.look(|device| contents(&device.store)), whole);
    assert!(!compare(&mut device).await, "it is right now");

    // And it goes on from there.
    ann.act(&server.state.sync, &retitle(ids[3], "Better")).await;
    device.execute(&retitle(ids[4], "Mine")).unwrap();
    device.until_settled().await;
    assert!(!compare(&mut device).await);
}

#[tokio::test]
async fn a_document_that_should_have_left_goes_and_unsent_work_stays() {
    let (server, _, ids) = site().await;
    let manager = signed_in(&server, "ann@demo.example").await;
    let mut manager = manager;
    manager.until_settled().await;
    let foreign = manager.look(|device| device.store.documents[&ids[1]].clone());
    let mut device = signed_in(&server, "cleo@demo.example").await;
    device.until_settled().await;
    let whole = device.look(|device| contents(&device.store));
    device.unplug();
    device.execute(&remark(ids[0])).unwrap();
    let (account, mut store) = device.kill().await;
    store.documents.insert(ids[1], foreign);
    store.documents.remove(&ids[3]);

    let mut device = HeadlessDevice::start_with(account, store, None);
    assert!(compare(&mut device).await);
    let now = device.look(|device| contents(&device.store));
    let ids_of = |contents: &[(DocumentId, _, _)]| contents.iter().map(|(id, ..)| *id).collect::<Vec<_>>();
    assert_eq!(ids_of(&now), ids_of(&whole));
    let remarks = |contents: &[(DocumentId, _, Vec<Vec<u8>>)]| -> usize {
        contents.iter().map(|(_, _, records)| records.len()).sum()
    };
    assert_eq!(remarks(&now), remarks(&whole) + 1, "what was said offline is there");
    assert_eq!(device.look(|device| device.store.attention.len()), 0);
}

/// The document without its last change.
fn older(copy: &mut StoredCopy) {
    let mut changes = Document::load(copy.kind, &copy.bytes).unwrap().changes_since(&[]);
    changes.pop();
    let mut document = Document::new(copy.kind);
    document.apply(changes).unwrap();
    copy.bytes = document.save();
}
