//! The stock ledger, its balances and its discrepancies.

mod balance;
mod projection;

use super::Feature;

/// Stock on the server.
pub const FEATURE: Feature = Feature {
    name: "stock_movement",
    tables: projection::TABLES,
    decide: Some(|connection, intake| Box::pin(balance::decide(connection, intake))),
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
};
