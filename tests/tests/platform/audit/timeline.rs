//! The history of one document: who wrote what and what stood there before, and what it said at a moment, there and on a phone.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    Hand, accepted, change_status, create_work_order, edit_work_order, new_document,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::work_order::{FieldEdit, Priority, Status};
use shared_model::identity::DocumentId;
use shared_model::instant::{HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::permission::{GrantLimit, Role};
use sync_server::app_state::Settings;
use sync_server::clock::{Clock, to_utc};

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);

struct Story {
    server: TestServer,
    ann: Hand,
    bob: Hand,
    order: DocumentId,
    client: Client,
}

/// Ann writes an order at noon.
async fn story() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    create_person(&database, organisation, "bob@demo.example", Role::Supervisor).await;
    let settings = Settings { clock: Clock::manual(NOON), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
    let client = server.sign_in("demo", "ann@demo.example").await;
    let order = new_document();
    ann.act(&server.state.sync, &create_work_order(order, "Pump drips")).await;
    Story { server, ann, bob, order, client }
}

impl Story {
    fn later(&self, millis: i64) {
        self.server.state.clock.advance(millis);
    }

    async fn ask(&mut self, what: &str) -> Answer {
        self.client.get(&format!("/api/documents/{}/{what}", self.order)).await
    }

    async fn timeline(&mut self) -> Vec<Value> {
        let answer = self.ask("timeline").await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["entries"].as_array().unwrap().clone()
    }

    /// As it was so long after noon; of a device, if one is named.
    async fn as_of(&mut self, millis: i64, device: Option<&Hand>) -> Value {
        let at = to_utc(NOON.plus_millis(millis)).format("%Y-%m-%dT%H:%M:%SZ");
        let device =
            device.map(|hand| format!("&device={}", hand.sender.device.unwrap())).unwrap_or_default();
        let answer = self.ask(&format!("as-of?at={at}{device}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }
}

fn priority(priority: Priority) -> Vec<FieldEdit> {
    vec![FieldEdit::Priority(priority)]
}

/// What a field says.
fn says(told: &Value, field: &str) -> Value {
    let lines = told["fields"].as_array().unwrap_or_else(|| panic!("{told}"));
    let line = lines.iter().find(|line| line["field"] == field);
    line.map_or(Value::Null, |line| line["value"]["value"].clone())
}

#[tokio::test]
async fn a_timeline_tells_who_wrote_what_where_and_what_stood_there_before() {
    let mut story = story().await;
    let (node, order) = (story.server.state.sync.clone(), story.order);
    story.later(HOUR_MS);
    story.bob.receive(&story.ann, order);
    story.bob.act(&node, &edit_work_order(order, priority(Priority::Critical))).await;
    story.later(MINUTE_MS);
    story.bob.act(&node, &change_status(order, Status::InProgress)).await;

    let timeline = story.timeline().await;
    let started = &timeline[0];
    assert_eq!(started["what"]["kind"], "stated", "newest first: {timeline:#?}");
    assert_eq!(started["what"]["record"]["record_kind"], "status_event");
    let says = started["what"]["record"]["says"].as_array().unwrap();
    assert!(
        says.contains(&json!({ "field": "to", "value": { "type": "str", "value": "in_progress" } })),
        "{says:?}"
    );
    assert_eq!(started["received_at"], NOON.plus_millis(HOUR_MS + MINUTE_MS).as_millis());

    let hurried = timeline.iter().find(|entry| entry["what"]["changes"].to_string().contains("critical"));
    let hurried = hurried.unwrap_or_else(|| panic!("{timeline:#?}"));
    assert_eq!(
        hurried["what"],
        json!({ "kind": "changed", "changes": [{
            "field": "priority",
            "before": { "type": "str", "value": "medium" },
            "after": { "type": "str", "value": "critical" },
        }]})
    );
    assert_eq!(hurried["person"], story.bob.person().to_string());
    assert_eq!(hurried["device"], story.bob.sender.device.unwrap().to_string());
    assert_eq!(hurried["received_at"], NOON.plus_millis(HOUR_MS).as_millis());
    assert!(hurried["made_at"].is_i64() && hurried["command"].is_string(), "{hurried}");
    let first = timeline.iter().rfind(|entry| entry["what"]["kind"] == "changed").unwrap();
    assert!(first["what"]["changes"].to_string().contains("Pump drips"), "{first}");
    assert_eq!(first["person"], story.ann.person().to_string());
}

#[tokio::test]
async fn pages_of_a_timeline_hold_everything_once() {
    let mut story = story().await;
    let node = story.server.state.sync.clone();
    for priority_now in [Priority::Low, Priority::High, Priority::Low, Priority::Critical] {
        story.ann.act(&node, &edit_work_order(story.order, priority(priority_now))).await;
    }
    let whole = story.timeline().await;
    let (mut paged, mut from) = (Vec::new(), String::new());
    loop {
        let page = story.ask(&format!("timeline?limit=2{from}")).await.json();
        paged.extend(page["entries"].as_array().unwrap().clone());
        let Some(before) = page["before"].as_u64() else { break };
        from = format!("&before={before}");
    }
    assert_eq!(paged, whole);
    assert_eq!(story.ask("timeline?limit=0").await.problem_code(), "invalid_limit");
    assert_eq!(story.ask("as-of?at=yesterday").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_order_is_shown_as_the_server_had_it_at_a_moment() {
    let mut story = story().await;
    let (node, order) = (story.server.state.sync.clone(), story.order);
    story.later(HOUR_MS);
    story.ann.act(&node, &edit_work_order(order, priority(Priority::High))).await;
    story.later(HOUR_MS);
    story.ann.act(&node, &change_status(order, Status::InProgress)).await;

    let before = story.as_of(-HOUR_MS, None).await;
    assert_eq!((before["seq"].as_u64(), &before["fields"]), (Some(0), &json!([])), "it was not there");
    let noon = story.as_of(MINUTE_MS, None).await;
    assert_eq!((says(&noon, "priority"), says(&noon, "title")), (json!("medium"), json!("Pump drips")));
    assert!(!noon["records"].to_string().contains("in_progress"), "{noon}");
    let one = story.as_of(HOUR_MS + MINUTE_MS, None).await;
    assert_eq!(says(&one, "priority"), "high");
    let two = story.as_of(2 * HOUR_MS + MINUTE_MS, None).await;
    assert!(two["records"].to_string().contains("in_progress"), "{two}");
    assert_eq!(two["perhaps"], json!([]));
}

#[tokio::test]
async fn what_a_phone_showed_is_told_as_far_as_it_is_proven_and_what_it_may_have_had_beside() {
    let mut story = story().await;
    let (node, order) = (story.server.state.sync.clone(), story.order);
    // Bob's phone gets the order, goes away, and writes there; Ann writes meanwhile. Hands write by the time of this
    // machine, which is long before the server's noon.
    story.bob.receive(&story.ann, order);
    let away = story.bob.make(&edit_work_order(order, vec![FieldEdit::Title("Pump 7 drips".into())]));
    story.later(HOUR_MS);
    story.ann.act(&node, &edit_work_order(order, priority(Priority::Critical))).await;
    story.later(HOUR_MS);
    accepted(story.bob.push(&node, vec![away]).await.remove(0));

    let bob = story.bob.clone();
    let shown = story.as_of(HOUR_MS + MINUTE_MS, Some(&bob)).await;
    assert_eq!(says(&shown, "title"), "Pump 7 drips", "its own, which the server did not have: {shown}");
    assert_eq!(says(&shown, "priority"), "medium");
    let perhaps = json!([{
        "field": "priority",
        "before": { "type": "str", "value": "medium" },
        "after": { "type": "str", "value": "critical" },
    }]);
    assert_eq!(shown["perhaps"], perhaps, "it was at the server by then");
    let server = story.as_of(HOUR_MS + MINUTE_MS, None).await;
    assert_eq!(says(&server, "title"), "Pump drips");
}

#[tokio::test]
async fn histories_are_for_whoever_reads_the_document_and_of_a_deleted_one_for_whoever_administers() {
    let mut story = story().await;
    let database = story.server.database.clone();
    let limited = GrantLimit::Own;
    create_limited_person(&database, story.ann.organisation, "con@demo.example", Role::Contractor, limited)
        .await;
    let mut stranger = story.server.sign_in("demo", "con@demo.example").await;
    let mut bob = story.server.sign_in("demo", "bob@demo.example").await;
    let paths = [
        format!("/api/documents/{}/timeline", story.order),
        format!("/api/documents/{}/as-of?at=2030-01-01T00:00:00Z", story.order),
    ];
    for path in &paths {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(bob.get(path).await.status, StatusCode::OK);
    }
    let delete = format!("/api/documents/{}", story.order);
    assert_eq!(story.client.call(Method::DELETE, &delete).await.status, StatusCode::NO_CONTENT);
    for path in &paths {
        assert_eq!(bob.get(path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(story.client.get(path).await.status, StatusCode::OK);
    }
    assert_eq!(story.timeline().await[0]["what"]["kind"], "deleted");
}
