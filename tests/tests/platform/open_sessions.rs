//! Where somebody is signed in: seen and ended by themselves, and by whoever administers the organisation.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::Client;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::account::OpenSession;
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, HOUR_MS, Timestamp};
use shared_model::permission::{GrantLimit, Role};
use sync_server::app_state::Settings;
use sync_server::clock::Clock;

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    tech: PersonId,
    /// Signed in at noon, and an hour later.
    phone: Client,
    tablet: Client,
}

async fn signed_in_twice() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    let tech = create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
    create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    let settings = Settings { clock: Clock::manual(NOON), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let phone = server.sign_in("demo", "tech@demo.example").await;
    server.state.clock.advance(HOUR_MS);
    let tablet = server.sign_in("demo", "tech@demo.example").await;
    Story { server, organisation, tech, phone, tablet }
}

async fn sessions(client: &mut Client, of: Option<PersonId>) -> Vec<OpenSession> {
    let query = of.map(|person| format!("?person={person}")).unwrap_or_default();
    let answer = client.get(&format!("/api/sessions{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.read()
}

async fn is_in(client: &mut Client) -> bool {
    client.get("/api/session").await.status == StatusCode::OK
}

#[tokio::test]
async fn everybody_sees_where_they_are_signed_in() {
    let Story { server, mut phone, mut tablet, .. } = signed_in_twice().await;
    let seen = sessions(&mut tablet, None).await;
    let [here, there] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(here.is_current && !there.is_current, "last used first: {seen:?}");
    assert_eq!((there.created_at, there.last_used_at), (NOON, NOON));
    assert_eq!(
        (here.created_at, here.expires_at),
        (NOON.plus_millis(HOUR_MS), NOON.plus_millis(HOUR_MS + 30 * DAY_MS))
    );
    assert_ne!(here.device, there.device);
    assert!(
        sessions(&mut phone, None).await.iter().any(|session| session.is_current && session.id == there.id)
    );

    server.state.clock.advance(31 * DAY_MS);
    let mut later = server.sign_in("demo", "tech@demo.example").await;
    assert_eq!(sessions(&mut later, None).await.len(), 1, "what has expired is no session");
}

#[tokio::test]
async fn a_session_is_ended_from_another_one() {
    let Story { server: _server, mut phone, mut tablet, .. } = signed_in_twice().await;
    let lost = sessions(&mut tablet, None).await.into_iter().find(|session| !session.is_current).unwrap();
    let address = format!("/api/sessions/{}", lost.id);
    assert_eq!(tablet.call(Method::DELETE, &address).await.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/directory").await.problem_code(), "not_signed_in");
    assert!(is_in(&mut tablet).await);
    assert_eq!(tablet.call(Method::DELETE, &address).await.status, StatusCode::NOT_FOUND, "it is gone");
    assert_eq!(tablet.call(Method::DELETE, "/api/sessions/phone").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn somebody_signs_out_everywhere_else() {
    let Story { server, mut phone, mut tablet, .. } = signed_in_twice().await;
    let mut ann = server.sign_in("demo", "ann@demo.example").await;
    let mut third = server.sign_in("demo", "tech@demo.example").await;
    assert_eq!(tablet.call(Method::DELETE, "/api/sessions").await.status, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut phone).await && !is_in(&mut third).await);
    assert!(is_in(&mut tablet).await && is_in(&mut ann).await);
    assert_eq!(sessions(&mut tablet, None).await.len(), 1);
}

#[tokio::test]
async fn sessions_of_others_are_for_whoever_administers_the_whole_organisation() {
    let Story { server, organisation, tech, mut phone, mut tablet } = signed_in_twice().await;
    let site = GrantLimit::Site(DocumentId::from_bytes([7; 16]));
    create_limited_person(&server.database, organisation, "bea@demo.example", Role::Admin, site).await;
    let mut ann = server.sign_in("demo", "ann@demo.example").await;
    let mut bea = server.sign_in("demo", "bea@demo.example").await;

    let theirs = sessions(&mut ann, Some(tech)).await;
    assert_eq!(theirs.len(), 2);
    assert!(theirs.iter().all(|session| !session.is_current));
    let annes = sessions(&mut ann, None).await[0].id;
    let whose = format!("/api/sessions?person={tech}");
    for (method, address) in [(Method::GET, &whose), (Method::DELETE, &whose)] {
        assert_eq!(bea.call(method, address).await.problem_code(), "forbidden");
    }
    for (client, session) in [(&mut bea, theirs[0].id), (&mut tablet, annes)] {
        let answer = client.call(Method::DELETE, &format!("/api/sessions/{session}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "whether it is there is not told: {answer:?}");
    }
    assert!(is_in(&mut phone).await && is_in(&mut tablet).await && is_in(&mut ann).await);

    assert_eq!(ann.call(Method::DELETE, &format!("/api/sessions/{}", theirs[0].id)).await.status, 204);
    let left: Vec<_> = sessions(&mut ann, Some(tech)).await.iter().map(|session| session.id).collect();
    assert_eq!(left, [theirs[1].id]);
    assert_eq!(ann.call(Method::DELETE, &whose).await.status, StatusCode::NO_CONTENT);
    assert!(!is_in(&mut phone).await && !is_in(&mut tablet).await);
    assert!(is_in(&mut ann).await && is_in(&mut bea).await);
}

#[tokio::test]
async fn another_organisation_is_as_good_as_none() {
    let Story { server, tech, mut tablet, .. } = signed_in_twice().await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, other, "eve@other.example", Role::Admin).await;
    let mut eve = server.sign_in("other", "eve@other.example").await;
    let session = sessions(&mut tablet, None).await[0].id;
    let (one, all) = (format!("/api/sessions/{session}"), format!("/api/sessions?person={tech}"));
    for (method, address) in [(Method::DELETE, &one), (Method::DELETE, &all), (Method::GET, &all)] {
        assert_eq!(eve.call(method, address).await.problem_code(), "not_found", "{address}");
    }
    assert!(is_in(&mut tablet).await);
}
