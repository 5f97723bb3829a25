//! Emails go out by a real mail server, once, and again when it was busy.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::mail::MailServer;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use maintainpro_tests::until::until;
use serde_json::json;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::people::{Member, WayIn};
use shared_model::permission::Role;
use sync_server::app_state::Settings;
use sync_server::clock::{Clock, to_utc};
use sync_server::database::tenant_transaction;
use sync_server::email::keep_sending;

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    mail: MailServer,
    admin: Client,
    tech: PersonId,
}

async fn story(refuse: usize) -> Story {
    let mail = MailServer::start(refuse).await;
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    let tech = create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
    create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    let settings = Settings { clock: Clock::manual(NOON), smtp: Some(mail.relay()), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    tokio::spawn(keep_sending(server.state.clone()));
    let admin = server.sign_in("demo", "ann@demo.example").await;
    Story { server, organisation, mail, admin, tech }
}

async fn invite(admin: &mut Client, language: &str) -> WayIn {
    let body = json!({
        "id": PersonId::from_bytes([7; 16]), "display_name": "Zoë Newcomer", "email": "zoe@demo.example",
        "language": language, "roles": [{ "role": "technician", "limit": "organisation" }]
    });
    let answer = admin.post("/api/people", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.read()
}

async fn choose(server: &TestServer, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password });
    server.client().post("/api/account-links/use", &body).await
}

async fn forget(server: &TestServer, email: &str) -> Answer {
    server.client().post("/api/password-resets", &json!({ "email": email })).await
}

async fn problem(admin: &mut Client, person: PersonId) -> Option<String> {
    admin.get(&format!("/api/people/{person}")).await.read::<Member>().email_problem
}

/// It is written down that the one email there is goes out at this time.
async fn mail_is_due(server: &TestServer, organisation: OrganisationId, at: Timestamp) {
    until("the next try is written down", async || {
        let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
        let is_due: bool =
            sqlx::query_scalar("select next_attempt_at = $2 from outgoing_email where organization_id = $1")
                .bind(organisation.as_uuid())
                .bind(to_utc(at))
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
        if is_due { Ok(()) } else { Err(()) }
    })
    .await;
}

#[tokio::test]
async fn an_invitation_comes_by_email_in_the_language_of_its_reader() {
    let Story { server, mut mail, mut admin, .. } = story(0).await;
    let way = invite(&mut admin, "de").await;
    assert_eq!(way.link, None, "whoever invites need not see the secret");
    let email = mail.email().await;
    assert_eq!(
        (email.to.as_slice(), email.from.as_str()),
        (&["zoe@demo.example".to_owned()][..], "m@maintenance.example")
    );
    assert!(
        email.subject.contains("lädt Sie") && email.text.starts_with("Guten Tag Zoë Newcomer,"),
        "{email:?}"
    );
    assert!(email.html.contains(&email.token()), "{email:?}");
    assert_eq!(choose(&server, &email.token(), "gland-drips-at-noon").await.status, StatusCode::OK);
    assert_eq!(
        choose(&server, &email.token(), "gland-drips-at-noon").await.problem_code(),
        "link_used_or_expired"
    );
}

#[tokio::test]
async fn a_busy_mail_server_is_asked_again_and_whoever_invited_sees_it_meanwhile() {
    let Story { server, organisation, mut mail, mut admin, .. } = story(2).await;
    let way = invite(&mut admin, "en").await;
    mail.refusal().await;
    let why = until("the problem is seen", async || problem(&mut admin, way.person.id).await.ok_or(())).await;
    assert!(why.contains("Busy"), "{why}");
    server.state.clock.advance(MINUTE_MS);
    server.state.mailer.wake();
    mail.refusal().await;
    mail_is_due(&server, organisation, NOON.plus_millis(3 * MINUTE_MS)).await;
    server.state.clock.advance(2 * MINUTE_MS);
    server.state.mailer.wake();
    let email = mail.email().await;
    assert_eq!(choose(&server, &email.token(), "gland-drips-at-noon").await.status, StatusCode::OK);
    let told = async || problem(&mut admin, way.person.id).await.map_or(Ok(()), Err);
    until("nothing is left to tell", told).await;
}

#[tokio::test]
async fn links_are_good_for_as_long_as_their_emails_say() {
    let Story { server, mut mail, mut admin, tech, .. } = story(0).await;
    invite(&mut admin, "en").await;
    let invitation = mail.email().await.token();
    let again = admin.call(Method::POST, &format!("/api/people/{tech}/links")).await;
    assert_eq!(again.status, StatusCode::CREATED, "{again:?}");
    let reset = mail.email().await.token();
    let is_good = async |token: &str| {
        let read = server.client().post("/api/account-links/read", &json!({ "token": token })).await;
        read.status == StatusCode::OK
    };
    server.state.clock.advance(HOUR_MS - 1);
    assert!(is_good(&reset).await);
    server.state.clock.advance(1);
    assert!(!is_good(&reset).await && is_good(&invitation).await);
    server.state.clock.advance(7 * DAY_MS - HOUR_MS - 1);
    assert!(is_good(&invitation).await);
    server.state.clock.advance(1);
    assert!(!is_good(&invitation).await);
    assert_eq!(
        choose(&server, &invitation, "gland-drips-at-noon").await.problem_code(),
        "link_used_or_expired"
    );
}

#[tokio::test]
async fn a_forgotten_password_needs_nobody_else() {
    let Story { server, mut mail, .. } = story(0).await;
    let mut phone = server.sign_in("demo", "tech@demo.example").await;
    assert_eq!(
        forget(&server, "nobody@demo.example").await.status,
        StatusCode::ACCEPTED,
        "nobody learns who is here"
    );
    assert_eq!(forget(&server, " Tech@demo.example").await.status, StatusCode::ACCEPTED);
    let email = mail.email().await;
    assert_eq!(email.to, ["tech@demo.example"]);
    assert_eq!(phone.get("/api/directory").await.status, StatusCode::OK, "asking changes nothing");
    let chosen = choose(&server, &email.token(), "gland-drips-at-noon").await;
    assert_eq!(chosen.status, StatusCode::OK, "{chosen:?}");
    assert_eq!(phone.get("/api/directory").await.problem_code(), "not_signed_in");
    let told = mail.email().await;
    assert!(told.to == ["tech@demo.example"] && told.subject.contains("was changed"), "{told:?}");
    assert!(!told.text.contains("/join"), "it opens nothing: {told:?}");
}

/// Somebody who guesses at an account can close it to guesses, and not to its owner.
#[tokio::test]
async fn an_account_that_others_guess_at_is_opened_by_an_email() {
    let Story { server, mut mail, .. } = story(0).await;
    let guess = json!({ "organisation": "demo", "email": "tech@demo.example", "password": "a wrong guess" });
    let mut attacker = server.client();
    let mut refusals = Vec::new();
    while refusals.last().map(String::as_str) != Some("too_many_attempts") {
        refusals.push(attacker.post("/api/session", &guess).await.problem_code());
        assert!(refusals.len() < 10, "{refusals:?}");
    }
    assert_eq!(forget(&server, "tech@demo.example").await.status, StatusCode::ACCEPTED);
    let email = mail.email().await;
    assert_eq!(choose(&server, &email.token(), "gland-drips-at-noon").await.status, StatusCode::OK);
    let right =
        json!({ "organisation": "demo", "email": "tech@demo.example", "password": "gland-drips-at-noon" });
    assert_eq!(
        server.client().post("/api/session", &right).await.status,
        StatusCode::OK,
        "and the count is wiped"
    );
}

#[tokio::test]
async fn nobody_s_inbox_is_flooded() {
    let Story { server, organisation, mut mail, .. } = story(0).await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        for _ in 0..4 {
            for email in ["tech@demo.example", "nobody@demo.example"] {
                let answer = forget(&server, email).await;
                assert_eq!(
                    answer.status,
                    StatusCode::ACCEPTED,
                    "nobody is shut out, and nobody learns who is here"
                );
            }
        }
        if tokens.len() < 5 {
            tokens.push(mail.email().await.token());
            sent(&server, organisation).await;
        }
        server.state.clock.advance(3 * MINUTE_MS);
    }
    server.state.tasks.close();
    server.state.tasks.wait().await;
    sent(&server, organisation).await;
    let asked: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'password_reset_asked'")
            .fetch_one(&mut server.database.superuser().await)
            .await
            .unwrap();
    assert_eq!((tokens.len(), asked), (5, 5), "and the trail is not filled either");
    // The link that came first is as good as the others, and one is enough.
    assert_eq!(choose(&server, &tokens[0], "gland-drips-at-noon").await.status, StatusCode::OK);
    for token in &tokens {
        let again = choose(&server, token, "another-gland-at-noon").await;
        assert_eq!(again.problem_code(), "link_used_or_expired");
    }
}

/// Nothing waits to be sent any more.
async fn sent(server: &TestServer, organisation: OrganisationId) {
    until("the email has gone", async || {
        let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
        let waiting: i64 =
            sqlx::query_scalar("select count(*) from outgoing_email where organization_id = $1")
                .bind(organisation.as_uuid())
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
        if waiting == 0 { Ok(()) } else { Err(()) }
    })
    .await;
}

#[tokio::test]
async fn a_server_without_a_mail_server_says_so() {
    let server = TestServer::start().await;
    let answer = forget(&server, "tech@demo.example").await;
    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (StatusCode::CONFLICT, "email_not_configured")
    );
}
