//! The rows of locations.

use chrono::{DateTime, Utc};
use shared_model::features::View;
use shared_model::identity::DocumentId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{Batch, Naming, Table, column_time, projection_rows, upsert};

pub(super) const TABLES: &[Table] = &[LocationRow::TABLE];

pub(super) const NAMES: &[Naming] = &[LocationRow::TABLE.naming("parent"), LocationRow::TABLE.naming("site")];

projection_rows! {
    /// A location; one without a parent is a site.
    struct LocationRow in "location" key [location_id] of location_id {
        location_id: Uuid,
        name: String,
        code: Option<String>,
        parent: Option<Uuid>,
        site: Option<Uuid>,
        conflicts: Vec<String>,
        updated_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows = batch.documents.iter().filter_map(|document| {
        let View::Location(location) = document.view else { return None };
        Some(LocationRow {
            location_id: location.id.as_uuid(),
            name: location.name.clone(),
            code: location.code.clone(),
            parent: location.parent.map(DocumentId::as_uuid),
            site: location.site.map(DocumentId::as_uuid),
            conflicts: location.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: column_time(location.updated_at),
        })
    });
    let rows: Vec<LocationRow> = rows.collect();
    upsert(connection, batch.organisation, LocationRow::TABLE, &rows).await
}
