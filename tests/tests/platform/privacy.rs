//! What people may ask of whoever keeps their data: all of it as a file, and that it goes.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, create_work_order, new_document};
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::permission::Role;
use sqlx::AssertSqlSafe;
use sync_server::organisation::tables::TABLES;
use sync_server::sync::roots::Rerooted;

const NAME: &str = "Bob Unmistakable";
const EMAIL: &str = "bob.unmistakable@demo.example";

struct Story {
    server: TestServer,
    admin: Client,
    bob: PersonId,
    order: DocumentId,
}

/// Bob has a name, an address and a phone, and wrote a work order and a remark.
async fn story() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    let bob = create_person(&database, organisation, EMAIL, Role::Supervisor).await;
    let server = TestServer::start_on(&database).await;
    let mut admin = server.sign_in("demo", "ann@demo.example").await;
    let name = json!({ "display_name": NAME });
    let answer = admin.give(Method::PATCH, &format!("/api/people/{bob}"), &name).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let device =
        json!({ "id": new_document(), "name": format!("{NAME}'s phone"), "has_deposit_credential": false });
    let sign_in = json!({ "email": EMAIL, "password": PASSWORD, "device": device });
    let mut phone = server.client();
    assert_eq!(phone.post("/api/session", &sign_in).await.status, StatusCode::OK);
    let chosen = json!({ "language": "de", "time_zone": "Pacific/Chatham",
        "quiet_hours": { "from_minute": 1_234, "to_minute": 345 },
        "notifications": { "commented": { "email": true, "push": false } } });
    let answer = phone.give(Method::PATCH, "/api/account/settings", &chosen).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let mut hand = Hand::sign_in(&server, "demo", EMAIL).await;
    let order = new_document();
    hand.act(&server.state.sync, &create_work_order(order, "Pump drips")).await;
    let remark = json!({ "on": "comment", "do": "add", "id": new_document(), "document": order,
        "kind": "work_order", "text": "The seal is worn." });
    hand.act(&server.state.sync, &serde_json::from_value(remark).unwrap()).await;
    Story { server, admin, bob, order }
}

impl Story {
    async fn deactivate(&mut self) {
        let path = format!("/api/people/{}", self.bob);
        let answer = self.admin.give(Method::PATCH, &path, &json!({ "active": false })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    async fn erase(&mut self) -> Answer {
        self.admin.call(Method::POST, &format!("/api/people/{}/erase", self.bob)).await
    }

    async fn hold(&mut self, hold: Value) -> String {
        let answer = self.admin.post("/api/legal-holds", &hold).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Of how many kinds of events Bob chose how to be told; and is nothing else known of what he chose?
    async fn chosen(&self) -> (i64, bool) {
        let mut connection = self.server.database.superuser().await;
        let rows = sqlx::query_scalar("select count(*) from notification_setting where person_id = $1");
        let rows = rows.bind(self.bob.as_uuid()).fetch_one(&mut connection).await.unwrap();
        let is_none = sqlx::query_scalar(
            "select num_nonnulls(chosen_language, time_zone, quiet_from_minute, quiet_to_minute) = 0
             from person where person_id = $1",
        );
        (rows, is_none.bind(self.bob.as_uuid()).fetch_one(&mut connection).await.unwrap())
    }

    /// The tables in which somebody's name or address still stands.
    async fn naming(&self) -> Vec<&'static str> {
        let mut connection = self.server.database.superuser().await;
        let mut found = Vec::new();
        for (table, _) in TABLES {
            for word in ["Unmistakable", "unmistakable"] {
                let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
                let query = format!(
                    "select exists (select from {table} t where t::text like '%{word}%' or t::text like '%{hex}%')"
                );
                let stands: bool =
                    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connection).await.unwrap();
                found.extend(stands.then_some(*table));
            }
        }
        found.dedup();
        found
    }
}

#[tokio::test]
async fn all_that_is_known_of_a_person_is_one_file() {
    let mut story = story().await;
    let answer = story.admin.get(&format!("/api/people/{}/personal-data", story.bob)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"personal-data-"));
    let data = answer.json();
    assert_eq!((&data["person"]["display_name"], &data["person"]["email"]), (&json!(NAME), &json!(EMAIL)));
    assert_eq!(data["identities"][0]["subject"], EMAIL);
    assert_eq!(data["settings"]["time_zone"], "Pacific/Chatham");
    assert_eq!(data["settings"]["quiet_hours"], json!({ "from_minute": 1_234, "to_minute": 345 }));
    assert_eq!(data["settings"]["notifications"]["commented"], json!({ "email": true, "push": false }));
    let names: Vec<&str> =
        data["devices"].as_array().unwrap().iter().map(|device| device["name"].as_str().unwrap()).collect();
    assert!(names.iter().any(|name| name.contains(NAME)), "{names:?}");
    assert_eq!(data["sessions"].as_array().unwrap().len(), 2);
    assert!(data["records"].to_string().contains("The seal is worn."), "{data}");
    assert_eq!((data["changes"].as_u64(), data["is_cut_off"].as_bool()), (Some(1), Some(false)));
    assert!(data["audit"].to_string().contains("signed_in"), "{data}");
    let trail = story.admin.get("/api/audit?action=personal_data_exported").await.json();
    assert_eq!(trail[0]["entry"]["subject"]["id"], story.bob.to_string());
}

#[tokio::test]
async fn an_erased_person_is_nowhere_and_what_they_did_stays_theirs() {
    let mut story = story().await;
    assert!(story.naming().await.contains(&"person"), "the search finds names");
    assert_eq!(story.chosen().await, (1, false));
    assert_eq!(story.erase().await.problem_code(), "person_active");
    story.deactivate().await;
    assert_eq!(story.erase().await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.erase().await.status, StatusCode::NO_CONTENT, "asking twice changes nothing");

    assert_eq!(story.naming().await, Vec::<&str>::new());
    assert_eq!(story.chosen().await, (0, true), "nor is anything known of what they chose");
    let member = story.admin.get(&format!("/api/people/{}", story.bob)).await.json();
    assert_eq!(member["standing"], "erased");
    let pseudonym = member["display_name"].as_str().unwrap().to_owned();
    assert!(pseudonym.starts_with("Person ") && pseudonym.len() == 13, "{pseudonym}");
    let directory = story.admin.get("/api/directory").await.json();
    let people = directory["people"].as_array().unwrap();
    let known = people.iter().find(|person| person["id"] == story.bob.to_string()).unwrap();
    assert_eq!(known["name"], pseudonym, "devices hear of it: {directory}");
    let timeline = story.admin.get(&format!("/api/documents/{}/timeline", story.order)).await.json();
    assert_eq!(timeline["entries"][0]["person"], story.bob.to_string());

    let attempt = json!({ "email": EMAIL, "password": PASSWORD });
    assert_eq!(
        story.server.client().post("/api/session", &attempt).await.problem_code(),
        "wrong_credentials"
    );
    let path = format!("/api/people/{}", story.bob);
    let back = story.admin.give(Method::PATCH, &path, &json!({ "active": true })).await;
    assert_eq!(back.problem_code(), "person_erased");
    let erased = story.admin.get("/api/audit?action=person_erased").await.json();
    assert_eq!(erased.as_array().unwrap().len(), 1, "{erased}");
}

#[tokio::test]
async fn what_has_to_be_kept_is_not_erased_until_the_hold_is_released() {
    let mut story = story().await;
    story.deactivate().await;
    for hold in [json!({ "reason": "File 4711" }), json!({ "reason": "File 4711", "person": story.bob })] {
        let id = story.hold(hold).await;
        let refused = story.erase().await;
        assert_eq!(
            (refused.problem_code(), &refused.json()["reason"]),
            ("legal_hold".into(), &json!("File 4711"))
        );
        let release = format!("/api/legal-holds/{id}");
        assert_eq!(story.admin.call(Method::DELETE, &release).await.status, StatusCode::NO_CONTENT);
        assert_eq!(story.admin.call(Method::DELETE, &release).await.status, StatusCode::NOT_FOUND);
    }
    let other = story.hold(json!({ "reason": "Of the order", "document": story.order })).await;
    assert_eq!(story.erase().await.status, StatusCode::NO_CONTENT, "that hold is about something else");

    let node = story.server.state.sync.clone();
    let organisation = Hand::sign_in(&story.server, "demo", "ann@demo.example").await.organisation;
    let reroot = async || node.reroot(organisation, story.order, &Default::default()).await.unwrap();
    assert_eq!(reroot().await, Rerooted::Held("Of the order".into()));
    story.admin.call(Method::DELETE, &format!("/api/legal-holds/{other}")).await;
    assert!(matches!(reroot().await, Rerooted::Done { .. }));

    let listed = story.admin.get("/api/legal-holds").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    assert!(listed.as_array().unwrap().iter().all(|hold| hold["released_at"].is_i64()), "{listed}");
}

#[tokio::test]
async fn a_hold_says_why_and_is_about_something_that_is_there() {
    let mut story = story().await;
    let nowhere = new_document();
    for (hold, field) in [
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
        (json!({ "reason": "Why", "person": nowhere }), "person"),
        (json!({ "reason": "Why", "document": nowhere }), "document"),
        (json!({ "reason": "Why", "person": story.bob, "document": story.order }), "document"),
    ] {
        let answer = story.admin.post("/api/legal-holds", &hold).await;
        assert_eq!(
            (answer.problem_code(), &answer.json()["field"]),
            ("value".into(), &json!(field)),
            "{hold}"
        );
    }
}
