//! What is written down, and what is not.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{Hand, create_asset, new_document, rejected};
use maintainpro_tests::until::until;
use serde_json::{Value, json};
use shared_model::audit::{Action, ListedEntry, Said};
use shared_model::identity::PersonId;
use shared_model::permission::{GrantLimit, Grants, Role};

use super::Story;

/// What an operation that may write leaves in the trail.
enum Leaves {
    /// An entry with this code.
    Entry(Action),
    /// A row of the feed, which is the other log.
    Feed,
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// Every operation that is no reading.
fn operations() -> BTreeMap<(&'static str, &'static str), Leaves> {
    use Leaves::{Entry, Feed, Nothing};
    BTreeMap::from([
        (("post", "/api/session"), Entry(Action::SignedIn)),
        (("delete", "/api/session"), Entry(Action::SignedOut)),
        (("post", "/api/session/second-step"), Entry(Action::SignedIn)),
        (("post", "/api/session/passkey"), Entry(Action::SignedIn)),
        (("post", "/api/session/passkey-challenge"), Nothing("a challenge is sealed and kept nowhere")),
        (("post", "/api/session/proof"), Nothing("what it allows is written down, and so is a wrong one")),
        (
            ("post", "/api/account/authenticator-app"),
            Nothing("a secret counts once its first code came back"),
        ),
        (("post", "/api/account/authenticator-app/confirm"), Entry(Action::SecondFactorAdded)),
        (("delete", "/api/account/authenticator-app"), Entry(Action::SecondFactorRemoved)),
        (("put", "/api/account/password"), Entry(Action::PasswordChosen)),
        (("post", "/api/account/recovery-codes"), Entry(Action::RecoveryCodesMade)),
        (("post", "/api/account/passkeys/challenge"), Nothing("a challenge is sealed and kept nowhere")),
        (("post", "/api/account/passkeys"), Entry(Action::SecondFactorAdded)),
        (("patch", "/api/account/passkeys/{id}"), Entry(Action::PasskeyRenamed)),
        (("delete", "/api/account/passkeys/{id}"), Entry(Action::SecondFactorRemoved)),
        (("delete", "/api/people/{id}/factors"), Entry(Action::SecondFactorsReset)),
        (("put", "/api/organisation/security"), Entry(Action::SecurityRulesChanged)),
        (("patch", "/api/organisation/settings"), Entry(Action::OrganisationChanged)),
        (("put", "/api/organisation/logo"), Entry(Action::OrganisationChanged)),
        (("delete", "/api/organisation/logo"), Entry(Action::OrganisationChanged)),
        (("patch", "/api/account/settings"), Entry(Action::PersonalSettingsChanged)),
        (("delete", "/api/sessions"), Entry(Action::SessionEnded)),
        (("delete", "/api/sessions/{id}"), Entry(Action::SessionEnded)),
        (("post", "/api/account-links/use"), Entry(Action::PasswordChosen)),
        (("post", "/api/password-resets"), Entry(Action::PasswordResetAsked)),
        (("delete", "/api/devices/{id}/sessions"), Entry(Action::SessionEnded)),
        (("post", "/api/devices/{id}/wipe"), Entry(Action::DeviceWipeAsked)),
        (("delete", "/api/devices/{id}/wipe"), Entry(Action::DeviceWipeTakenBack)),
        (("post", "/api/device-orders/wiped"), Entry(Action::DeviceWiped)),
        (("put", "/api/organisation/device-lock"), Entry(Action::DeviceLockChanged)),
        (("post", "/api/people"), Entry(Action::PersonCreated)),
        (("patch", "/api/people/{id}"), Entry(Action::PersonChanged)),
        (("post", "/api/people/{id}/links"), Entry(Action::LinkIssued)),
        (("post", "/api/people/{id}/erase"), Entry(Action::PersonErased)),
        (("post", "/api/legal-holds"), Entry(Action::LegalHoldPlaced)),
        (("delete", "/api/legal-holds/{id}"), Entry(Action::LegalHoldReleased)),
        (("put", "/api/audit/retention"), Entry(Action::RetentionChanged)),
        (("post", "/api/roles"), Entry(Action::RoleCreated)),
        (("patch", "/api/roles/{id}"), Entry(Action::RoleChanged)),
        (("post", "/api/teams"), Entry(Action::TeamCreated)),
        (("patch", "/api/teams/{id}"), Entry(Action::TeamChanged)),
        (("post", "/api/deposits/{id}/accept"), Entry(Action::DepositAccepted)),
        (("post", "/api/deposits/{id}/decline"), Entry(Action::DepositDeclined)),
        (("post", "/api/api-keys"), Entry(Action::ApiKeyCreated)),
        (("delete", "/api/api-keys/{id}"), Entry(Action::ApiKeyRevoked)),
        (("post", "/api/commands"), Feed),
        (("delete", "/api/documents/{id}"), Feed),
        (("post", "/api/account-links/read"), Nothing("reads, with a secret that is not for an address")),
        (("post", "/api/account-links/strength"), Nothing("reads, with a secret that is not for an address")),
        (("post", "/api/socket-tickets"), Nothing("a ticket is a minute of a session that is written down")),
        (("post", "/api/deposits"), Nothing("what is held is no fact yet; who decides about it is")),
    ])
}

#[tokio::test]
async fn every_operation_that_writes_says_what_it_leaves_in_the_trail() {
    let story = Story::begin().await;
    let document = story.server.client().get("/api/openapi.json").await.json();
    let mut left = operations();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|method| *method != "get") {
            let known = left.remove(&(method.as_str(), path.as_str()));
            assert!(known.is_some(), "{method} {path}: say in the table what it leaves in the audit trail");
        }
    }
    let gone: Vec<_> = left.keys().collect();
    assert!(gone.is_empty(), "{gone:?} do not exist");
    for leaves in operations().into_values() {
        match leaves {
            Leaves::Nothing(reason) => assert!(!reason.is_empty()),
            Leaves::Entry(action) => assert!(Action::ALL.contains(&action)),
            Leaves::Feed => {}
        }
    }
}

async fn patch(client: &mut Client, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(Method::PATCH).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn role(code: &str) -> Said {
    [code].into_iter().collect()
}

fn change<'a>(listed: &'a ListedEntry, field: &str) -> (Option<&'a Said>, Option<&'a Said>) {
    let change = listed.entry.changes.iter().find(|change| change.field == field);
    let change = change.unwrap_or_else(|| panic!("{field} in {listed:?}"));
    (change.before.as_ref(), change.after.as_ref())
}

#[tokio::test]
async fn administering_people_is_written_down_with_before_and_after_and_without_names() {
    let mut story = Story::begin().await;
    let zoe = PersonId::from_bytes([7; 16]);
    let newcomer = json!({
        "id": zoe, "display_name": "Zoë Newcomer", "email": "zoe@demo.example", "language": "de",
        "roles": [{ "role": "technician", "limit": "organisation" }], "teams": []
    });
    assert_eq!(story.admin.post("/api/people", &newcomer).await.status, StatusCode::CREATED);
    let roles = json!([{ "role": "supervisor", "limit": "organisation" }]);
    let wanted = json!({ "display_name": "Zoë Moved", "email": "moved@demo.example", "roles": roles });
    let path = format!("/api/people/{zoe}");
    assert_eq!(patch(&mut story.admin, &path, &wanted).await.status, StatusCode::OK);
    assert_eq!(patch(&mut story.admin, &path, &wanted).await.status, StatusCode::OK, "nothing changes");
    assert_eq!(patch(&mut story.admin, &path, &json!({ "active": false })).await.status, StatusCode::OK);
    // What does not happen is not written down either.
    let taken = json!({ "email": "tech@demo.example" });
    assert_eq!(patch(&mut story.admin, &path, &taken).await.status, StatusCode::CONFLICT);
    let team = story.admin.post("/api/teams", &json!({ "name": "Night shift" })).await.json();
    let path = format!("/api/teams/{}", team["id"].as_str().unwrap());
    patch(&mut story.admin, &path, &json!({ "name": "Nights" })).await;

    let entries = story.entries("").await;
    let actions: Vec<&str> = entries.iter().map(|listed| listed.entry.action.as_str()).collect();
    let expected = [
        "organisation_created",
        "signed_in",
        "person_created",
        "link_issued",
        "person_changed",
        "person_changed",
        "team_created",
        "team_changed",
    ];
    assert_eq!(actions, expected);
    assert!(entries.iter().zip(1..).all(|(listed, seq)| listed.seq == seq), "{entries:?}");
    let [_, signed_in, created, _, moved, shut_out, _, renamed] = &entries[..] else { panic!() };
    assert_eq!(signed_in.entry.by.person, created.entry.by.person, "who signed in did the rest");
    assert!(created.entry.by.session.is_some() && created.entry.by.device.is_some());
    assert_eq!(created.entry.subject.as_ref().unwrap().id, zoe.as_uuid());
    assert_eq!(change(moved, "roles"), (Some(&role("technician")), Some(&role("supervisor"))));
    assert_eq!((change(moved, "display_name"), change(moved, "email")), ((None, None), (None, None)));
    assert_eq!(change(shut_out, "standing"), (Some(&"invited".into()), Some(&"disabled".into())));
    assert_eq!(change(renamed, "name"), (Some(&"Night shift".into()), Some(&"Nights".into())));

    let text = serde_json::to_string(&entries).unwrap();
    for hidden in ["Zoë", "zoe@", "moved@", "ann@", "Newcomer"] {
        assert!(!text.contains(hidden), "{hidden} is in the trail: {text}");
    }
}

#[tokio::test]
async fn coming_and_going_is_written_down_and_so_is_a_wrong_password() {
    let mut story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    let mut elsewhere = story.server.sign_in("demo", "tech@demo.example").await;
    assert_eq!(tech.call(Method::DELETE, "/api/sessions").await.status, StatusCode::NO_CONTENT);
    assert_eq!(elsewhere.get("/api/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(tech.call(Method::DELETE, "/api/session").await.status, StatusCode::NO_CONTENT);
    let wrong = json!({ "organisation": "demo", "email": "tech@demo.example", "password": "not that one" });
    story.server.client().post("/api/session", &wrong).await;
    let nobody =
        json!({ "organisation": "demo", "email": "nobody@demo.example", "password": "not that one" });
    story.server.client().post("/api/session", &nobody).await;
    until("written down", async || match story.actions().await.len() {
        7 => Ok(()),
        count => Err(count),
    })
    .await;

    let entries = story.entries(&format!("&person={}", story.tech)).await;
    let actions: Vec<&str> = entries.iter().map(|listed| listed.entry.action.as_str()).collect();
    assert_eq!(actions, ["signed_in", "signed_in", "session_ended", "signed_out", "sign_in_refused"]);
    let [first, second, ended, _, refused] = &entries[..] else { panic!() };
    assert_ne!(first.entry.by.session, second.entry.by.session);
    assert_eq!(ended.entry.subject.as_ref().unwrap().id, second.entry.by.session.unwrap().as_uuid());
    assert_eq!((refused.entry.by.kind.as_str(), refused.entry.by.person), ("stranger", None));
    assert_eq!(refused.entry.subject.as_ref().unwrap().id, story.tech.as_uuid());
}

#[tokio::test]
async fn what_somebody_may_not_do_is_written_down_once_a_minute() {
    let mut story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    for _ in 0..3 {
        assert_eq!(tech.get("/api/people").await.status, StatusCode::FORBIDDEN);
        assert_eq!(tech.get("/api/audit").await.status, StatusCode::FORBIDDEN);
    }
    let path = format!("/api/people/{}/links", story.tech);
    assert_eq!(tech.call(Method::POST, &path).await.status, StatusCode::FORBIDDEN);
    let denied = story.entries("&action=access_denied").await;
    let operations: Vec<&Said> = denied.iter().map(|listed| change(listed, "operation").1.unwrap()).collect();
    let expected = ["GET /api/people", "GET /api/audit", "POST /api/people/{id}/links"].map(Said::from);
    assert_eq!(operations, expected.iter().collect::<Vec<_>>());
    for listed in &denied {
        assert_eq!(change(listed, "permission").1, Some(&"organisation:admin".into()));
        assert_eq!(listed.entry.by.person, Some(story.tech));
    }
}

#[tokio::test]
async fn a_command_that_a_device_may_not_give_is_written_down_once() {
    let mut story = Story::begin().await;
    let mut hand = Hand::sign_in(&story.server, "demo", "tech@demo.example").await;
    let honest = hand.sender.clone();
    // The device believes that it may; the server knows better.
    let grants = Role::Admin.grants(GrantLimit::Organisation);
    hand.sender.grants = Some(Grants { person: hand.person(), grants });
    let storeroom = maintainpro_tests::hand::create_storeroom(new_document(), "Van");
    let made = hand.make(&storeroom);
    hand.sender = honest;
    for _ in 0..2 {
        let results = hand.push(&story.server.state.sync, vec![made.clone()]).await;
        assert_eq!(rejected(&results[0]), "not_permitted");
    }
    let refused = story.entries("&action=command_refused").await;
    let [refused] = &refused[..] else { panic!("{refused:?}") };
    assert_eq!(refused.entry.subject.as_ref().unwrap().id, made.id.as_uuid());
    assert_eq!(change(refused, "code").1, Some(&"not_permitted".into()));
    assert_eq!(change(refused, "detail").1, Some(&"part:edit".into()));
    assert_eq!(refused.entry.by.person, Some(story.tech));
    assert!(refused.entry.by.device.is_some());
    // What it may do is in the feed, and leaves no entry.
    let before = story.actions().await.len();
    hand.act(&story.server.state.sync, &create_asset(new_document(), "P-7")).await;
    assert_eq!(story.actions().await.len(), before);
}

#[tokio::test]
async fn entries_come_in_pages_and_by_what_is_asked_for() {
    let mut story = Story::begin().await;
    story.grow(7).await;
    let mut page: Vec<ListedEntry> = story.admin.get("/api/audit?limit=4").await.read();
    let mut all = Vec::new();
    while let Some(last) = page.last() {
        let before = last.seq;
        all.extend(page.iter().map(|listed| listed.seq));
        page = story.admin.get(&format!("/api/audit?limit=4&before={before}")).await.read();
    }
    assert_eq!(all, (1..=9).rev().collect::<Vec<u64>>());
    assert_eq!(story.entries("&action=link_issued").await.len(), 7);
    assert_eq!(story.entries("&until=2020-01-01T00:00:00Z").await.len(), 0);
    assert_eq!(story.entries("&since=2020-01-01T00:00:00Z").await.len(), 9);
    for (query, code) in [
        ("limit=0", "invalid_limit"),
        ("limit=501", "invalid_limit"),
        ("action=burned", "unknown_action"),
        ("before=x", "bad_request"),
        ("person=x", "bad_request"),
        ("since=yesterday", "bad_request"),
        ("since=-10000-01-01T00:00:00Z", "bad_request"),
        ("until=%2B10000-01-01T00:00:00Z", "bad_request"),
    ] {
        let answer = story.admin.get(&format!("/api/audit?{query}")).await;
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (StatusCode::BAD_REQUEST, code),
            "{query}"
        );
    }
}
