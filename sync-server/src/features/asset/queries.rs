//! All SQL that reads the rows of assets.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::features::work_order::AssetLink;
use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The assets with these tags, the oldest first where two have the same tag.
pub(super) async fn links_by_tag(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    tags: &[&str],
) -> sqlx::Result<Vec<AssetLink>> {
    let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select distinct on (tag) asset_id, tag, name from asset
         where organization_id = $1 and tag = any($2) order by tag, asset_id",
    )
    .bind(organisation.as_uuid())
    .bind(tags)
    .fetch_all(connection)
    .await?;
    let links =
        rows.into_iter().map(|(id, tag, name)| AssetLink { id: DocumentId::from_uuid(id), tag, name });
    Ok(links.collect())
}

/// An asset in a list.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct AssetItem {
    /// The document.
    #[sqlx(rename = "asset_id")]
    pub(super) id: Uuid,
    /// What people call it by.
    tag: String,
    /// What it is.
    name: String,
    /// Its type.
    #[serde(rename = "type")]
    asset_type: Option<String>,
    /// Where in the tree it belongs.
    level: String,
    /// The asset it is a part of.
    parent: Option<Uuid>,
    /// The site.
    site: Option<Uuid>,
    /// The location.
    location: Option<Uuid>,
    /// Serial number.
    serial: Option<String>,
    /// Who made it.
    manufacturer: Option<String>,
    /// Which model it is.
    model: Option<String>,
    /// How much depends on it.
    criticality: Option<String>,
    /// How it does.
    status: String,
    /// Fields with several values.
    conflicts: Vec<String>,
    /// When it was last edited or written about.
    updated_at: DateTime<Utc>,
}

/// Which assets are wanted.
pub(super) struct Filter {
    pub(super) search: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) after: Option<Uuid>,
    pub(super) limit: i64,
}

/// Assets in order of creation.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
) -> sqlx::Result<Vec<AssetItem>> {
    sqlx::query_as(
        "select asset_id, tag, name, asset_type, level, parent, site, location, serial, manufacturer, model,
                criticality, status, conflicts, updated_at
         from asset
         where organization_id = $1
           and ($2::text is null or search @@ to_tsquery('simple', $2))
           and ($3::text[] is null or scopes && $3)
           and ($4::uuid is null or asset_id > $4)
         order by asset_id limit $5",
    )
    .bind(organisation.as_uuid())
    .bind(&filter.search)
    .bind(&filter.scopes)
    .bind(filter.after)
    .bind(filter.limit)
    .fetch_all(connection)
    .await
}

/// A tag that more than one asset has.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct DuplicateTag {
    /// The tag.
    tag: String,
    /// The assets that have it, in any case of letters.
    assets: Vec<Uuid>,
}

/// Tags that more than one asset within the caller's scopes has: typed apart from each other, offline.
pub(super) async fn duplicate_tags(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<DuplicateTag>> {
    sqlx::query_as(
        "select min(tag) as tag, array_agg(asset_id order by asset_id) as assets
         from asset
         where organization_id = $1 and ($2::text[] is null or scopes && $2)
         group by lower(tag) having count(*) > 1
         order by lower(tag) limit 500",
    )
    .bind(organisation.as_uuid())
    .bind(scopes)
    .fetch_all(connection)
    .await
}
