//! Signing in with more than a password, and what an organisation asks for.

mod authenticator_app;
mod known_browser;
mod passkeys;
mod proof;
mod rules;

use std::sync::Arc;

use axum::http::StatusCode;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::second_factor::set_up_app;
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::identity::PersonId;
use shared_model::instant::{MINUTE_MS, Timestamp};
use shared_model::permission::Role;
use shared_model::second_factor::{AuthenticatorSecret, Factors};
use sync_server::app_state::Settings;
use sync_server::auth::factor_key::FactorKey;
use sync_server::clock::Clock;

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);
const TECH: &str = "tech@demo.example";
const ANN: &str = "ann@demo.example";
const STEP_MS: i64 = 30_000;
const STRANGER_LATER: i64 = 20 * MINUTE_MS;

struct Story {
    database: Arc<TestDatabase>,
    server: TestServer,
    clock: Clock,
    tech: PersonId,
}

impl Story {
    async fn begin() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        let tech = create_person(&database, organisation, TECH, Role::Technician).await;
        create_person(&database, organisation, ANN, Role::Admin).await;
        let clock = Clock::manual(NOON);
        let server = node(&database, &clock).await;
        Self { database, server, clock, tech }
    }

    /// A technician who is signed in and has an authenticator app, its secret, and the recovery codes.
    async fn tech_with_app(&self) -> (Client, String, Vec<String>) {
        let mut tech = self.server.sign_in("demo", TECH).await;
        let (secret, codes) = self.set_up_app(&mut tech).await;
        (tech, secret, codes)
    }

    async fn set_up_app(&self, client: &mut Client) -> (String, Vec<String>) {
        set_up_app(client, self.clock.now()).await
    }

    /// What the trail says, in order.
    async fn actions(&self) -> Vec<String> {
        let query = "select action from audit_entry order by organization_id, seq";
        sqlx::query_scalar(query).fetch_all(&mut self.database.superuser().await).await.unwrap()
    }
}

/// A node; all have the same key.
async fn node(database: &Arc<TestDatabase>, clock: &Clock) -> TestServer {
    let factor_key = FactorKey::from_bytes([7; 32]);
    let settings = Settings { clock: clock.clone(), factor_key, ..Settings::default() };
    TestServer::start_with(database, settings).await
}

async fn draw(client: &mut Client) -> AuthenticatorSecret {
    let drawn = client.post("/api/account/authenticator-app", &json!({})).await;
    assert_eq!(drawn.status, StatusCode::OK, "{drawn:?}");
    drawn.read()
}

async fn confirm(client: &mut Client, drawn: &AuthenticatorSecret, code: &str) -> Answer {
    let body = json!({ "token": drawn.token, "code": code });
    client.post("/api/account/authenticator-app/confirm", &body).await
}

async fn factors(client: &mut Client) -> Factors {
    client.get("/api/account/factors").await.read()
}

async fn password(client: &mut Client, email: &str) -> Answer {
    let body = json!({ "organisation": "demo", "email": email, "password": PASSWORD });
    client.post("/api/session", &body).await
}

/// A right password that is not enough: the step that comes next.
async fn first_step(client: &mut Client, email: &str) -> Value {
    let answer = password(client, email).await;
    assert_eq!(answer.problem_code(), "second_factor_needed", "{answer:?}");
    assert_eq!((answer.status, &client.cookie), (StatusCode::UNAUTHORIZED, &None), "nobody is signed in yet");
    answer.json()["second_step"].clone()
}

async fn second_step(client: &mut Client, step: &Value, member: &str, value: impl Into<Value>) -> Answer {
    let body = json!({ "token": step["token"], member: value.into() });
    client.post("/api/session/second-step", &body).await
}
