//! The OpenAPI document names what the server answers, and nothing is open by accident.

use axum::http::{Method, StatusCode};
use maintainpro_tests::server::TestServer;
use serde_json::Value;
use sync_server::access::{self, Access};

/// Does the table say that it needs no session?
fn is_open(method: &str, path: &str) -> bool {
    access::operations().any(|operation| {
        (operation.method, operation.path) == (method, path) && matches!(operation.access, Access::Open(_))
    })
}

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
async fn every_documented_operation_says_what_it_takes_and_every_line_is_an_operation() {
    let server = TestServer::start().await;
    let document = server.client().get("/api/openapi.json").await.json();
    let mut documented = operations(&document);
    let mut told: Vec<(String, String)> = access::operations()
        .map(|operation| (operation.method.to_owned(), operation.path.to_owned()))
        .collect();
    documented.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, documented, "sync-server/src/access.rs and the routes differ");
    for (method, path) in documented {
        let access = &document["paths"][&path][&method]["x-access"];
        assert!(access.as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {access}");
    }
}

#[tokio::test]
async fn every_documented_route_exists_and_asks_for_a_session_unless_it_is_open() {
    let server = TestServer::start().await;
    let document = server.client().get("/api/openapi.json").await.json();
    for (method, path) in operations(&document) {
        let is_open = is_open(&method, &path);
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
