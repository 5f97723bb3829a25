//! Settings from the environment, as a file of them gives them.

use axum::http::StatusCode;
use maintainpro_tests::process::{DataFolder, ServerProcess};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example"));

/// Every variable of the example, those behind a `#` too, but not the folder this test keeps its data in.
fn variables() -> impl Iterator<Item = &'static str> {
    let names =
        EXAMPLE.lines().filter_map(|line| line.trim_start_matches('#').split_once('=')).map(|(name, _)| name);
    names.filter(|name| {
        (name.starts_with("MAINTAINPRO_") && *name != "MAINTAINPRO_DATA") || *name == "DATABASE_URL"
    })
}

#[tokio::test]
async fn a_variable_that_is_set_to_nothing_is_not_set() {
    let environment: Vec<_> = variables().map(|name| (name, "")).collect();
    for name in ["DATABASE_URL", "MAINTAINPRO_RECEIPT_KEY", "MAINTAINPRO_SEED_DEMO", "MAINTAINPRO_TLS_CERT"] {
        assert!(environment.contains(&(name, "")), "{name} is not in {environment:?}");
    }
    let data = DataFolder::create();
    let server = ServerProcess::start_with(PROGRAM, &data, &environment);
    assert_eq!(server.client().get("/readyz").await.status, StatusCode::OK);
    assert!(data.postmaster().is_some(), "an empty address of a database means the one of the data folder");
    assert!(data.path().join("receipt.key").is_file(), "an empty key means the one of the data folder");
    assert!(server.terminate());
}
