//! What people choose for themselves: kept on the server, theirs alone, and with them wherever they sign in.

use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::audit::{ListedEntry, Said};
use shared_model::identity::PersonId;
use shared_model::people::Member;
use shared_model::permission::Role;
use shared_model::personal_settings::NotificationKind;

const SETTINGS: &str = "/api/account/settings";

struct Story {
    server: TestServer,
    admin: Client,
    tech: Client,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
        let admin = server.sign_in("demo", "ann@demo.example").await;
        let tech = server.sign_in("demo", "tech@demo.example").await;
        Self { server, admin, tech }
    }

    async fn choose(&mut self, body: Value) -> Answer {
        self.tech.give(Method::PATCH, SETTINGS, &body).await
    }

    async fn member(&mut self) -> Member {
        let everybody: Vec<Member> = self.admin.get("/api/people").await.read();
        everybody.into_iter().find(|member| member.email == "tech@demo.example").unwrap()
    }
}

#[tokio::test]
async fn whoever_chose_nothing_has_what_holds_for_everybody() {
    let mut story = Story::begin().await;
    let settings = story.tech.get(SETTINGS).await.json();
    assert_eq!((&settings["language"], &settings["time_zone"]), (&Value::Null, &Value::Null));
    assert_eq!(settings["quiet_hours"], Value::Null);
    for kind in NotificationKind::ALL {
        let channels = kind.unless_chosen();
        let expected = json!({ "email": channels.email, "push": channels.push });
        assert_eq!(settings["notifications"][kind.code()], expected, "{kind:?}");
    }
    let signed_in: SignedIn = story.tech.get("/api/session").await.read();
    assert_eq!((signed_in.person.language, signed_in.person.time_zone), (None, None));
}

#[tokio::test]
async fn what_is_chosen_is_kept_and_is_there_wherever_they_sign_in() {
    let mut story = Story::begin().await;
    let chosen = json!({ "language": "de", "time_zone": "Asia/Kolkata",
        "notifications": { "overdue": { "email": false, "push": false } },
        "quiet_hours": { "from_minute": 1_320, "to_minute": 360 } });
    let answer = story.choose(chosen).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let now = answer.json();
    assert_eq!(now["notifications"]["overdue"], json!({ "email": false, "push": false }));
    assert_eq!(now["notifications"]["assigned"], json!({ "email": true, "push": true }), "the rest stays");

    let mut elsewhere = story.server.sign_in("demo", "tech@demo.example").await;
    assert_eq!(elsewhere.get(SETTINGS).await.json(), now);
    let signed_in: SignedIn = elsewhere.get("/api/session").await.read();
    let person = signed_in.person;
    assert_eq!((person.language.as_deref(), person.time_zone.as_deref()), (Some("de"), Some("Asia/Kolkata")));
    assert_eq!(story.member().await.language, "en", "of emails, should they choose none");

    let back = json!({ "language": null, "time_zone": null, "quiet_hours": null });
    let now = story.choose(back).await.json();
    assert_eq!(
        (&now["language"], &now["time_zone"], &now["quiet_hours"]),
        (&json!(null), &json!(null), &json!(null))
    );
    assert_eq!(now["notifications"]["overdue"], json!({ "email": false, "push": false }));
}

#[tokio::test]
async fn nobody_chooses_a_language_for_somebody_else() {
    let mut story = Story::begin().await;
    let default = json!({ "language": "de" });
    let answer = story.admin.give(Method::PATCH, "/api/organisation/settings", &default).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    story.choose(json!({ "quiet_hours": { "from_minute": 0, "to_minute": 60 } })).await;
    assert_eq!(story.member().await.language, "en", "whoever invited them said so");
    story.choose(json!({ "language": "en" })).await;
    let person = format!("/api/people/{}", story.member().await.id);
    let answer = story.admin.give(Method::PATCH, &person, &default).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(story.tech.get(SETTINGS).await.json()["language"], "en");
    let signed_in: SignedIn = story.tech.get("/api/session").await.read();
    assert_eq!(signed_in.person.language.as_deref(), Some("en"));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_would_do() {
    let mut story = Story::begin().await;
    let both = json!({ "email": true, "push": true });
    for (body, field, says) in [
        (json!({ "language": "fr" }), "language", "en and de"),
        (json!({ "time_zone": "Berlin" }), "time_zone", "for example Europe/Berlin"),
        (
            json!({ "notifications": { "lunch": both } }),
            "notifications",
            "“lunch”, but of assigned, commented",
        ),
        (json!({ "notifications": { "": both } }), "notifications", "assigned"),
        (json!({ "quiet_hours": { "from_minute": 1_440, "to_minute": 0 } }), "quiet_hours", "0 to 1439"),
        (json!({ "quiet_hours": { "from_minute": 60, "to_minute": 60 } }), "quiet_hours", "different"),
        (json!({ "language": "de", "time_zone": "Berlin" }), "time_zone", "Europe/Berlin"),
    ] {
        let refused = story.choose(body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(refused.problem_code(), "value", "{body}");
        let problem = refused.json();
        assert_eq!(problem["field"], field, "{body}");
        assert!(problem["title"].as_str().unwrap().contains(says), "{body}: {problem}");
    }
    for body in [
        json!({ "notifications": { "overdue": { "email": true } } }),
        json!({ "notifications": { "overdue": { "email": true, "push": "loud" } } }),
        json!({ "quiet_hours": { "from_minute": -1, "to_minute": 60 } }),
        json!({ "notifications": ["overdue"] }),
    ] {
        assert_eq!(story.choose(body.clone()).await.problem_code(), "invalid_body", "{body}");
    }
    assert_eq!(story.tech.get(SETTINGS).await.json()["language"], Value::Null, "nothing was half done");
}

#[tokio::test]
async fn the_trail_says_what_was_chosen_but_not_where_and_when_somebody_sleeps() {
    let mut story = Story::begin().await;
    let chosen = json!({ "language": "de", "time_zone": "Asia/Kolkata",
        "notifications": { "overdue": { "email": false, "push": true }, "assigned": { "email": true, "push": true } },
        "quiet_hours": { "from_minute": 1_320, "to_minute": 360 } });
    for _ in 0..2 {
        assert_eq!(story.choose(chosen.clone()).await.status, StatusCode::OK);
    }
    let entries: Vec<ListedEntry> =
        story.admin.get("/api/audit?action=personal_settings_changed").await.read();
    assert_eq!(entries.len(), 1, "the second time nothing changed");
    let entry = &entries[0].entry;
    assert_eq!(entry.subject.as_ref().map(|subject| subject.id), entry.by.person.map(PersonId::as_uuid));
    let said: Vec<_> = entry
        .changes
        .iter()
        .map(|change| (change.field.as_str(), change.before.clone(), change.after.clone()))
        .collect();
    let ways = |ways: &[&str]| Some(ways.iter().copied().collect::<Said>());
    assert_eq!(
        said,
        [
            ("language", None, Some("de".into())),
            ("time_zone", None, None),
            ("quiet_hours", None, None),
            ("notification_overdue", ways(&["email", "push"]), ways(&["push"])),
        ]
    );
}

#[tokio::test]
async fn nobody_chooses_for_somebody_else() {
    let mut story = Story::begin().await;
    story.choose(json!({ "time_zone": "Asia/Kolkata" })).await;
    assert_eq!(story.admin.get(SETTINGS).await.json()["time_zone"], Value::Null, "each has their own");
    let key = json!({ "name": "ERP", "permissions": ["work_order:read"] });
    let key = story.admin.post("/api/api-keys", &key).await.json()["secret"].as_str().unwrap().to_owned();
    for (method, body) in [(Method::GET, ""), (Method::PATCH, r#"{"language":"de"}"#)] {
        let request = Request::builder().method(method).uri(SETTINGS);
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json");
        let refused = story.server.client().send(request.body(body.into()).unwrap()).await;
        assert_eq!(refused.problem_code(), "session_required");
    }
}
