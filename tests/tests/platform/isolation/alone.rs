//! Row-level security alone: statements that name no organisation, as if every filter of the application had been forgotten,
//! on connections that others have used, and after transactions that failed.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use sync_server::database::set_tenant;
use uuid::Uuid;

use super::stage::{Party, tenant_tables};
use maintainpro_tests::server::TestServer;

/// Tables in which nothing is on this stage.
const EMPTY: &[&str] = &["outgoing_email", "quarantine"];

#[tokio::test(flavor = "multi_thread")]
async fn without_any_filter_the_database_keeps_them_apart() {
    let server = TestServer::start().await;
    let victim = Party::found(&server, "xanadu", 0xa1).await;
    let prober = Party::found(&server, "ithaca", 0xb1).await;
    let (theirs, ours) = (victim.organisation.as_uuid(), prober.organisation.as_uuid());
    let mut superuser = server.database.superuser().await;
    let mut connection = server.database.pool.acquire().await.unwrap();
    let mut empty = Vec::new();
    for table in tenant_tables(&server).await {
        let of_theirs = count(&mut superuser, &table, Some(theirs)).await;
        if of_theirs == 0 {
            empty.push(table.clone());
        }
        // Somebody of theirs has just worked on this connection, and something of ours has just failed on it.
        let mut transaction = connection.begin().await.unwrap();
        set_tenant(&mut transaction, victim.organisation).await.unwrap();
        assert_eq!(count(&mut transaction, &table, None).await, of_theirs, "{table}");
        transaction.commit().await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        set_tenant(&mut transaction, victim.organisation).await.unwrap();
        assert!(sqlx::query("select 1 / 0").execute(&mut *transaction).await.is_err());
        transaction.rollback().await.unwrap();
        assert_eq!(count(&mut connection, &table, None).await, 0, "{table} without an organisation");

        let of_ours = count(&mut superuser, &table, Some(ours)).await;
        let mut transaction = connection.begin().await.unwrap();
        set_tenant(&mut transaction, prober.organisation).await.unwrap();
        let seen = format!("select distinct organization_id from {table}");
        let seen: Vec<Uuid> =
            sqlx::query_scalar(AssertSqlSafe(seen)).fetch_all(&mut *transaction).await.unwrap();
        assert!(seen.iter().all(|id| *id == ours), "{table} shows {seen:?}");
        let touched = [
            (format!("update {table} set organization_id = organization_id"), of_ours),
            (format!("delete from {table} where organization_id = '{theirs}'"), 0),
            (format!("update {table} set organization_id = '{ours}' where organization_id = '{theirs}'"), 0),
        ];
        for (statement, most) in touched {
            assert!(changed(&mut transaction, &statement).await <= most, "{statement}");
        }
        // Nor does anything of ours become theirs.
        let given = format!("update {table} set organization_id = '{theirs}'");
        assert_eq!(changed(&mut transaction, &given).await, 0, "{given}");
        transaction.rollback().await.unwrap();
        assert_eq!(count(&mut superuser, &table, Some(theirs)).await, of_theirs, "{table}");
    }
    empty.retain(|table| !EMPTY.contains(&table.as_str()));
    assert_eq!(empty, Vec::<String>::new(), "a table with no rows proves nothing: fill it in `Party::found`");
}

async fn count(connection: &mut PgConnection, table: &str, of: Option<Uuid>) -> i64 {
    let only = of.map(|id| format!(" where organization_id = '{id}'")).unwrap_or_default();
    let query = format!("select count(*) from {table}{only}");
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(connection).await.unwrap()
}

/// How many rows a statement changes; none when it is refused.
async fn changed(connection: &mut PgConnection, statement: &str) -> i64 {
    let mut attempt = connection.begin().await.unwrap();
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut *attempt).await;
    let rows = done.map_or(0, |done| i64::try_from(done.rows_affected()).unwrap());
    attempt.rollback().await.unwrap();
    rows
}
