//! Assets.

mod projection;
mod queries;
mod routes;

use shared_model::features::work_order::AssetLink;
use shared_model::identity::OrganisationId;
use shared_model::permission::Permission;
use sqlx::PgConnection;

use crate::access::{Access, Operation, operation};

pub use self::queries::DuplicateTag;
use super::Feature;

const OPERATIONS: &[Operation] = &[
    operation("get", "/api/assets", Access::Holding(Permission::AssetRead)),
    operation("get", "/api/assets/duplicate-tags", Access::Holding(Permission::AssetRead)),
];

/// Assets on the server.
pub const FEATURE: Feature = Feature {
    name: "asset",
    tables: projection::TABLES,
    derived: &[],
    names: projection::NAMES,
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
    operations: OPERATIONS,
};

/// The assets with these tags, for features that link to them.
pub async fn links_by_tag(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    tags: &[&str],
) -> sqlx::Result<Vec<AssetLink>> {
    queries::links_by_tag(connection, organisation, tags).await
}

/// Tags that more than one asset in these scopes (`None`: all) has, for the inbox.
pub async fn duplicate_tags(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<DuplicateTag>> {
    queries::duplicate_tags(connection, organisation, scopes).await
}
