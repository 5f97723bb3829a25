//! The SQL that reads parts.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

/// A part in a list. Prices are not part of it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct PartItem {
    /// The document.
    #[sqlx(rename = "part_id")]
    pub(super) id: Uuid,
    /// Its number in the catalogue.
    number: String,
    /// What it is.
    name: String,
    /// Its group in the catalogue.
    category: Option<String>,
    /// What its quantities count.
    unit: String,
    /// What its bar code says.
    barcode: Option<String>,
    /// Who makes it.
    manufacturer: Option<String>,
    /// Fields with several values.
    conflicts: Vec<String>,
    /// When it was last edited.
    updated_at: DateTime<Utc>,
}

/// Which parts are wanted.
pub(super) struct Filter {
    pub(super) search: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) after: Option<Uuid>,
    pub(super) limit: i64,
}

/// Parts in order of creation.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
) -> sqlx::Result<Vec<PartItem>> {
    sqlx::query_as(
        "select part_id, number, name, category, unit, barcode, manufacturer, conflicts, updated_at
         from part
         where organization_id = $1
           and ($2::text is null or search @@ to_tsquery('simple', $2))
           and ($3::text[] is null or scopes && $3)
           and ($4::uuid is null or part_id > $4)
         order by part_id limit $5",
    )
    .bind(organisation.as_uuid())
    .bind(&filter.search)
    .bind(&filter.scopes)
    .bind(filter.after)
    .bind(filter.limit)
    .fetch_all(connection)
    .await
}
