//! The rows of parts.

use chrono::{DateTime, Utc};
use shared_model::features::part::PartSummary;
use shared_model::features::{Row, View, search_text};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Projected, Table, column_scopes, column_time, projection_rows, search_words, upsert,
};

pub(super) const TABLES: &[Table] = &[PartRow::TABLE];

projection_rows! {
    /// A part.
    struct PartRow in "part" key [part_id] of part_id {
        part_id: Uuid,
        number: String,
        name: String,
        description: String,
        category: Option<String>,
        unit: String,
        barcode: Option<String>,
        manufacturer: Option<String>,
        conflicts: Vec<String>,
        updated_at: DateTime<Utc>,
        scopes: Vec<String>,
        search_text: String,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows: Vec<PartRow> = batch.documents.iter().filter_map(row).collect();
    upsert(connection, batch.organisation, PartRow::TABLE, &rows).await
}

fn row(document: &Projected<'_>) -> Option<PartRow> {
    let View::Part(part) = document.view else { return None };
    let summary = PartSummary::of(part);
    Some(PartRow {
        part_id: part.id.as_uuid(),
        search_text: search_words(&format!(
            "{} {}",
            search_text(&Row::Part(summary.clone())),
            part.description
        )),
        number: part.number.clone(),
        name: part.name.clone(),
        description: part.description.clone(),
        category: part.category.clone(),
        unit: part.unit.clone(),
        barcode: part.barcode.clone(),
        manufacturer: part.manufacturer.clone(),
        conflicts: summary.conflicts,
        updated_at: column_time(part.updated_at),
        scopes: column_scopes(document.scopes),
    })
}
