//! Whatever goes wrong, the answer is a problem document with a stable code and the request's id.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use tokio::net::TcpStream;

async fn post_raw(client: &mut Client, content_type: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/api/session").header(header::CONTENT_TYPE, content_type);
    client.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn every_way_to_ask_wrongly_has_its_code() {
    let server = TestServer::start().await;
    let mut client = server.client();

    let answer = client.get("/api/nothing").await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::NOT_FOUND, "not_found"));

    let answer = client.call(Method::PATCH, "/api/session").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.problem_code(), "method_not_allowed");
    assert!(answer.header("allow").contains("POST"), "{answer:?}");

    let answer = post_raw(&mut client, "application/json", "{\"email\":").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.problem_code(), "malformed_json");

    let answer = post_raw(&mut client, "application/json", "{\"email\":1}").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.problem_code(), "invalid_body");

    let answer = post_raw(&mut client, "text/plain", "{}").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.problem_code(), "unsupported_media_type");

    let answer = post_raw(&mut client, "application/json", vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.problem_code(), "body_too_large");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let server = TestServer::start().await;
    let mut body = json!({ "email": "a@b.example", "password": "wrong" }).to_string().into_bytes();
    body.resize(1024 * 1024, b' ');
    let answer = post_raw(&mut server.client(), "application/json", body).await;
    assert_eq!(answer.problem_code(), "wrong_credentials");
}

#[tokio::test]
async fn odd_text_is_refused_without_a_server_error() {
    let server = TestServer::start().await;
    let mut client = server.client();
    for email in ["", "\0", "a\0b@c.example", &"x".repeat(300), "𝕏@𝕐", "' or 1=1 --"] {
        for organisation in [None, Some("\0"), Some("nowhere"), Some("")] {
            let body = json!({ "email": email, "password": "\0", "organisation": organisation });
            let answer = client.post("/api/session", &body).await;
            assert!(answer.status.is_client_error(), "{email:?} {organisation:?}: {answer:?}");
        }
    }
    let device = json!({ "id": "not-an-id", "name": "x" });
    let body = json!({ "email": "a@b.example", "password": "x", "device": device });
    assert_eq!(client.post("/api/session", &body).await.problem_code(), "invalid_body");
    assert_eq!(client.get("/api/directory?since=x").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lost_database_is_a_503_that_says_when_to_come_back() {
    let server = TestServer::start().await;
    server.state.pool.close().await;
    let body = json!({ "email": "a@b.example", "password": "x" });
    let answer = server.client().post("/api/session", &body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem_code(), "database_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    assert!(
        !String::from_utf8_lossy(&answer.body).contains("pool"),
        "the cause stays in the log: {answer:?}"
    );
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_an_odd_one_replaced() {
    let server = TestServer::start().await;
    let mut client = server.client();
    for (given, kept) in [("abc-123", true), ("a b", false), ("", false), (&*"x".repeat(65), false)] {
        let request = Request::get("/api/nothing").header("x-request-id", given);
        let answer = client.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("x-request-id") == given, kept, "{given}");
        answer.problem_code();
    }
}

#[tokio::test]
async fn answers_carry_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/api/nothing"] {
        let answer = server.client().get(path).await;
        assert!(answer.header("content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(answer.header("permissions-policy").contains("camera=(self)"));
    }
    assert_eq!(server.client().get("/api/session").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn another_site_cannot_act_for_somebody() {
    let server = TestServer::start().await;
    let mut client = server.client();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/api/session").header(name, value);
        let answer = client.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.problem_code(), "cross_site_request");
    }
    let origin = format!("http://{}", server.address);
    let request =
        Request::post("/api/session").header("origin", origin).header("sec-fetch-site", "same-origin");
    let answer = client.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.problem_code(), "unsupported_media_type", "our own page gets as far as the handler");
}

#[tokio::test]
async fn over_http_2_our_own_page_is_known_without_a_host_header() {
    let server = TestServer::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let own = format!("http://{}", server.address);
    for (origin, status) in
        [(own.as_str(), StatusCode::UNSUPPORTED_MEDIA_TYPE), ("http://evil.example", StatusCode::FORBIDDEN)]
    {
        let request = Request::post(format!("{own}/api/session")).header(header::ORIGIN, origin);
        let response = sender.send_request(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{origin}");
    }
    connection.abort();
}
