//! Fields with several values that wait for somebody to choose, of documents of every kind.

mod projection;
mod queries;
mod routes;

use super::Feature;
use crate::access::{Access, Operation, operation};

const OPERATIONS: &[Operation] =
    &[operation("get", "/api/conflicts", Access::SignedIn), operation("get", "/api/inbox", Access::SignedIn)];

/// Conflicts on the server.
pub const FEATURE: Feature = Feature {
    name: "conflict",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
    operations: OPERATIONS,
};
