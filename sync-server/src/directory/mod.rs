//! The directory of the organisation, its people, teams, devices and actors, kept apart from documents so that it can be erased.
//!
//! Whoever changes an entry calls [`changed`] or [`extended`] in the same transaction and writes the version it returns on the
//! entry. The version's row stays locked until the commit, so versions become visible in order and a device
//! that asks for what is newer than its own misses nothing.

pub mod actors;
mod queries;
pub mod routes;

use shared_model::identity::OrganisationId;
use sqlx::PgConnection;

pub use queries::{inactive, known_people, known_teams, read};

/// Bumps the directory of the organisation and returns the new version. What somebody may do may have changed with it.
pub async fn changed(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "update directory_version set version = version + 1, rights_version = version + 1
         where organization_id = $1 returning version",
    )
    .bind(organisation.as_uuid())
    .fetch_one(connection)
    .await
}

/// The same for an entry that gives and takes no right: an actor, a device that signs in, or the organisation itself.
pub async fn extended(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "update directory_version set version = version + 1 where organization_id = $1 returning version",
    )
    .bind(organisation.as_uuid())
    .fetch_one(connection)
    .await
}

/// The present version of the directory.
pub async fn version(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select version from directory_version where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(connection)
        .await
}
