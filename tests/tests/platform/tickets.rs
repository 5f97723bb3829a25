//! One-time tickets for sockets.

use axum::http::{Method, StatusCode};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::instant::{MINUTE_MS, Timestamp};
use shared_model::permission::Role;
use sync_server::app_state::Settings;
use sync_server::auth::redeem_ticket;
use sync_server::clock::Clock;

async fn demo() -> TestServer {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    create_person(&database, demo, "tech@demo.example", Role::Technician).await;
    let clock = Clock::manual(Timestamp::from_millis(1_900_000_000_000));
    TestServer::start_with(&database, Settings { clock, ..Settings::default() }).await
}

#[tokio::test]
async fn a_ticket_works_once() {
    let server = demo().await;
    let mut client = server.client();
    let signed_in = client.sign_in("demo", "tech@demo.example").await;
    let ticket = client.socket_ticket().await.ticket;
    let now = server.state.clock.now();

    let caller = redeem_ticket(&server.state.pool, &ticket, now).await.unwrap().unwrap();
    assert_eq!(caller.organisation_id, signed_in.organisation.id);
    assert_eq!((caller.person_id, caller.device_id), (signed_in.person.id, signed_in.device.id));
    assert_eq!(caller.grants.grants, signed_in.grants);
    assert_eq!(redeem_ticket(&server.state.pool, &ticket, now).await.unwrap(), None);
}

#[tokio::test]
async fn of_many_at_once_one_gets_in() {
    let server = demo().await;
    let ticket = server.sign_in("demo", "tech@demo.example").await.socket_ticket().await.ticket;
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (pool, ticket, now) = (server.state.pool.clone(), ticket.clone(), server.state.clock.now());
            tokio::spawn(async move { redeem_ticket(&pool, &ticket, now).await.unwrap().is_some() })
        })
        .collect();
    let mut entered = 0;
    for attempt in attempts {
        entered += usize::from(attempt.await.unwrap());
    }
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn a_ticket_lasts_a_minute_and_no_longer_than_its_session() {
    let server = demo().await;
    let mut client = server.sign_in("demo", "tech@demo.example").await;
    let (late, orphaned) = (client.socket_ticket().await, client.socket_ticket().await);
    let now = server.state.clock.now();
    assert_eq!(late.expires_at, now.plus_millis(MINUTE_MS));
    assert_eq!(redeem_ticket(&server.state.pool, &late.ticket, late.expires_at).await.unwrap(), None);

    client.call(Method::DELETE, "/api/session").await;
    assert_eq!(redeem_ticket(&server.state.pool, &orphaned.ticket, now).await.unwrap(), None);
}

#[tokio::test]
async fn nonsense_is_no_ticket() {
    let server = demo().await;
    let now = server.state.clock.now();
    for ticket in ["", "x", "00000000000000000000000000000000.AAAA", "\0"] {
        assert_eq!(redeem_ticket(&server.state.pool, ticket, now).await.unwrap(), None, "{ticket:?}");
    }
}

#[tokio::test]
async fn of_a_storm_some_are_let_in_and_the_others_told_when_to_come_back() {
    let database = TestDatabase::create().await;
    for slug in ["loud", "quiet"] {
        let organisation = create_organisation(&database, slug).await;
        create_person(&database, organisation, &format!("tech@{slug}.example"), Role::Technician).await;
    }
    let clock = Clock::manual(Timestamp::from_millis(1_900_000_000_000));
    let settings = Settings { clock: clock.clone(), sockets_a_second: 8, ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut loud = server.sign_in("loud", "tech@loud.example").await;
    let mut quiet = server.sign_in("quiet", "tech@quiet.example").await;

    let mut waits = Vec::new();
    for _ in 0..40 {
        let answer = loud.call(Method::POST, "/api/socket-tickets").await;
        if answer.status != StatusCode::CREATED {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
            assert!(answer.header("ratelimit").starts_with(r#""sockets";r=0;t="#), "{answer:?}");
            assert_eq!(answer.json()["code"], "come_back");
            waits.push(answer.header("retry-after").parse::<u64>().unwrap());
        }
    }
    assert_eq!(waits.len(), 36, "half of a second's worth is left to others");
    assert!(waits.is_sorted());
    assert_eq!((waits.first(), waits.last()), (Some(&1), Some(&5)));
    // Whoever comes without a ticket, as other Automerge clients do, stands in the same queue.
    let answer = loud.get("/api/automerge-repo").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
    assert_eq!((&answer.json()["code"], answer.header("retry-after")), (&"come_back".into(), "5"));
    quiet.socket_ticket().await;
    let answer = quiet.get("/api/automerge-repo").await;
    assert_eq!(answer.json()["code"], "no_web_socket", "{answer:?}");

    clock.advance(1_000);
    loud.socket_ticket().await;
}

#[tokio::test]
async fn a_device_of_a_storm_comes_in_when_it_is_its_turn() {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    create_person(&database, demo, "tech@demo.example", Role::Technician).await;
    let settings = Settings { sockets_a_second: 2, ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut devices = Vec::new();
    for _ in 0..6 {
        let account = Account::sign_in(&server, "demo", "tech@demo.example").await;
        devices.push(HeadlessDevice::start(account));
    }
    for device in &mut devices {
        device.until_settled().await;
    }
}
