//! Parts of the catalogue.

mod projection;
mod queries;
mod routes;

use shared_model::permission::Permission;

use super::Feature;
use crate::access::{Access, Operation, operation};

const OPERATIONS: &[Operation] = &[operation("get", "/api/parts", Access::Holding(Permission::PartRead))];

/// Parts on the server.
pub const FEATURE: Feature = Feature {
    name: "part",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
    operations: OPERATIONS,
};
