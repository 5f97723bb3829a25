//! Checklists: the answers inside work orders, and the catalogue of templates.

mod projection;

use super::Feature;

/// Checklists on the server.
pub const FEATURE: Feature = Feature {
    name: "checklist",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
    operations: &[],
};
