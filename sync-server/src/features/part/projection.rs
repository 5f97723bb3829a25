//! The rows of parts.

use chrono::{DateTime, Utc};
use shared_model::document::DocumentKind;
use shared_model::features::part::{self as model, PartSummary};
use shared_model::features::{Row, search_text};
use shared_model::permission::Scope;
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{Batch, Table, column_scopes, column_time, projection_rows, search_words, upsert};

pub(super) const TABLES: &[Table] = &[PartRow::TABLE];

projection_rows! {
    /// A part.
    struct PartRow in "part" key [part_id] {
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
    let rows: Vec<PartRow> =
        batch.documents_of(DocumentKind::Part).map(|(aggregate, scopes)| row(aggregate, scopes)).collect();
    upsert(connection, batch.organisation, PartRow::TABLE, &rows).await
}

fn row(aggregate: &Aggregate, scopes: &[Scope]) -> PartRow {
    let part = model::read(aggregate);
    let summary = PartSummary::of(&part);
    PartRow {
        part_id: part.id.as_uuid(),
        search_text: search_words(&format!(
            "{} {}",
            search_text(&Row::Part(summary.clone())),
            part.description
        )),
        number: part.number,
        name: part.name,
        description: part.description,
        category: part.category,
        unit: part.unit,
        barcode: part.barcode,
        manufacturer: part.manufacturer,
        conflicts: summary.conflicts,
        updated_at: column_time(part.updated_at),
        scopes: column_scopes(scopes),
    }
}
