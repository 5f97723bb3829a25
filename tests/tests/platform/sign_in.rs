//! Signing in: passwords, several organisations, throttling, cookies and devices.

use axum::http::StatusCode;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use maintainpro_tests::until::until;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::instant::{HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::permission::Role;
use sync_server::app_state::Settings;
use sync_server::auth::cookie::SessionCookie;
use sync_server::auth::{Depositor, redeem_deposit_credential};
use sync_server::clock::Clock;
use sync_server::database::{people as database, tenant_transaction};

const TABLET: &str = "01890000-0000-7000-8000-000000000001";

async fn demo() -> TestServer {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    create_person(&server.database, demo, "tech@demo.example", Role::Technician).await;
    create_person(&server.database, demo, "store@demo.example", Role::Storekeeper).await;
    server
}

async fn try_password(client: &mut Client, email: &str, password: &str) -> Answer {
    client.post("/api/session", &json!({ "email": email, "password": password })).await
}

fn on_tablet(email: &str, has_deposit_credential: bool) -> Value {
    let device = json!({
        "id": TABLET, "name": "Tablet, van 3", "has_deposit_credential": has_deposit_credential
    });
    json!({ "email": email, "password": PASSWORD, "device": device })
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let server = demo().await;
    let mut client = server.client();
    let answer = try_password(&mut client, " Tech@Demo.EXAMPLE ", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let signed_in: SignedIn = answer.read();
    assert_eq!(signed_in.person.display_name, "tech");
    assert_eq!(signed_in.organisation.slug, "demo");
    assert_eq!(signed_in.roles, [Role::Technician]);
    assert!(!signed_in.grants.is_empty());
    let again: SignedIn = client.get("/api/session").await.read();
    assert_eq!(again.person, signed_in.person);
    assert_eq!(again.device.deposit_credential, None, "the credential is told once");
}

/// What makes a sign-in not fit any more.
#[derive(Clone, Copy)]
enum Change {
    Password,
    Deactivation,
}

/// Somebody signs in with what fits while it is read, and what makes it not fit is committed before they are in; on an install that
/// is known, and on a new one.
async fn overtaken_by(change: Change) -> [Answer; 2] {
    let server = demo().await;
    let mut client = server.client();
    let first: SignedIn = client.post("/api/session", &on_tablet("tech@demo.example", false)).await.read();
    let (organisation, person) = (first.organisation.id, first.person.id);
    let new = json!({ "email": "tech@demo.example", "password": PASSWORD });
    let mut answers = Vec::new();
    for body in [on_tablet("tech@demo.example", false), new] {
        let mut watching = server.database.superuser().await;
        let mut changing = tenant_transaction(&server.state.pool, organisation).await.unwrap();
        let now = Timestamp::from_millis(1_900_000_000_000);
        let hash: String = sqlx::query_scalar("select password_hash from credential where person_id = $1")
            .bind(person.as_uuid())
            .fetch_one(&mut *changing)
            .await
            .unwrap();
        match change {
            Change::Password => {
                let other = format!("{hash}0");
                database::set_password(&mut changing, organisation, person, &other, now).await.unwrap();
            }
            Change::Deactivation => {
                database::set_active(&mut changing, organisation, person, false).await.unwrap();
            }
        }
        let mut client = server.client();
        let committing = async {
            until("waiting for the change", async || {
                let waiting = "select count(*) from pg_stat_activity
                     where datname = current_database() and wait_event_type = 'Lock'";
                let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&mut watching).await.unwrap();
                if waiting > 0 { Ok(()) } else { Err(waiting) }
            })
            .await;
            changing.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(client.post("/api/session", &body), committing);
        answers.push(answer);
        let mut back = tenant_transaction(&server.state.pool, organisation).await.unwrap();
        database::set_active(&mut back, organisation, person, true).await.unwrap();
        database::set_password(&mut back, organisation, person, &hash, now).await.unwrap();
        back.commit().await.unwrap();
    }
    answers.try_into().unwrap()
}

#[tokio::test]
async fn a_password_that_is_changed_while_it_is_checked_lets_nobody_in() {
    for answer in overtaken_by(Change::Password).await {
        assert_eq!(answer.problem_code(), "wrong_credentials");
    }
}

#[tokio::test]
async fn somebody_who_is_deactivated_while_they_sign_in_is_not_let_in() {
    for answer in overtaken_by(Change::Deactivation).await {
        assert_eq!(answer.problem_code(), "wrong_credentials");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_alike() {
    let server = demo().await;
    let mut client = server.client();
    let mut seen = Vec::new();
    for email in ["tech@demo.example", "nobody@demo.example"] {
        let answer = try_password(&mut client, email, "wrong password").await;
        assert_eq!(answer.problem_code(), "wrong_credentials");
        let mut problem = answer.json();
        problem["request_id"] = Value::Null;
        seen.push((answer.status, problem));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(client.cookie, None);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_password_forgives() {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    create_person(&database, demo, "tech@demo.example", Role::Technician).await;
    let clock = Clock::manual(Timestamp::from_millis(1_900_000_000_000));
    let settings = Settings { clock: clock.clone(), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut client = server.client();

    for _ in 0..5 {
        let answer = try_password(&mut client, "tech@demo.example", "wrong").await;
        assert_eq!(answer.problem_code(), "wrong_credentials");
    }
    let answer = try_password(&mut client, "tech@demo.example", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "even the right one has to wait");
    assert_eq!(answer.problem_code(), "too_many_attempts");
    let wait_seconds: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=16).contains(&wait_seconds), "{wait_seconds}");

    clock.advance(wait_seconds * 1000);
    assert_eq!(try_password(&mut client, "tech@demo.example", PASSWORD).await.status, StatusCode::OK);
    for _ in 0..5 {
        let answer = try_password(&mut client, "tech@demo.example", "wrong").await;
        assert_eq!(answer.problem_code(), "wrong_credentials", "the count started anew");
    }
    clock.advance(HOUR_MS + MINUTE_MS);
    assert_eq!(try_password(&mut client, "tech@demo.example", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_all_counted() {
    let server = demo().await;
    let guesses: Vec<_> = (0..12)
        .map(|_| {
            let mut client = server.client();
            tokio::spawn(async move { try_password(&mut client, "tech@demo.example", "wrong").await.status })
        })
        .collect();
    let mut tried = 0;
    for guess in guesses {
        tried += usize::from(guess.await.unwrap() == StatusCode::UNAUTHORIZED);
    }
    assert_eq!(tried, 5, "five free attempts, however they arrive");
}

#[tokio::test]
async fn an_address_in_two_organisations_has_to_choose_after_the_password() {
    let server = demo().await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, other, "tech@demo.example", Role::Supervisor).await;
    let mut client = server.client();

    assert_eq!(
        try_password(&mut client, "tech@demo.example", "wrong").await.problem_code(),
        "wrong_credentials"
    );
    let answer = try_password(&mut client, "tech@demo.example", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.problem_code(), "organisation_required");
    let problem = answer.json();
    let slugs: Vec<_> = problem["organisations"].as_array().unwrap().iter().map(|o| &o["slug"]).collect();
    assert_eq!(slugs, ["demo", "other"]);
    assert_eq!(client.cookie, None);

    let signed_in = client.sign_in("other", "tech@demo.example").await;
    assert_eq!((signed_in.organisation.id, signed_in.roles), (other, vec![Role::Supervisor]));
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_bound_to_the_host_over_https() {
    let server = demo().await;
    let answer = try_password(&mut server.client(), "tech@demo.example", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("maintainpro=") && cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains("Secure"), "browsers refuse Secure over plain http: {cookie}");

    let settings = Settings { cookie: SessionCookie { secure: true }, ..Settings::default() };
    let behind_tls = TestServer::start_with(&server.database, settings).await;
    let answer = try_password(&mut behind_tls.client(), "tech@demo.example", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-maintainpro=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(!answer.header("strict-transport-security").is_empty());
}

#[tokio::test]
async fn a_device_keeps_its_id_over_sign_ins_and_gets_a_credential_when_it_lacks_one() {
    let server = demo().await;
    let first: SignedIn =
        server.client().post("/api/session", &on_tablet("tech@demo.example", false)).await.read();
    let credential = first.device.deposit_credential.clone().unwrap();
    let second: SignedIn =
        server.client().post("/api/session", &on_tablet("tech@demo.example", true)).await.read();
    assert_eq!(second.device.id, first.device.id);
    assert_eq!(second.device.deposit_credential, None);

    let owner = redeem_deposit_credential(&server.state.pool, &credential).await.unwrap();
    let (organisation, person, device) = (first.organisation.id, first.person.id, first.device.id);
    assert_eq!(owner, Some(Depositor { organisation, person, device, shut_out: None }));

    let third: SignedIn =
        server.client().post("/api/session", &on_tablet("tech@demo.example", false)).await.read();
    assert_ne!(third.device.deposit_credential, Some(credential.clone()));
    let owner = redeem_deposit_credential(&server.state.pool, &credential).await.unwrap();
    assert_eq!(owner, None, "a new credential replaces the old one");
}

#[tokio::test]
async fn a_device_id_of_somebody_else_is_refused() {
    let server = demo().await;
    let mut client = server.client();
    assert_eq!(
        client.post("/api/session", &on_tablet("tech@demo.example", false)).await.status,
        StatusCode::OK
    );
    let answer = server.client().post("/api/session", &on_tablet("store@demo.example", false)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.problem_code(), "device_of_another_person");
}

#[tokio::test]
async fn a_new_device_may_sign_in_twice_at_once() {
    let server = demo().await;
    let sign_ins: Vec<_> = (0..4)
        .map(|_| {
            let mut client = server.client();
            tokio::spawn(async move {
                client.post("/api/session", &on_tablet("tech@demo.example", false)).await.status
            })
        })
        .collect();
    for sign_in in sign_ins {
        assert_eq!(sign_in.await.unwrap(), StatusCode::OK);
    }
}
