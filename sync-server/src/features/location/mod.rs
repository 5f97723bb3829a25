//! Locations and sites.

mod projection;

use super::Feature;

/// Locations on the server.
pub const FEATURE: Feature = Feature {
    name: "location",
    tables: projection::TABLES,
    derived: &[],
    names: projection::NAMES,
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
