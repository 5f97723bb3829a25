//! Work orders: their rows, their numbers and their routes.

mod number;
mod projection;
mod queries;
mod routes;

use super::Feature;

/// Work orders on the server.
pub const FEATURE: Feature = Feature {
    name: "work_order",
    tables: projection::TABLES,
    decide: Some(|connection, intake| Box::pin(number::decide(connection, intake))),
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
};
