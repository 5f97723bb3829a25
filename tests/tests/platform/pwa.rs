//! The web app's files: right types, right lifetimes, pages for every address of the app.

use std::fs;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::process::DataFolder;
use maintainpro_tests::server::TestServer;
use sync_server::app_state::Settings;
use sync_server::http::pwa::PwaFiles;

async fn server_with_files(folder: &DataFolder) -> TestServer {
    fs::create_dir(folder.path().join("engine-3f9c2a1b44ff")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html>app"),
        ("service-worker.js", "worker"),
        ("engine-worker.js", "worker"),
        ("boot.js", "boot"),
        ("engine-3f9c2a1b44ff/client_engine_bg.wasm", "engine"),
        ("manifest.webmanifest", "{}"),
        ("app-3f9c2a1b.wasm", "plain"),
        ("app-3f9c2a1b.wasm.br", "brotli"),
        (".hidden", "secret"),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let settings = Settings { pwa: Some(PwaFiles::new(folder.path())), ..Settings::default() };
    TestServer::start_with(&TestDatabase::create().await, settings).await
}

async fn browse(client: &mut Client, path: &str) -> Answer {
    let request = Request::get(path).header("accept", "text/html,*/*").header("accept-encoding", "gzip, br");
    client.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn files_have_their_types_and_lifetimes() {
    let folder = DataFolder::create();
    let server = server_with_files(&folder).await;
    let mut client = server.client();

    let wasm = browse(&mut client, "/app-3f9c2a1b.wasm").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(wasm.header("content-encoding"), "br");
    assert_eq!(&wasm.body[..], b"brotli");
    assert!(wasm.header("cache-control").contains("immutable"));
    assert_eq!(&client.get("/app-3f9c2a1b.wasm").await.body[..], b"plain", "without accept-encoding");

    let engine = browse(&mut client, "/engine-3f9c2a1b44ff/client_engine_bg.wasm").await;
    assert_eq!(&engine.body[..], b"engine");
    assert!(engine.header("cache-control").contains("immutable"), "in a folder named after its content");

    let manifest = browse(&mut client, "/manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    for path in ["/", "/index.html", "/service-worker.js", "/engine-worker.js", "/boot.js"] {
        let answer = browse(&mut client, path).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-cache"), "{path}");
        assert!(answer.header("content-type").ends_with("; charset=utf-8"), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn page_addresses_get_the_app_and_everything_else_a_problem() {
    let folder = DataFolder::create();
    let server = server_with_files(&folder).await;
    let mut client = server.client();
    for path in ["/", "/work-orders", "/work-orders/01890000-0000-7000-8000-000000000001"] {
        let answer = browse(&mut client, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert!(answer.body.starts_with(b"<!doctype html>"), "{path}");
    }
    let hostile = ["/api/x", "/sync/x", "/old-app.js", "/.hidden", "/../Cargo.toml", "/%2e%2e/Cargo.toml"];
    for path in hostile {
        let answer = browse(&mut client, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.problem_code(), "not_found");
    }
    assert_eq!(client.get("/work-orders").await.problem_code(), "not_found", "a program asks for no page");
}
