//! Assets.

mod projection;

use super::Feature;

/// Assets on the server.
pub const FEATURE: Feature = Feature {
    name: "asset",
    tables: projection::TABLES,
    decide: None,
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: None,
};
