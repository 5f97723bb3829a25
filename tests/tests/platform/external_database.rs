//! A PostgreSQL server somebody else runs, with a user of theirs that is no superuser.

use axum::http::StatusCode;
use maintainpro_tests::database::{TestDatabase, superuser};
use maintainpro_tests::process::{DataFolder, ServerProcess, run_with};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

async fn administer(statements: &[String]) {
    let mut connection = PgConnection::connect_with(&superuser("postgres")).await.unwrap();
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_server_migrates_and_works_as_a_user_without_privileges() {
    // The harness drops what a killed run leaves behind by this name.
    let database = format!("test_{}_external", std::process::id());
    let user = format!("external_{}", std::process::id());
    administer(&[
        format!("create role {user} login createrole"),
        format!("create database {database} owner {user}"),
    ])
    .await;
    let host = superuser("postgres").get_host().to_owned();
    let url = format!("postgres://{user}@localhost/{database}?host={host}");

    let data = DataFolder::create();
    let server = ServerProcess::start_with(PROGRAM, &data, &[("DATABASE_URL", &url)]);
    assert_eq!(server.client().get("/readyz").await.status, StatusCode::OK);
    assert_eq!(data.postmaster(), None, "no cluster of its own");
    assert!(server.terminate());
    let server = ServerProcess::start_with(PROGRAM, &data, &[("DATABASE_URL", &url)]);
    assert_eq!(server.client().get("/readyz").await.status, StatusCode::OK, "a second start finds all done");
    assert!(server.terminate());

    let mut connection = PgConnection::connect_with(&superuser(&database)).await.unwrap();
    let owners: Vec<String> = sqlx::query_scalar(
        "select distinct relowner::regrole::text from pg_class
         where relkind = 'r' and relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert_eq!(owners, ["maintainpro_owner"]);
    connection.close().await.unwrap();
    administer(&[format!("drop database {database} with (force)"), format!("drop role {user}")]).await;
}

#[tokio::test]
async fn a_server_refuses_to_sign_in_as_a_superuser() {
    let database = TestDatabase::create().await;
    let url = database.superuser_url();
    let done = run_with(PROGRAM, &DataFolder::create(), &[("DATABASE_URL", &url)], &["user", "list"]);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && told.contains("the server refuses to work as it"), "{told}");
}
