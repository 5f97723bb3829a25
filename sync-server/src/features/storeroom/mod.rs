//! Storerooms. What is in them is the ledger's business.

mod projection;

use super::Feature;

/// Storerooms on the server.
pub const FEATURE: Feature = Feature {
    name: "storeroom",
    tables: projection::TABLES,
    derived: &[],
    names: projection::NAMES,
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
