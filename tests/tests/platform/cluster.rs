//! The embedded cluster: shared by processes, left behind by a crash, stopped by the last to leave.

use axum::http::StatusCode;
use maintainpro_tests::people::PASSWORD;
use maintainpro_tests::process::{DataFolder, ServerProcess, run, signal};
use maintainpro_tests::until::until;
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

fn add_ada(data: &DataFolder) {
    let added = run(
        PROGRAM,
        data,
        &[
            "user",
            "add",
            "--organisation=demo",
            "--create-organisation=Demo",
            "--email=ada@demo.example",
            "--name=Ada",
            "--role=admin",
            &format!("--password={PASSWORD}"),
        ],
    );
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
}

async fn ada_can_sign_in(server: &ServerProcess) {
    let body = json!({ "email": "ada@demo.example", "password": PASSWORD });
    let answer = server.client().post("/api/session", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn a_killed_server_leaves_its_cluster_to_the_next_one() {
    let data = DataFolder::create();
    let server = ServerProcess::start(PROGRAM, &data);
    add_ada(&data);
    let postmaster = data.postmaster().expect("the server started a cluster, the command left it running");
    ada_can_sign_in(&server).await;

    server.kill();
    assert_eq!(data.postmaster(), Some(postmaster), "PostgreSQL outlives the server");

    let server = ServerProcess::start(PROGRAM, &data);
    assert_eq!(data.postmaster(), Some(postmaster), "the next server takes it over");
    ada_can_sign_in(&server).await;
    assert!(server.terminate());
    assert_eq!(data.postmaster(), None, "who leaves last stops it");
}

#[tokio::test]
async fn a_server_starts_a_killed_cluster_again() {
    let data = DataFolder::create();
    let server = ServerProcess::start(PROGRAM, &data);
    add_ada(&data);
    let killed = data.postmaster().unwrap();
    signal("KILL", killed);

    until("recovered", async || {
        let runs = data.postmaster().is_some_and(|postmaster| postmaster != killed);
        let ready = server.client().get("/readyz").await;
        if runs && ready.status == StatusCode::OK { Ok(()) } else { Err((runs, ready)) }
    })
    .await;
    ada_can_sign_in(&server).await;
    assert!(server.terminate());
    assert_eq!(data.postmaster(), None);
}

#[tokio::test]
async fn a_command_alone_stops_what_it_started() {
    let data = DataFolder::create();
    add_ada(&data);
    assert_eq!(data.postmaster(), None);

    let server = ServerProcess::start(PROGRAM, &data);
    ada_can_sign_in(&server).await;
    assert!(server.terminate());
}

#[test]
fn a_machine_without_postgresql_is_told_what_to_install() {
    let data = DataFolder::create();
    let refused = run(PROGRAM, &data, &["migrate", "--pg-bin-dir=/nowhere"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    assert!(message.contains("apt-get install postgresql") && message.contains("DATABASE_URL"), "{message}");
}
