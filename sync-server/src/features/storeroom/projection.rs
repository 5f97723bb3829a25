//! The rows of storerooms. They say nothing that depends on the ledger, which is not loaded with the document.

use shared_model::features::View;
use shared_model::identity::{DocumentId, PersonId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{Batch, Naming, Table, projection_rows, upsert};

pub(super) const TABLES: &[Table] = &[StoreroomRow::TABLE];

pub(super) const NAMES: &[Naming] =
    &[StoreroomRow::TABLE.naming("site"), StoreroomRow::TABLE.naming("location")];

projection_rows! {
    /// A storeroom.
    struct StoreroomRow in "storeroom" key [storeroom_id] of storeroom_id {
        storeroom_id: Uuid,
        name: String,
        code: Option<String>,
        site: Option<Uuid>,
        location: Option<Uuid>,
        van: bool,
        keeper: Option<Uuid>,
        conflicts: Vec<String>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows = batch.documents.iter().filter_map(|document| {
        let View::Storeroom(storeroom) = document.view else { return None };
        Some(StoreroomRow {
            storeroom_id: storeroom.id.as_uuid(),
            name: storeroom.name.clone(),
            code: storeroom.code.clone(),
            site: storeroom.site.map(DocumentId::as_uuid),
            location: storeroom.location.map(DocumentId::as_uuid),
            van: storeroom.van,
            keeper: storeroom.keeper.map(PersonId::as_uuid),
            conflicts: storeroom.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
        })
    });
    let rows: Vec<StoreroomRow> = rows.collect();
    upsert(connection, batch.organisation, StoreroomRow::TABLE, &rows).await
}
