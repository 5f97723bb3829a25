//! Values read from the meters of assets.

mod projection;

use super::Feature;

/// Meter readings on the server.
pub const FEATURE: Feature = Feature {
    name: "meter_reading",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
