//! The demonstration: everybody can sign in, and seeding again changes nothing.

use axum::http::StatusCode;
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::account::SignedIn;
use sync_server::demo;

#[tokio::test]
async fn everybody_of_the_demonstration_can_sign_in() {
    let server = TestServer::start().await;
    let now = server.state.clock.now();
    assert!(demo::seed_when_empty(&server.state.pool, now).await.unwrap());
    assert!(!demo::seed_when_empty(&server.state.pool, now).await.unwrap(), "it is not empty any more");
    demo::seed(&server.state.pool, now).await.unwrap();
    let logins: Vec<_> = demo::logins().collect();
    assert_eq!(logins.len(), 10);
    for (organisation, email) in logins {
        let body = json!({ "email": email, "password": demo::PASSWORD });
        let answer = server.client().post("/api/session", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{email}: {answer:?}");
        assert_eq!(answer.read::<SignedIn>().organisation.slug, organisation, "{email}");
    }
}
