//! The OpenAPI document names what the server answers, and nothing is open by accident.

use axum::http::{Method, StatusCode};
use maintainpro_tests::server::TestServer;
use serde_json::Value;

/// Routes that need no session, each with the reason.
const OPEN: [(&str, &str); 11] = [
    // Signing in.
    ("post", "/api/session"),
    // For devices that nobody can sign in on any more; they have a credential of their own.
    ("post", "/api/deposits"),
    // Its one-time ticket stands for the session.
    ("get", "/sync"),
    // For people who have no password yet, or not any more: the secret is in the body.
    ("post", "/api/account-links/read"),
    ("post", "/api/account-links/strength"),
    ("post", "/api/account-links/use"),
    ("post", "/api/password-resets"),
    // Says what the server can do, not what anybody did.
    ("get", "/api/openapi.json"),
    // For whoever runs the server; metrics have a token of their own.
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/metrics"),
];

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn the_document_names_every_route_of_the_platform() {
    let server = TestServer::start().await;
    let document = server.client().get("/api/openapi.json").await.json();
    let operations = operations(&document);
    for (method, path) in OPEN.into_iter().chain([
        ("get", "/api/session"),
        ("delete", "/api/session"),
        ("post", "/api/socket-tickets"),
        ("get", "/api/directory"),
        ("get", "/api/packs"),
    ]) {
        assert!(operations.contains(&(method.to_owned(), path.to_owned())), "{method} {path}");
    }
}

#[tokio::test]
async fn every_documented_route_exists_and_asks_for_a_session_unless_it_is_open() {
    let server = TestServer::start().await;
    let document = server.client().get("/api/openapi.json").await.json();
    for (method, path) in operations(&document) {
        let is_open = OPEN.contains(&(method.as_str(), path.as_str()));
        let address = path.replace(['{', '}'], "");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = server.client().call(method.clone(), &address).await;
        if is_open {
            assert!(
                ![StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status),
                "{method} {path} is documented and does not exist"
            );
        } else {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} without a session");
            assert_eq!(answer.problem_code(), "not_signed_in");
        }
    }
}
