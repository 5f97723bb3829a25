//! The stock ledger, its balances and its discrepancies.

mod balance;
mod projection;
mod queries;

use shared_model::identity::OrganisationId;
use sqlx::PgConnection;

pub use self::queries::DiscrepancyItem;
use super::Feature;

/// Stock on the server.
pub const FEATURE: Feature = Feature {
    name: "stock_movement",
    tables: projection::TABLES,
    derived: &[],
    names: projection::NAMES,
    decide: Some(|connection, intake| Box::pin(balance::decide(connection, intake))),
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};

/// Balances below zero in storerooms of these scopes (`None`: all), for the inbox.
pub async fn open_discrepancies(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<DiscrepancyItem>> {
    queries::open_discrepancies(connection, organisation, scopes).await
}
