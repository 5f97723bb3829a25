//! The rows that devices keep of documents, as JSON: what a first load sends before it sends a document. Documents
//! with a ledger have none here, because their rows say what the ledger says and it is not loaded with them.

use shared_model::features::{ROWS_VERSION, Row, row, row_of};
use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Batch, Table, projection_rows, upsert};
use crate::database::tenant_transaction;
use crate::document_store::{self, has_ledger};

/// Documents opened in one transaction, which keeps them as they are meanwhile.
const STEP: usize = 200;

/// The table.
pub(super) const TABLE: Table = DocumentRow::TABLE;

projection_rows! {
    /// A row as devices keep it.
    struct DocumentRow in "document_row" key [document_id] of document_id {
        document_id: Uuid,
        row_version: i32,
        is_open: bool,
        row: String,
    }
}

/// The shape of the rows this server writes.
pub fn row_version() -> i32 {
    i32::try_from(ROWS_VERSION).unwrap_or(i32::MAX)
}

impl DocumentRow {
    fn of(row: &Row) -> sqlx::Result<Self> {
        let json = serde_json::to_string(row).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let (document_id, row_version) = (row.id().as_uuid(), row_version());
        Ok(Self { document_id, row_version, is_open: row.is_open(), row: json })
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let documents = batch.documents.iter().filter(|document| !has_ledger(document.aggregate.document.kind()));
    let rows: sqlx::Result<Vec<DocumentRow>> =
        documents.map(|document| DocumentRow::of(&row_of(document.view))).collect();
    upsert(connection, batch.organisation, TABLE, &rows?).await
}

/// Makes the rows of documents that have none, or one of another shape.
pub async fn fill(
    pool: &PgPool,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> anyhow::Result<()> {
    for step in documents.chunks(STEP) {
        let mut transaction = tenant_transaction(pool, organisation).await?;
        document_store::lock(&mut transaction, organisation, step).await?;
        let read = document_store::read(&mut transaction, organisation, step).await?;
        let rows = move || read.iter().map(|aggregate| DocumentRow::of(&row(aggregate))).collect();
        let rows: sqlx::Result<Vec<DocumentRow>> = tokio::task::spawn_blocking(rows).await?;
        upsert(&mut transaction, organisation, TABLE, &rows?).await?;
        transaction.commit().await?;
    }
    Ok(())
}
