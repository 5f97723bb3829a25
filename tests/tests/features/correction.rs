//! Accept and compensate: what arrives well-formed and makes no sense any more is kept, set right by the server, and
//! told to who did it and to whoever reconciles.

use std::sync::Arc;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    Hand, accepted, change_status, create_part, create_storeroom, create_work_order, deliver, issue,
    new_document, new_record,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::work_order::{self, AttachedChecklist, NoticeKind, Status};
use shared_model::features::{Command, Row, row};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::Role;
use shared_model::workspace::Aggregate;
use sync_server::database::{people, tenant_transaction};
use sync_server::projection::{rebuild, verify};

struct Site {
    database: Arc<TestDatabase>,
    organisation: OrganisationId,
    server: TestServer,
    tom: PersonId,
}

impl Site {
    async fn open() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        for email in ["ann@demo.example", "bob@demo.example"] {
            create_person(&database, organisation, email, Role::Supervisor).await;
        }
        let tom = create_person(&database, organisation, "tom@demo.example", Role::Technician).await;
        let server = TestServer::start_on(&database).await;
        Self { database, organisation, server, tom }
    }

    async fn hand(&self, name: &str) -> Hand {
        Hand::sign_in(&self.server, "demo", &format!("{name}@demo.example")).await
    }

    async fn device(&self, name: &str) -> HeadlessDevice {
        let email = format!("{name}@demo.example");
        HeadlessDevice::start(Account::sign_in(&self.server, "demo", &email).await)
    }

    async fn inbox(&self) -> Value {
        let mut helen = self.server.sign_in("demo", "bob@demo.example").await;
        helen.get("/api/inbox").await.json()
    }

    /// What is projected is what the feed says, also when it is written anew.
    async fn check(&self) {
        let pool = &self.server.state.pool;
        assert_eq!(verify(pool, self.organisation, |_| {}).await.unwrap(), []);
        rebuild(pool, self.organisation, |_| {}).await.unwrap();
        assert_eq!(verify(pool, self.organisation, |_| {}).await.unwrap(), []);
    }
}

fn attach_required(order: DocumentId) -> Command {
    let step = Step {
        key: "s0".to_owned(),
        label: "Guards are back on".to_owned(),
        field: StepField::PassFail,
        required: true,
        condition: None,
        follow_up: false,
        risk: None,
    };
    let (key, title) = ("c0".to_owned(), "Safety".to_owned());
    let checklist = AttachedChecklist { key, template: None, version: 1, title, steps: vec![step] };
    Command::WorkOrder(work_order::Command::AttachChecklist { id: order, checklist })
}

fn assign(order: DocumentId, person: PersonId) -> Command {
    Command::WorkOrder(work_order::Command::Assign {
        id: order,
        add_people: vec![person],
        remove_people: vec![],
        add_teams: vec![],
        remove_teams: vec![],
        event: new_record(),
    })
}

fn notices(order: &Aggregate) -> Vec<(NoticeKind, Option<PersonId>)> {
    let order = work_order::read(order);
    order.notices.iter().map(|line| (line.notice.kind, line.notice.to)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn work_completed_offline_while_a_step_was_added_is_reopened_and_both_sides_are_told() {
    let site = Site::open().await;
    let (mut ann, mut tom) = (site.device("ann").await, site.device("tom").await);
    let order = new_document();
    ann.execute(&create_work_order(order, "Change the belt")).unwrap();
    tom.until("told of the order", |device| device.aggregate(order).is_some()).await;
    tom.execute(&change_status(order, Status::InProgress)).unwrap();
    tom.until_settled().await;
    tom.unplug();
    tom.execute(&change_status(order, Status::Completed)).unwrap();
    ann.execute(&attach_required(order)).unwrap();
    ann.until_settled().await;
    tom.plug_in();

    let told = vec![(NoticeKind::ChecklistIncomplete, Some(site.tom))];
    tom.until("told what is open", |device| device.aggregate(order).is_some_and(|o| notices(o) == told))
        .await;
    tom.until_settled().await;
    assert!(tom.look(|device| device.store.attention.is_empty()), "nothing is refused");
    let shown = tom.look(|device| row(device.aggregate(order).unwrap()));
    let Row::WorkOrder(shown) = shown else { panic!("{shown:?}") };
    assert_eq!((shown.status, shown.notices), (Status::InProgress, 1));

    let inbox = site.inbox().await;
    let [notice] = inbox["notices"].as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!(notice["kind"], "checklist_incomplete");
    assert_eq!((&notice["detail"], &notice["addressee"]), (&json!("Guards are back on"), &json!(site.tom)));
    site.check().await;

    // Who has dealt with it says so, and everybody's inbox is empty.
    let settle = work_order::Command::SettleNotice {
        id: order,
        record: new_record(),
        notice: serde_json::from_value(notice["id"].clone()).unwrap(),
    };
    ann.until("told as well", |device| device.aggregate(order).is_some_and(|o| !notices(o).is_empty())).await;
    ann.execute(&Command::WorkOrder(settle)).unwrap();
    ann.until_settled().await;
    assert_eq!(site.inbox().await["notices"], json!([]));
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_verifies_their_own_work_by_force_is_set_back_once_whichever_node_hears_it() {
    let site = Site::open().await;
    let second = TestServer::start_on(&site.database).await;
    let mut ann = site.hand("ann").await;
    let node = &site.server.state.sync;
    let order = new_document();
    ann.act(node, &create_work_order(order, "Align the coupling")).await;
    ann.act(node, &change_status(order, Status::InProgress)).await;
    ann.act(node, &change_status(order, Status::Completed)).await;
    let verify = ann.state_status(order, Status::Verified);
    let close = ann.state_status(order, Status::Closed);
    let both = vec![verify, close];
    // The device sends it to both nodes at once, because an answer was lost.
    let (one, other) = tokio::join!(ann.push(node, both.clone()), ann.push(&second.state.sync, both.clone()));
    assert_eq!((one.len(), other.len()), (2, 2));
    ann.push(node, both).await;

    let inbox = site.inbox().await;
    let [notice] = inbox["notices"].as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!((&notice["kind"], &notice["addressee"]), (&json!("self_verified"), &json!(ann.person())));
    let mut bob = site.server.sign_in("demo", "bob@demo.example").await;
    let shown = bob.get(&format!("/api/work-orders/{order}")).await.json();
    assert_eq!(shown["status"], "completed", "{shown}");
    assert_eq!(shown["notices"].as_array().unwrap().len(), 1);
    // Somebody else verifies, and that holds.
    let verify = json!({ "command": change_status(order, Status::Verified) });
    assert_eq!(bob.post("/api/commands", &verify).await.json()["changed"], true);
    assert_eq!(bob.get(&format!("/api/work-orders/{order}")).await.json()["status"], "verified");
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_completed_does_not_close_it_past_the_verification() {
    let site = Site::open().await;
    let mut ann = site.hand("ann").await;
    let node = &site.server.state.sync;
    let order = new_document();
    ann.act(node, &create_work_order(order, "Tighten the belt")).await;
    ann.act(node, &change_status(order, Status::InProgress)).await;
    ann.act(node, &change_status(order, Status::Completed)).await;

    // Asked for over REST, it is refused, whoever asks.
    let hand_in = async |name: &str, to: Status| {
        let mut client = site.server.sign_in("demo", &format!("{name}@demo.example")).await;
        client.post("/api/commands", &json!({ "command": change_status(order, to) })).await
    };
    for name in ["ann", "bob"] {
        let answer = hand_in(name, Status::Closed).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["refusal"]),
            (409, &json!("transition_not_allowed"))
        );
    }

    // Stated by force, it is kept, changes nothing and is told.
    let close = ann.state_status(order, Status::Closed);
    accepted(ann.push(node, vec![close]).await.remove(0));
    let inbox = site.inbox().await;
    let [notice] = inbox["notices"].as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!((&notice["kind"], &notice["detail"]), (&json!("impossible_step"), &json!("completed closed")));
    assert_eq!(notice["addressee"], json!(ann.person()));
    let mut bob = site.server.sign_in("demo", "bob@demo.example").await;
    assert_eq!(bob.get(&format!("/api/work-orders/{order}")).await.json()["status"], "completed");

    // Somebody else verifies; then whoever completed it may close it.
    for (name, to) in [("bob", Status::Verified), ("ann", Status::Closed)] {
        assert_eq!(hand_in(name, to).await.json()["changed"], true);
        assert_eq!(bob.get(&format!("/api/work-orders/{order}")).await.json()["status"], to.code());
    }
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_impossible_is_kept_and_told() {
    let site = Site::open().await;
    let mut ann = site.hand("ann").await;
    let node = &site.server.state.sync;
    let order = new_document();
    ann.act(node, &create_work_order(order, "Grease")).await;
    let close = ann.state_status(order, Status::Closed);
    accepted(ann.push(node, vec![close]).await.remove(0));
    let inbox = site.inbox().await;
    let [notice] = inbox["notices"].as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!((&notice["kind"], &notice["detail"]), (&json!("impossible_step"), &json!("new closed")));
    let mut client = site.server.sign_in("demo", "ann@demo.example").await;
    assert_eq!(client.get(&format!("/api/work-orders/{order}")).await.json()["status"], "new");
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_given_to_somebody_who_left_is_taken_back() {
    let site = Site::open().await;
    let mut tom = site.device("tom").await;
    let mut ann = site.hand("ann").await;
    let node = &site.server.state.sync;
    let order = new_document();
    ann.act(node, &create_work_order(order, "Replace the filter")).await;
    tom.until_settled().await;
    let mut transaction = tenant_transaction(&site.server.state.pool, site.organisation).await.unwrap();
    people::set_active(&mut transaction, site.organisation, site.tom, false).await.unwrap();
    transaction.commit().await.unwrap();

    ann.act(node, &assign(order, site.tom)).await;
    let inbox = site.inbox().await;
    let [notice] = inbox["notices"].as_array().unwrap().as_slice() else { panic!("{inbox}") };
    assert_eq!(notice["kind"], "inactive_assignee");
    assert_eq!((&notice["person"], &notice["addressee"]), (&json!(site.tom), &json!(ann.person())));
    let mut client = site.server.sign_in("demo", "ann@demo.example").await;
    let shown = client.get(&format!("/api/work-orders/{order}")).await.json();
    assert_eq!((&shown["people"], &shown["status"]), (&json!([]), &json!("new")), "{shown}");
    // It came to them and left again, as far as the feed tells.
    let mut connection = site.database.superuser().await;
    let theirs = format!("person:{}", site.tom);
    let ways: Vec<(bool, bool)> = sqlx::query_as(
        "select $1 = any (scopes_before), $1 = any (scopes_after) from feed
         where ($1 = any (scopes_before)) <> ($1 = any (scopes_after)) order by seq",
    )
    .bind(theirs)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(ways, [(false, true), (true, false)]);
    site.check().await;
    // The document is at the version the next edit expects.
    let mut bob = site.device("bob").await;
    bob.until("told of the order", |device| device.aggregate(order).is_some()).await;
    bob.execute(&assign(order, site.tom)).unwrap();
    bob.until_settled().await;
    assert_eq!(site.inbox().await["notices"].as_array().unwrap().len(), 2, "again, and told again");
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_below_zero_is_in_the_inbox_until_it_is_filled_up() {
    let site = Site::open().await;
    create_person(&site.database, site.organisation, "sid@demo.example", Role::Storekeeper).await;
    let mut sid = site.hand("sid").await;
    let node = &site.server.state.sync;
    let (room, part) = (new_document(), new_document());
    sid.act(node, &create_part(part, "6204")).await;
    sid.act(node, &create_storeroom(room, "Main")).await;
    sid.act(node, &issue(room, part, 2)).await;
    let inbox = site.inbox().await;
    let [discrepancy] = inbox["stock_discrepancies"].as_array().unwrap().as_slice() else {
        panic!("{inbox}")
    };
    assert_eq!((&discrepancy["storeroom"], &discrepancy["part"]), (&json!(room), &json!(part)));
    assert_eq!(discrepancy["balance_thousandths"], -2_000);
    sid.act(node, &deliver(room, part, 5)).await;
    assert_eq!(site.inbox().await["stock_discrepancies"], json!([]));

    create_person(&site.database, site.organisation, "rita@demo.example", Role::Requester).await;
    sid.act(node, &issue(room, part, 9)).await;
    let mut rita = site.server.sign_in("demo", "rita@demo.example").await;
    assert_eq!(rita.get("/api/inbox").await.json()["stock_discrepancies"], json!([]), "not theirs to see");
}
