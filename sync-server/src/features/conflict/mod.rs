//! Fields with several values that wait for somebody to choose, of documents of every kind.

mod projection;
mod queries;
mod routes;

use super::Feature;

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
};
