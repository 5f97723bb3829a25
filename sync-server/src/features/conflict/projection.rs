//! The rows of conflicts: one for every concurrent value.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Bytes, Projected, Table, column_bytes, column_time, projection_rows, replace,
};

pub(super) const TABLES: &[Table] = &[ConflictRow::TABLE];

projection_rows! {
    /// One of several values that were written to a field at the same time.
    struct ConflictRow in "conflict" key [doc_id, field, position] of doc_id {
        doc_id: Uuid,
        field: String,
        position: i32,
        doc_kind: &'static str,
        value: String,
        actor: Bytes,
        at: DateTime<Utc>,
        shown: bool,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows = batch.documents.iter().map(|document| (document.aggregate.id, rows(document)));
    replace(connection, batch, ConflictRow::TABLE, &rows.collect::<Vec<_>>()).await
}

fn rows(document: &Projected<'_>) -> Vec<ConflictRow> {
    let aggregate = document.aggregate;
    let mut rows = Vec::new();
    for conflict in document.view.conflicts() {
        for (position, value) in (0..).zip(&conflict.values) {
            rows.push(ConflictRow {
                doc_id: aggregate.id.as_uuid(),
                field: conflict.field.clone(),
                position,
                doc_kind: aggregate.document.kind().code(),
                value: serde_json::to_string(&value.value).unwrap_or_default(),
                actor: column_bytes(value.actor.as_bytes()),
                at: column_time(value.at),
                shown: value.shown,
            });
        }
    }
    rows
}
