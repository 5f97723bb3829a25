//! Devices of people: seen and erased by themselves and by whoever administers, told by two ways, and each with a session of its own.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::{DEVICE_HEADER, Device, DeviceOrders, DeviceState, SignedIn};
use shared_model::identity::{DeviceId, PersonId};
use shared_model::permission::Role;

struct Story {
    server: TestServer,
    tech: PersonId,
    admin: Client,
    /// Somebody else without rights over others.
    other: Client,
    client: Client,
    device: DeviceId,
    credential: String,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        create_person(&server.database, organisation, "tim@demo.example", Role::Technician).await;
        let tech = create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
        let admin = server.sign_in("demo", "ann@demo.example").await;
        let other = server.sign_in("demo", "tim@demo.example").await;
        let mut client = server.client();
        let signed_in = client.sign_in("demo", "tech@demo.example").await;
        let credential = signed_in.device.deposit_credential.unwrap();
        Self { server, tech, admin, other, client, device: signed_in.device.id, credential }
    }

    fn wipe(&self) -> String {
        format!("/api/devices/{}/wipe", self.device)
    }

    async fn seen(&mut self) -> Device {
        let devices: Vec<Device> = self.admin.get(&format!("/api/devices?person={}", self.tech)).await.read();
        assert_eq!(devices.len(), 1);
        devices[0].clone()
    }

    async fn orders(&self) -> DeviceOrders {
        self.with_credential(Method::GET, "/api/device-orders", None).await.read()
    }

    async fn confirm(&self, handed_in: u32) -> Answer {
        let body = json!({ "handed_in": handed_in });
        self.with_credential(Method::POST, "/api/device-orders/wiped", Some(body)).await
    }

    async fn with_credential(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Deposit {}", self.credential));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.server.client().send(request.body(body).unwrap()).await
    }
}

#[tokio::test]
async fn a_device_is_told_hands_in_and_is_closed_once_it_says_that_it_is_erased() {
    let mut story = Story::begin().await;
    assert_eq!(story.seen().await.state, DeviceState::Active);
    assert!(story.seen().await.signed_in);
    assert!(!story.orders().await.wipe && !story.client.socket_ticket().await.wipe);
    assert_eq!(story.confirm(0).await.problem_code(), "not_asked", "nobody closes a device by itself");

    let path = story.wipe();
    for _ in 0..2 {
        assert_eq!(story.admin.call(Method::POST, &path).await.status, StatusCode::NO_CONTENT);
    }
    assert!(matches!(story.seen().await.state, DeviceState::WipeAsked { .. }));
    assert!(story.orders().await.wipe, "also without a session");
    assert!(story.client.socket_ticket().await.wipe, "its session stands until it has handed in");

    for handed_in in [3, 0] {
        assert_eq!(story.confirm(handed_in).await.status, StatusCode::NO_CONTENT);
    }
    assert!(matches!(story.seen().await.state, DeviceState::Wiped { handed_in: 3, .. }), "it said so once");
    assert!(!story.orders().await.wipe);
    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
    let again = json!({ "email": "tech@demo.example", "password": PASSWORD,
        "device": { "id": story.device, "name": "Tablet" } });
    assert_eq!(story.server.client().post("/api/session", &again).await.problem_code(), "device_revoked");
    assert_eq!(story.admin.call(Method::DELETE, &path).await.status, StatusCode::NO_CONTENT);
    assert!(matches!(story.seen().await.state, DeviceState::Wiped { .. }), "what is erased is erased");
}

#[tokio::test]
async fn asking_can_be_taken_back_and_is_for_oneself_and_administrators() {
    let mut story = Story::begin().await;
    let path = story.wipe();
    for method in [Method::POST, Method::DELETE] {
        assert_eq!(story.other.call(method, &path).await.status, StatusCode::NOT_FOUND);
    }
    let whose = format!("/api/devices?person={}", story.tech);
    assert_eq!(story.other.get(&whose).await.status, StatusCode::FORBIDDEN);
    let sessions = format!("/api/devices/{}/sessions", story.device);
    assert_eq!(story.other.call(Method::DELETE, &sessions).await.status, StatusCode::NOT_FOUND);

    assert_eq!(story.client.call(Method::POST, &path).await.status, StatusCode::NO_CONTENT, "one's own");
    assert_eq!(story.admin.call(Method::DELETE, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.seen().await.state, DeviceState::Active);
    assert!(!story.orders().await.wipe);

    assert_eq!(story.admin.call(Method::DELETE, &sessions).await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.client.get("/api/session").await.problem_code(), "not_signed_in");
    assert!(!story.seen().await.signed_in);
    assert_eq!(story.seen().await.state, DeviceState::Active, "signed out is not erased");
}

#[tokio::test]
async fn a_device_that_names_itself_gets_nothing_by_the_session_of_another() {
    let story = Story::begin().await;
    let ask = async |device: DeviceId, cookie: &str| {
        let request = Request::get("/api/session").header(DEVICE_HEADER, device.to_string());
        let request = request.header(header::COOKIE, cookie);
        story.server.client().send(request.body(Body::empty()).unwrap()).await
    };
    let theirs = story.other.cookie.clone().unwrap();
    assert_eq!(ask(story.device, &theirs).await.problem_code(), "not_signed_in");
    let own = story.client.cookie.clone().unwrap();
    assert_eq!(ask(story.device, &own).await.read::<SignedIn>().device.id, story.device);

    let body = json!({ "email": "tech@demo.example", "password": PASSWORD,
        "device": { "id": story.device, "name": "Tablet" } });
    let request = Request::post("/api/session").header(DEVICE_HEADER, story.device.to_string());
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let answer = story.server.client().send(request.body(Body::from(body.to_string())).unwrap()).await;
    let cookie = answer.header("set-cookie").split_once(';').unwrap().0.to_owned();
    assert!(cookie.starts_with(&format!("maintainpro-{}=", story.device)), "{cookie}");
    let both = format!("{theirs}; {cookie}");
    assert_eq!(
        ask(story.device, &both).await.read::<SignedIn>().person.id,
        story.tech,
        "its own, beside another"
    );
}

#[tokio::test]
async fn an_organisation_asks_for_locked_devices_within_reason() {
    let mut story = Story::begin().await;
    let path = "/api/organisation/device-lock";
    assert_eq!(story.admin.get(path).await.json(), json!({ "required": null }));
    for minutes in [0, 241, 100_000] {
        let body = json!({ "required": { "idle_minutes": minutes } });
        assert_eq!(story.admin.give(Method::PUT, path, &body).await.problem_code(), "value");
    }
    let body = json!({ "required": { "idle_minutes": 5 } });
    assert_eq!(story.admin.give(Method::PUT, path, &body).await.json(), body);
    let told: SignedIn = story.client.get("/api/session").await.read();
    assert_eq!(told.device_lock.map(|rule| rule.idle_minutes), Some(5));
    assert_eq!(story.client.give(Method::PUT, path, &body).await.status, StatusCode::FORBIDDEN);
    story.admin.give(Method::PUT, path, &json!({})).await;
    let told: SignedIn = story.client.get("/api/session").await.read();
    assert_eq!(told.device_lock, None);
}
