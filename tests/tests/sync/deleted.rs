//! A document that was deleted stays deleted, whoever comes for it and however late; and comes back whole when it is
//! restored.

pub(super) mod operator;
mod refused;

use std::collections::BTreeMap;

use automerge::ChangeHash;
use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{
    Hand, accepted, change_status, create_work_order, edit_work_order, new_document, new_record, rejected,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::work_order::{FieldEdit, Status};
use shared_model::features::{Command, comment, work_order};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Role;
use shared_model::sync_protocol::Link;
use sync_server::projection::{Difference, rebuild, verify};
use sync_server::sync::deletions::{Fate, Outcome, Requester};

pub(super) const ANN: &str = "ann@demo.example";
pub(super) const TOM: &str = "tom@demo.example";

/// A server with a manager and a technician.
pub(super) struct Site {
    pub(super) server: TestServer,
    pub(super) organisation: OrganisationId,
}

impl Site {
    pub(super) async fn open() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, ANN, Role::Manager).await;
        create_person(&server.database, organisation, TOM, Role::Technician).await;
        Self { server, organisation }
    }

    pub(super) async fn device(&self, email: &str) -> HeadlessDevice {
        HeadlessDevice::start(Account::sign_in(&self.server, "demo", email).await)
    }

    pub(super) async fn client(&self, email: &str) -> Client {
        self.server.sign_in("demo", email).await
    }

    pub(super) async fn decide(&self, document: DocumentId, fate: Fate) -> Outcome {
        let operator = Requester { grants: None, device: None };
        self.server.state.sync.decide_existence(self.organisation, document, fate, operator).await.unwrap()
    }

    /// Everything derived is as the feed says, and a rebuild changes nothing.
    pub(super) async fn check(&self) {
        let pool = &self.server.state.pool;
        let nothing: [Difference; 0] = [];
        assert_eq!(verify(pool, self.organisation, |_| {}).await.unwrap(), nothing);
        rebuild(pool, self.organisation, |_| {}).await.unwrap();
        assert_eq!(verify(pool, self.organisation, |_| {}).await.unwrap(), nothing);
    }

    pub(super) async fn count(&self, query: &'static str) -> i64 {
        let mut connection = self.server.database.superuser().await;
        sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
    }
}

async fn delete(client: &mut Client, document: DocumentId) -> Answer {
    client.call(Method::DELETE, &format!("/api/documents/{document}")).await
}

pub(super) fn remark(document: DocumentId, text: &str) -> Command {
    let (id, text) = (new_record(), text.to_owned());
    Command::Comment(comment::Command::Add { id, document, kind: DocumentKind::WorkOrder, text })
}

fn describe(document: DocumentId, text: &str) -> Command {
    let edit = TextEdit::over(String::new(), format!("{text}\n"));
    edit_work_order(document, vec![FieldEdit::Description(edit)])
}

pub(super) async fn until_away(device: &mut HeadlessDevice) {
    device.unplug();
    device.until("away", |device| matches!(device.session.status().link, Link::Offline { .. })).await;
}

pub(super) fn holds(device: &mut Device, id: DocumentId) -> bool {
    device.store.documents.contains_key(&id) || device.store.rows.contains_key(&id)
}

pub(super) fn heads(device: &mut Device) -> BTreeMap<DocumentId, Vec<ChangeHash>> {
    let ids: Vec<DocumentId> = device.store.documents.keys().copied().collect();
    ids.into_iter().map(|id| (id, device.aggregate(id).unwrap().document.heads())).collect()
}

/// What waits under *needs attention*, as it was meant.
pub(super) fn attention(device: &mut Device) -> Vec<Command> {
    let entries = device.store.attention.iter();
    entries.map(|aside| serde_json::from_slice(&aside.entry.command.intent).unwrap()).collect()
}

/// An order with a history, and another one; on the devices of both.
pub(super) async fn with_orders(site: &Site) -> (HeadlessDevice, HeadlessDevice, DocumentId, DocumentId) {
    let (mut ann, mut tom) = (site.device(ANN).await, site.device(TOM).await);
    let (order, other) = (new_document(), new_document());
    ann.execute(&create_work_order(order, "Typed twice")).unwrap();
    ann.execute(&describe(order, "Pump 7 drips")).unwrap();
    ann.execute(&remark(order, "Since Monday")).unwrap();
    ann.execute(&change_status(order, Status::InProgress)).unwrap();
    ann.execute(&create_work_order(other, "Fan is loud")).unwrap();
    ann.until_settled().await;
    let whole = |device: &mut Device| {
        let there =
            |id| device.aggregate(id).is_some_and(|order| !work_order::read(order).number.starts_with('~'));
        [order, other].into_iter().all(there)
    };
    tom.until("told of the orders", whole).await;
    tom.until_settled().await;
    (ann, tom, order, other)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_late_brings_nothing_back_and_loses_nothing() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, other) = with_orders(&site).await;
    until_away(&mut tom).await;
    let late = [
        edit_work_order(order, vec![FieldEdit::Title("Pump 7 leaks".to_owned())]),
        remark(order, "Oil on the floor"),
    ];
    for command in &late {
        tom.execute(command).unwrap();
    }
    tom.execute(&edit_work_order(other, vec![FieldEdit::Title("Fan rattles".to_owned())])).unwrap();
    let before = ann.look(heads);

    let answer = delete(&mut site.client(ANN).await, order).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    ann.until("rid of the order", |device| !holds(device, order)).await;
    ann.until_settled().await;
    let of_order =
        "select count(*) from feed where doc_id = (select doc_id from document where deleted_at is not null)";
    let rows = site.count(of_order).await;
    for table in ["select count(*) from comment", "select count(*) from status_event"] {
        assert_eq!(site.count(table).await, 0, "{table}");
    }
    assert_eq!(site.count("select count(*) from document_row").await, 1);
    site.check().await;

    tom.plug_in();
    tom.until_settled().await;
    assert!(!tom.look(|device| holds(device, order)));
    assert_eq!(tom.look(attention), late, "what he did is there to be exported");
    let codes = tom.look(|device| device.store.refused.values().cloned().collect::<Vec<_>>());
    assert!(!codes.is_empty() && codes.iter().all(|code| code.starts_with("document_deleted")), "{codes:?}");
    assert!(tom.look(|device| device.store.receipts.iter().all(|receipt| receipt.document() != order)));
    let title = |device: &mut Device| work_order::read(device.aggregate(other).unwrap()).title;
    assert_eq!(tom.look(title), "Fan rattles", "other work goes on");
    assert_eq!(site.count(of_order).await, rows, "nothing was added to it");
    site.check().await;

    let mut fresh = site.device(TOM).await;
    fresh.until_settled().await;
    assert_eq!(fresh.look(heads), tom.look(heads));
    assert!(!fresh.look(|device| holds(device, order)));

    assert!(matches!(site.decide(order, Fate::Restored).await, Outcome::Done(_)));
    for device in [&mut ann, &mut tom, &mut fresh] {
        let is_back = |device: &mut Device| {
            let Some(order) = device.aggregate(order).map(work_order::read) else { return false };
            let said: Vec<String> = order.comments.into_iter().map(|comment| comment.text).collect();
            (order.status, order.description.as_str()) == (Status::InProgress, "Pump 7 drips\n")
                && said == ["Since Monday"]
        };
        device.until("the order is back", is_back).await;
        device.until_settled().await;
        assert_eq!(device.look(heads)[&order], before[&order], "with its whole history");
    }
    site.check().await;
    ann.execute(&remark(order, "So it is another one")).unwrap();
    tom.until("told of the remark", |device| {
        let order = work_order::read(device.aggregate(order).unwrap());
        order.comments.len() == 2
    })
    .await;
    site.check().await;
}

/// Deletion and restoration between two looks of a device that was away.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_missed_both_ends_with_the_document_and_its_own_work_in_it() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    until_away(&mut tom).await;
    tom.execute(&remark(order, "Oil on the floor")).unwrap();
    assert!(matches!(site.decide(order, Fate::Deleted).await, Outcome::Done(_)));
    ann.until("rid of the order", |device| !holds(device, order)).await;
    assert!(matches!(site.decide(order, Fate::Restored).await, Outcome::Done(_)));
    tom.plug_in();
    let is_told = |device: &mut Device| {
        device.aggregate(order).is_some_and(|order| work_order::read(order).comments.len() == 2)
    };
    for device in [&mut ann, &mut tom] {
        device.until("told of the remark", is_told).await;
        device.until_settled().await;
        assert!(device.look(|device| device.store.attention.is_empty()));
    }
    assert_eq!(ann.look(heads), tom.look(heads));
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_command_before_a_deletion_is_in_and_the_first_after_it_is_not() {
    let site = Site::open().await;
    let other = TestServer::start_on(&site.server.database).await;
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    for round in 0..5 {
        let order = new_document();
        ann.act(&site.server.state.sync, &create_work_order(order, "Typed twice")).await;
        let commands: Vec<_> = (0..40).map(|n| ann.make(&remark(order, &format!("Remark {n}")))).collect();
        let push = async {
            let mut results = Vec::new();
            for command in commands {
                results.push(ann.push(&site.server.state.sync, vec![command]).await.remove(0));
            }
            results
        };
        let operator = Requester { grants: None, device: None };
        let deletion = async {
            // In the midst of it, at the other node.
            let mut head = other.state.sync.wake().subscribe(site.organisation);
            for _ in 0..=round * 2 {
                head.changed().await.unwrap();
            }
            other.state.sync.decide_existence(site.organisation, order, Fate::Deleted, operator).await
        };
        let (results, deleted) = tokio::join!(push, deletion);
        let Outcome::Done(at) = deleted.unwrap() else { panic!("not deleted") };
        let first = results
            .iter()
            .position(|result| matches!(result, shared_model::sync_protocol::CommandResult::Rejected { .. }));
        let (before, after) = results.split_at(first.unwrap_or(results.len()));
        assert!(before.iter().cloned().flat_map(accepted).all(|seq| seq < at));
        assert!(after.iter().all(|result| rejected(result) == "document_deleted"), "{after:?}");
    }
    site.check().await;
}
