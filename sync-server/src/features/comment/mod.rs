//! The threads of work orders and assets.

mod projection;

use super::Feature;

/// Comments on the server.
pub const FEATURE: Feature = Feature {
    name: "comment",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
