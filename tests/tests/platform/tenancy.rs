//! Tenants are apart even when the application forgets to ask.

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::permission::Role;
use sync_server::database::tenant_transaction;

const TENANT_TABLES: &str = "select relname::text from pg_class
     join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
     where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace";

#[tokio::test]
async fn without_a_tenant_every_table_is_empty() {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    create_person(&server.database, demo, "tech@demo.example", Role::Technician).await;
    server.sign_in("demo", "tech@demo.example").await;

    let pool = &server.database.pool;
    let tables: Vec<String> = sqlx::query_scalar(TENANT_TABLES).fetch_all(pool).await.unwrap();
    assert!(tables.len() >= 10);
    for table in tables {
        let count = format!("select count(*) from {table}");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(pool).await.unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[tokio::test]
async fn a_tenant_sees_and_changes_its_own_rows_only() {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    let other = create_organisation(&database, "other").await;
    create_person(&database, demo, "tech@demo.example", Role::Technician).await;
    create_person(&database, other, "tech@other.example", Role::Technician).await;

    let mut transaction = tenant_transaction(&database.pool, demo).await.unwrap();
    let emails: Vec<String> =
        sqlx::query_scalar("select email from person").fetch_all(&mut *transaction).await.unwrap();
    assert_eq!(emails, ["tech@demo.example"], "no filter of its own in that query");
    let changed = sqlx::query("update person set display_name = 'x' where organization_id = $1")
        .bind(other.as_uuid())
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 0);
    let smuggled = sqlx::query("update person set organization_id = $1")
        .bind(other.as_uuid())
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    assert!(smuggled.to_string().contains("row-level security"), "{smuggled}");
}

#[tokio::test]
async fn the_tenant_does_not_stick_to_a_connection() {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    let mut connection = database.pool.acquire().await.unwrap();
    let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
    sync_server::database::set_tenant(&mut transaction, demo).await.unwrap();
    let inside: i64 =
        sqlx::query_scalar("select count(*) from organisation").fetch_one(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    let after: i64 =
        sqlx::query_scalar("select count(*) from organisation").fetch_one(&mut *connection).await.unwrap();
    assert_eq!((inside, after), (1, 0));
}

#[tokio::test]
async fn the_application_cannot_become_more_than_it_is() {
    let database = TestDatabase::create().await;
    for attempt in [
        "set role maintainpro_owner",
        "set role maintainpro_signin",
        "set row_security = off; select count(*) from person",
        "alter table person disable row level security",
        "drop policy tenant on person",
        "create table mine (x integer)",
        "update _sqlx_migrations set success = false",
    ] {
        let refused = sqlx::raw_sql(attempt).execute(&database.pool).await;
        assert!(refused.is_err(), "{attempt}");
    }
}

#[tokio::test]
async fn a_session_of_one_organisation_says_nothing_about_another() {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, demo, "tech@demo.example", Role::Technician).await;
    create_person(&server.database, other, "admin@other.example", Role::Admin).await;
    let mut client = server.sign_in("demo", "tech@demo.example").await;

    let directory = String::from_utf8(client.get("/api/directory").await.body.to_vec()).unwrap();
    assert!(
        !directory.contains(&other.to_string()) && directory.matches("\"roles\"").count() == 1,
        "{directory}"
    );

    let cookie = client.cookie.clone().unwrap();
    let (_, secret) = cookie.split_once('.').unwrap();
    client.cookie = Some(format!("maintainpro={}.{secret}", other.as_uuid().simple()));
    assert_eq!(
        client.get("/api/session").await.problem_code(),
        "not_signed_in",
        "the secret under their name"
    );
}
