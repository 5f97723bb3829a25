//! A field that came after the first release: whoever writes it first brings its schema step along, to a server that
//! knows it.

use axum::http::StatusCode;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{Hand, accepted, create_work_order, edit_work_order, new_document, rejected};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::document::step;
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::identity::DocumentId;
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, PushedItem};
use sync_server::projection::{rebuild, verify};

fn resolve(id: DocumentId, text: &str) -> Command {
    edit_work_order(id, vec![FieldEdit::Resolution(text.into())])
}

fn resolution(device: &mut Device, id: DocumentId) -> String {
    device.aggregate(id).map(|order| work_order::read(order).resolution).unwrap_or_default()
}

async fn people(server: &TestServer) {
    let organisation = create_organisation(&server.database, "acme").await;
    for email in ["ann@acme.example", "bob@acme.example"] {
        create_person(&server.database, organisation, email, Role::Technician).await;
    }
}

/// Ann's and Bob's devices with the same order, nothing said yet about what was done.
async fn two_hands(server: &TestServer) -> (Hand, Hand, DocumentId) {
    people(server).await;
    let mut ann = Hand::sign_in(server, "acme", "ann@acme.example").await;
    let mut bob = Hand::sign_in(server, "acme", "bob@acme.example").await;
    let id = new_document();
    ann.act(&server.state.sync, &create_work_order(id, "Pump 7 leaks")).await;
    bob.receive(&ann, id);
    (ann, bob, id)
}

async fn steps_in_feed(server: &TestServer) -> i64 {
    let mut connection = server.database.superuser().await;
    sqlx::query_scalar("select count(*) from feed where actor = $1")
        .bind(step::actor(1).as_bytes().as_slice())
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

async fn assert_rebuild_equals(server: &TestServer, hand: &Hand) {
    let pool = &server.state.pool;
    assert_eq!(verify(pool, hand.organisation, |_| {}).await.unwrap(), []);
    rebuild(pool, hand.organisation, |_| {}).await.unwrap();
    assert_eq!(verify(pool, hand.organisation, |_| {}).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_say_first_what_was_done_unplugged_and_both_are_heard() {
    let server = TestServer::start().await;
    people(&server).await;
    let ann = Account::sign_in(&server, "acme", "ann@acme.example").await;
    let bob = Account::sign_in(&server, "acme", "bob@acme.example").await;
    let (mut ann, mut bob) = (HeadlessDevice::start(ann), HeadlessDevice::start(bob));
    ann.until_settled().await;
    let id = new_document();
    ann.execute(&create_work_order(id, "Pump 7 leaks")).unwrap();
    bob.until("told of the work order", |device| device.aggregate(id).is_some()).await;

    ann.unplug();
    bob.unplug();
    ann.execute(&resolve(id, "seal replaced\n")).unwrap();
    bob.execute(&resolve(id, "bolts tightened\n")).unwrap();
    let brought_along = |device: &mut Device| device.store.outbox.last().unwrap().command.items.len();
    assert_eq!((ann.look(brought_along), bob.look(brought_along)), (2, 2));
    ann.plug_in();
    bob.plug_in();

    let whole = |device: &mut Device| {
        let text = resolution(device, id);
        text.contains("seal replaced\n") && text.contains("bolts tightened\n")
    };
    ann.until("complete", whole).await;
    bob.until("complete", whole).await;
    ann.until_settled().await;
    bob.until_settled().await;
    let heads = |device: &mut Device| device.aggregate(id).unwrap().document.heads();
    assert_eq!(ann.look(heads), bob.look(heads));
    assert!(ann.look(|device| device.store.attention.is_empty()));
    assert!(bob.look(|device| device.store.attention.is_empty()));
    assert_eq!(steps_in_feed(&server).await, 1);

    // A device that comes later gets it all in a snapshot.
    let late = Account::sign_in(&server, "acme", "bob@acme.example").await;
    let mut late = HeadlessDevice::start(late);
    late.until("complete", whole).await;
    assert_eq!(late.look(heads), ann.look(heads));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_keeps_a_step_once_whichever_node_it_reaches() {
    let server = TestServer::start().await;
    let (mut ann, mut bob, id) = two_hands(&server).await;
    let other = TestServer::start_on(&server.database).await;
    let (by_ann, by_bob) =
        (ann.make(&resolve(id, "seal replaced\n")), bob.make(&resolve(id, "bolts tightened\n")));
    let (first, second) = tokio::join!(
        ann.push(&server.state.sync, vec![by_ann.clone()]),
        bob.push(&other.state.sync, vec![by_bob.clone()]),
    );
    for result in [&first[0], &second[0]] {
        assert_eq!(
            accepted(result.clone()).len(),
            2,
            "the step and what was written, whoever brought the step"
        );
    }
    assert_eq!(steps_in_feed(&server).await, 1);
    let again = bob.push(&server.state.sync, vec![by_bob]).await;
    assert!(matches!(again[..], [CommandResult::Duplicate { .. }]), "{again:?}");

    let mut connection = server.database.superuser().await;
    let (text, found): (String, bool) = sqlx::query_as(
        "select resolution, words @@ to_tsquery('simple', 'tightened & replaced')
         from work_order join work_order_words using (organization_id, work_order_id)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert!(text.contains("seal replaced\n") && text.contains("bolts tightened\n"), "{text}");
    assert!(found);
    let strangers: i64 = sqlx::query_scalar("select count(*) from actor where actor_id = $1")
        .bind(step::actor(1).as_bytes().as_slice())
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(strangers, 0, "nobody is bound to the step's actor");
    assert_rebuild_equals(&server, &ann).await;
}

/// Snapshots are written now and then; a node that starts anew reads them.
#[tokio::test]
async fn a_snapshot_carries_the_step() {
    let server = TestServer::start().await;
    let (mut ann, _, id) = two_hands(&server).await;
    let mut text = String::new();
    for n in 0..40 {
        text += &format!("line {n}\n");
        ann.act(&server.state.sync, &resolve(id, &text)).await;
    }
    let mut connection = server.database.superuser().await;
    let snapshots: i64 = sqlx::query_scalar("select count(*) from document where snapshot_seq > 3")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(snapshots, 1);
    let fresh = TestServer::start_on(&server.database).await;
    text += "after\n";
    assert_eq!(ann.act(&fresh.state.sync, &resolve(id, &text)).await.len(), 1, "no second step");
    assert_rebuild_equals(&fresh, &ann).await;
}

#[tokio::test]
async fn a_command_over_rest_brings_the_step_along() {
    let server = TestServer::start().await;
    let (ann, _, id) = two_hands(&server).await;
    let mut client = server.sign_in("acme", "bob@acme.example").await;
    for text in ["seal replaced", "seal replaced, tested"] {
        let answer = client.post("/api/commands", &json!({ "command": resolve(id, text) })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
        let shown = client.get(&format!("/api/work-orders/{id}")).await.json();
        assert_eq!(shown["resolution"], text);
    }
    assert_eq!(steps_in_feed(&server).await, 1);
    assert_rebuild_equals(&server, &ann).await;
}

#[tokio::test]
async fn nothing_but_the_very_step_passes_under_its_name() {
    let server = TestServer::start().await;
    let (mut ann, bob, id) = two_hands(&server).await;
    let pushed = ann.make(&resolve(id, "seal replaced\n"));
    let mut tampered = pushed.clone();
    let PushedItem::Change { bytes, .. } = &mut tampered.items[0] else { panic!("a step comes first") };
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(rejected(&ann.push(&server.state.sync, vec![tampered]).await[0]), "checksum");

    let mut forger = bob.clone();
    forger.actor = step::actor(1);
    let forged = forger.make(&edit_work_order(id, vec![FieldEdit::Title("Mine".to_owned())]));
    assert_eq!(rejected(&bob.push(&server.state.sync, vec![forged]).await[0]), "reserved_actor");
    assert_eq!(steps_in_feed(&server).await, 0);
    accepted(ann.push(&server.state.sync, vec![pushed]).await.remove(0));
}

/// A device does not know what the server knows before it has heard so, and then remembers it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_field_waits_for_a_server_that_knows_it() {
    let server = TestServer::start().await;
    people(&server).await;
    let id = new_document();
    let mut device = HeadlessDevice::start(Account::sign_in(&server, "acme", "ann@acme.example").await);
    device.until_settled().await;
    device.execute(&create_work_order(id, "Pump 7 leaks")).unwrap();
    device.until_settled().await;
    device.unplug();
    assert_eq!(device.look(|device| device.store.standing.schema), step::SCHEMA);

    // As if the last Welcome had come from a server of before.
    device.look(|device| device.store.standing.schema = 0);
    let refusal = device.execute(&resolve(id, "seal replaced\n")).unwrap_err();
    assert_eq!(refusal.code(), "server_too_old");
    assert!(device.look(|device| device.store.outbox.is_empty() && resolution(device, id).is_empty()));
    let title = edit_work_order(id, vec![FieldEdit::Title("Pump 7 leaks badly".to_owned())]);
    assert!(device.execute(&title).unwrap().is_some(), "everything else goes on");

    let (account, store) = device.kill().await;
    let mut device = HeadlessDevice::start_with(account, store, None);
    device.until_settled().await;
    device.execute(&resolve(id, "seal replaced\n")).unwrap();
    device.until_settled().await;
    assert_eq!(steps_in_feed(&server).await, 1);
}
