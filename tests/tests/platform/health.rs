//! What probes and Prometheus see.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::server::TestServer;
use sync_server::app_state::Settings;

#[tokio::test]
async fn a_server_with_its_database_is_ready_until_it_stops() {
    let server = TestServer::start().await;
    let mut client = server.client();
    assert_eq!(client.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(client.get("/readyz").await.status, StatusCode::OK);
    server.state.pool.close().await;
    assert_eq!(client.get("/healthz").await.status, StatusCode::OK);
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem_code(), "database_unavailable");
}

#[tokio::test]
async fn a_database_that_lacks_a_migration_is_not_ready() {
    let server = TestServer::start().await;
    let mut superuser = server.database.superuser().await;
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&mut superuser)
        .await
        .unwrap();
    assert_eq!(server.client().get("/readyz").await.problem_code(), "not_migrated");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_path() {
    let server = TestServer::start().await;
    let mut client = server.client();
    client.get("/api/secret-of-somebody").await;
    client.call(Method::from_bytes(b"EVIL123").unwrap(), "/nothing").await;
    let text = String::from_utf8(client.get("/metrics").await.body.to_vec()).unwrap();
    assert!(
        text.contains("http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}"),
        "{text}"
    );
    assert!(!text.contains("secret-of-somebody") && !text.contains("EVIL123"));
    assert!(text.contains("method=\"other\""), "{text}");
}

#[tokio::test]
async fn measurements_are_kept_from_strangers_when_a_token_is_set() {
    let database = TestDatabase::create().await;
    let settings = Settings { metrics_token: Some("prometheus".to_owned()), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut client = server.client();
    assert_eq!(client.get("/metrics").await.problem_code(), "not_signed_in");
    let with_token = Request::get("/metrics").header("authorization", "Bearer prometheus");
    assert_eq!(client.send(with_token.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_stopping_server_ends_in_order() {
    let server = TestServer::start().await;
    assert_eq!(server.client().get("/healthz").await.status, StatusCode::OK);
    let (shutdown, ended) = (server.state.shutdown.clone(), server.state.tasks.clone());
    let (done, socket_closed) = tokio::sync::oneshot::channel();
    ended.spawn(async move {
        shutdown.cancelled().await;
        done.send(()).ok();
    });
    server.stop().await;
    assert!(socket_closed.await.is_ok(), "the server waited for its tasks");
}
