//! The rows of assets.

use chrono::{DateTime, Utc};
use shared_model::features::asset::{AssetSummary, Criticality};
use shared_model::features::{Row, View, search_text};
use shared_model::identity::DocumentId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Naming, Projected, Table, column_scopes, column_time, projection_rows, search_words, upsert,
};

pub(super) const TABLES: &[Table] = &[AssetRow::TABLE];

pub(super) const NAMES: &[Naming] =
    &[AssetRow::TABLE.naming("parent"), AssetRow::TABLE.naming("site"), AssetRow::TABLE.naming("location")];

projection_rows! {
    /// An asset.
    struct AssetRow in "asset" key [asset_id] of asset_id {
        asset_id: Uuid,
        tag: String,
        name: String,
        description: String,
        asset_type: Option<String>,
        level: &'static str,
        parent: Option<Uuid>,
        site: Option<Uuid>,
        location: Option<Uuid>,
        serial: Option<String>,
        manufacturer: Option<String>,
        model: Option<String>,
        criticality: Option<&'static str>,
        status: &'static str,
        code: Option<String>,
        external: Option<String>,
        conflicts: Vec<String>,
        updated_at: DateTime<Utc>,
        scopes: Vec<String>,
        search_text: String,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows: Vec<AssetRow> = batch.documents.iter().filter_map(row).collect();
    upsert(connection, batch.organisation, AssetRow::TABLE, &rows).await
}

fn row(document: &Projected<'_>) -> Option<AssetRow> {
    let View::Asset(asset) = document.view else { return None };
    let summary = AssetSummary::of(asset);
    Some(AssetRow {
        asset_id: asset.id.as_uuid(),
        search_text: search_words(&format!(
            "{} {}",
            search_text(&Row::Asset(summary.clone())),
            asset.description
        )),
        tag: asset.tag.clone(),
        name: asset.name.clone(),
        description: asset.description.clone(),
        asset_type: asset.asset_type.clone(),
        level: asset.level.code(),
        parent: asset.parent.map(DocumentId::as_uuid),
        site: asset.site.map(DocumentId::as_uuid),
        location: asset.location.map(DocumentId::as_uuid),
        serial: asset.serial.clone(),
        manufacturer: asset.manufacturer.clone(),
        model: asset.model.clone(),
        criticality: asset.criticality.map(Criticality::code),
        status: asset.status.code(),
        code: asset.code.clone(),
        external: asset.external.clone(),
        conflicts: summary.conflicts,
        updated_at: column_time(asset.updated_at),
        scopes: column_scopes(document.scopes),
    })
}
