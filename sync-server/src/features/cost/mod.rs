//! Money: what was spent, and what parts cost. Only for people who may see costs.

mod projection;
mod queries;
mod routes;

use super::Feature;

/// Costs on the server.
pub const FEATURE: Feature = Feature {
    name: "cost",
    tables: projection::TABLES,
    decide: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
};
