//! The demonstration: two organisations with people in every role, and what they work on. Everything is
//! generated from fixed names, so every installation shows the same.

mod people;

use shared_model::instant::Timestamp;
use sqlx::PgPool;

pub use people::{ORGANISATION, OTHER_ORGANISATION, PASSWORD, logins};

use crate::database::organisations;

/// Fills an installation that has no organisation yet. Returns whether it did.
pub async fn seed_when_empty(pool: &PgPool, now: Timestamp) -> anyhow::Result<bool> {
    if !organisations::all(pool).await?.is_empty() {
        return Ok(false);
    }
    seed(pool, now).await?;
    Ok(true)
}

/// Creates what is missing of the demonstration.
pub async fn seed(pool: &PgPool, now: Timestamp) -> anyhow::Result<()> {
    people::seed(pool, now).await
}
