//! All SQL that reads the rows of assets.

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
