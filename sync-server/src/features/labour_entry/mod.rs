//! Hours people worked.

mod projection;

use super::Feature;

/// Labour on the server.
pub const FEATURE: Feature = Feature {
    name: "labour_entry",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
