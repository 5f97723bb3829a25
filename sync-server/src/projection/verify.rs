//! Comparing the projections with a rebuild. The rebuild goes into temporary tables that carry the names of the
//! real ones and therefore hide them, so that it runs the very code that writes the real ones. Nothing that is
//! derived is trusted: not snapshots, not scopes, not the chain.

use std::collections::BTreeMap;

use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use uuid::Uuid;

use super::rebuild::{derived, replay, tables};
use super::{Derived, Progress, column_scopes};
use crate::database::tenant_snapshot;
use crate::sync::feed;

/// Differing rows shown of one table.
const SHOWN: i64 = 20;

/// A row that is not as the feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
    /// The row, as JSON.
    pub row: String,
}

/// Compares everything derived from an organisation's feed with a rebuild, as of one moment, while others go on
/// writing. Changes nothing.
pub async fn verify(
    pool: &PgPool,
    organisation: OrganisationId,
    progress: impl FnMut(Progress),
) -> anyhow::Result<Vec<Difference>> {
    let mut transaction = tenant_snapshot(pool, organisation).await?;
    let differences = compare_all(&mut transaction, organisation, progress).await?;
    transaction.rollback().await?;
    Ok(differences)
}

async fn compare_all(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    progress: impl FnMut(Progress),
) -> anyhow::Result<Vec<Difference>> {
    let mut differences = feed::check_chain(connection, organisation).await?;
    for table in tables() {
        let statement = format!(
            "create temporary table {name} (like public.{name} including all) on commit drop",
            name = table.name
        );
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    }
    let mut expected = BTreeMap::new();
    replay(connection, organisation, progress, |replayed| {
        let document = &replayed.aggregate.document;
        let heads: Vec<u8> = document.heads().iter().flat_map(|hash| hash.0).collect();
        let stands = (heads, column_scopes(&replayed.scopes), replayed.deleted);
        expected.insert(replayed.aggregate.id, stands);
    })
    .await?;
    differences.extend(compare_documents(connection, organisation, &expected).await?);
    // Rows of documents may be missing until somebody loads.
    sqlx::query(
        "delete from pg_temp.document_row as rebuilt
         where not exists (
             select from public.document_row as kept
             where kept.organization_id = rebuilt.organization_id and kept.document_id = rebuilt.document_id)",
    )
    .execute(&mut *connection)
    .await?;
    for table in tables() {
        let columns = quoted(table.columns);
        let [kept, rebuilt] = ["public", "pg_temp"].map(|schema| {
            format!("select {columns} from {schema}.{} where organization_id = $1", table.name)
        });
        differences.extend(compare(connection, organisation, table.name, &kept, &rebuilt).await?);
    }
    for Derived { name, columns, table, expressions, .. } in derived() {
        let kept = format!("select {} from public.{name} where organization_id = $1", quoted(columns));
        let named: Vec<String> = expressions
            .iter()
            .zip(*columns)
            .map(|(made, column)| format!("{made} as \"{column}\""))
            .collect();
        let rebuilt = format!("select {} from pg_temp.{table} where organization_id = $1", named.join(", "));
        differences.extend(compare(connection, organisation, name, &kept, &rebuilt).await?);
    }
    Ok(differences)
}

fn quoted(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

async fn compare(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    table: &'static str,
    kept: &str,
    rebuilt: &str,
) -> anyhow::Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for (problem, present, absent) in [
        ("the feed does not say so", kept, rebuilt),
        ("the feed says so and the row is missing", rebuilt, kept),
    ] {
        let statement =
            format!("select row_to_json(odd)::text from ({present} except {absent}) as odd limit {SHOWN}");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(organisation.as_uuid())
            .fetch_all(&mut *connection)
            .await?;
        differences.extend(rows.into_iter().map(|row| Difference { table, problem, row }));
    }
    Ok(differences)
}

/// Heads and scopes of documents and whether they were deleted: what optimistic commits and every reader's rights rest
/// on.
async fn compare_documents(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    expected: &BTreeMap<DocumentId, (Vec<u8>, Vec<String>, bool)>,
) -> anyhow::Result<Vec<Difference>> {
    let rows: Vec<(Uuid, Vec<u8>, Vec<String>, bool)> = sqlx::query_as(
        "select doc_id, heads, scopes, deleted_at is not null from document where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .fetch_all(connection)
    .await?;
    let mut missing = expected.clone();
    let mut differences = Vec::new();
    let table = "document";
    for (id, heads, scopes, deleted) in rows {
        let row = format!("{{\"doc_id\":\"{id}\",\"scopes\":{scopes:?},\"deleted\":{deleted}}}");
        if missing.remove(&DocumentId::from_uuid(id)) != Some((heads, scopes, deleted)) {
            differences.push(Difference { table, problem: "the feed does not say so", row });
        }
    }
    let problem = "the feed says so and the row is missing";
    differences.extend(missing.keys().map(|id| Difference {
        table,
        problem,
        row: format!("{{\"doc_id\":\"{id}\"}}"),
    }));
    Ok(differences)
}
