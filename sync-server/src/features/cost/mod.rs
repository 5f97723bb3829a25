//! Money: what was spent, what parts cost and what an hour costs. Only for people who may see costs.

mod projection;
mod queries;
mod routes;

use super::Feature;

/// Costs on the server.
pub const FEATURE: Feature = Feature {
    name: "cost",
    tables: projection::TABLES,
    derived: &[],
    names: &[],
    decide: None,
    new_epoch: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
};
