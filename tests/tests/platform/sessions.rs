//! Sessions: kept alive by use, ended by signing out, by time, and by losing the right to be here.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::Client;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sync_server::app_state::Settings;
use sync_server::clock::Clock;
use sync_server::database::people;
use sync_server::database::tenant_transaction;

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    tech: PersonId,
    client: Client,
}

async fn signed_in() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    let tech = create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
    let settings = Settings { clock: Clock::manual(NOON), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let client = server.sign_in("demo", "tech@demo.example").await;
    Story { server, organisation, tech, client }
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let mut story = signed_in().await;
    let mut copy = story.client.clone();
    assert_eq!(story.client.call(Method::DELETE, "/api/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.client.cookie, None, "the browser drops the cookie");
    assert_eq!(copy.get("/api/session").await.problem_code(), "not_signed_in");
}

#[tokio::test]
async fn whoever_signs_in_anew_on_an_install_ends_its_session_and_no_other() {
    let mut story = signed_in().await;
    let mut elsewhere = story.server.sign_in("demo", "tech@demo.example").await;
    let device = story.client.get("/api/session").await.json()["device"]["id"].clone();
    let ticket = story.client.socket_ticket().await.ticket;
    let body = serde_json::json!({
        "email": "tech@demo.example",
        "password": maintainpro_tests::people::PASSWORD,
        "device": { "id": device, "name": "Tablet" },
    });
    let mut anew = story.server.client();
    assert_eq!(anew.post("/api/session", &body).await.status, StatusCode::OK);

    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
    let socket = story.server.client().get(&format!("/sync?ticket={ticket}")).await;
    assert!(!socket.status.is_success(), "{socket:?}");
    for client in [&mut anew, &mut elsewhere] {
        assert_eq!(client.get("/api/session").await.status, StatusCode::OK);
    }
    let open = anew.get("/api/sessions").await.json();
    assert_eq!(open.as_array().unwrap().len(), 2, "{open}");
    let ended: i64 = sqlx::query_scalar("select count(*) from audit_entry where action = 'session_ended'")
        .fetch_one(&mut story.server.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn a_session_in_use_lives_on_and_an_unused_one_ends() {
    let mut story = signed_in().await;
    let clock = &story.server.state.clock;
    for _ in 0..3 {
        clock.advance(29 * DAY_MS);
        assert_eq!(story.client.get("/api/session").await.status, StatusCode::OK);
    }
    clock.advance(30 * DAY_MS);
    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
}

#[tokio::test]
async fn no_session_lives_longer_than_half_a_year() {
    let mut story = signed_in().await;
    for _ in 0..8 {
        story.server.state.clock.advance(22 * DAY_MS);
        assert_eq!(story.client.get("/api/session").await.status, StatusCode::OK);
    }
    story.server.state.clock.advance(5 * DAY_MS);
    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
}

#[tokio::test]
async fn a_person_who_left_is_out_at_once() {
    let mut story = signed_in().await;
    let mut transaction = tenant_transaction(&story.server.database.pool, story.organisation).await.unwrap();
    people::set_active(&mut transaction, story.organisation, story.tech, false).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(story.client.get("/api/directory").await.problem_code(), "not_signed_in");
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_that_person_only() {
    let mut story = signed_in().await;
    create_person(&story.server.database, story.organisation, "ann@demo.example", Role::Admin).await;
    let mut other_device = story.server.sign_in("demo", "tech@demo.example").await;
    let ticket = other_device.socket_ticket().await.ticket;
    let mut ann = story.server.sign_in("demo", "ann@demo.example").await;

    let (pool, organisation) = (&story.server.database.pool, story.organisation);
    let mut transaction = tenant_transaction(pool, organisation).await.unwrap();
    people::set_password(&mut transaction, organisation, story.tech, "$argon2id$new", NOON).await.unwrap();
    assert_eq!(story.client.get("/api/session").await.status, StatusCode::OK, "nothing is committed yet");
    transaction.commit().await.unwrap();

    for client in [&mut story.client, &mut other_device] {
        assert_eq!(client.get("/api/session").await.problem_code(), "not_signed_in");
    }
    let socket = story.server.client().get(&format!("/sync?ticket={ticket}")).await;
    assert!(!socket.status.is_success(), "{socket:?}");
    assert_eq!(ann.get("/api/session").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_device_is_out_and_cannot_come_back() {
    let mut story = signed_in().await;
    let device = story.client.get("/api/session").await.json()["device"]["id"].clone();
    sqlx::query("update device set revoked_at = now()")
        .execute(&mut story.server.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
    let body = serde_json::json!({
        "email": "tech@demo.example",
        "password": maintainpro_tests::people::PASSWORD,
        "device": { "id": device, "name": "Tablet" },
    });
    assert_eq!(story.client.post("/api/session", &body).await.problem_code(), "device_revoked");
}

#[tokio::test]
async fn the_rights_of_a_session_are_those_of_the_moment_however_many() {
    let mut story = signed_in().await;
    let codes = |grants: &[RoleGrant]| grants.iter().map(|grant| grant.role.to_string()).collect::<Vec<_>>();
    let both = [Role::Office, Role::Storekeeper];
    for roles in [&both[..], &both[..1], &[]] {
        let grants: Vec<RoleGrant> = roles
            .iter()
            .map(|role| RoleGrant { role: (*role).into(), limit: GrantLimit::Organisation })
            .collect();
        let (pool, organisation) = (&story.server.database.pool, story.organisation);
        let mut transaction = tenant_transaction(pool, organisation).await.unwrap();
        people::set_grants(&mut transaction, organisation, story.tech, &grants, NOON).await.unwrap();
        transaction.commit().await.unwrap();
        let answer = story.client.get("/api/session").await;
        assert_eq!(answer.status, StatusCode::OK, "whoever has no role is still signed in");
        assert_eq!(answer.json()["roles"], serde_json::json!(codes(&grants)));
        let parts = story.client.get("/api/parts").await.status;
        assert_eq!(parts.is_success(), !roles.is_empty(), "{roles:?}: {parts}");
    }
}

#[tokio::test]
async fn an_invented_token_opens_nothing() {
    let mut story = signed_in().await;
    let cookie = story.client.cookie.clone().unwrap();
    let (organisation, _) = cookie.split_once('.').unwrap();
    for forged in
        [format!("{organisation}.{}", "A".repeat(43)), "maintainpro=x".to_owned(), format!("{cookie}A")]
    {
        story.client.cookie = Some(forged);
        assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
    }
}
