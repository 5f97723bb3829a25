//! Money: what was spent, what parts cost and what an hour costs. Only for people who may see costs.

mod projection;
mod queries;
mod routes;

use shared_model::document::DocumentKind;
use shared_model::permission::Permission;

use super::Feature;
use crate::access::{Access, Operation, operation};

const OPERATIONS: &[Operation] = &[
    operation("get", "/api/costs", Access::Holding(Permission::CostRead)),
    operation("get", "/api/labour-rates", Access::Holding(Permission::CostRead)),
    operation(
        "get",
        "/api/work-orders/{id}/cost",
        Access::Document(Some(DocumentKind::WorkOrder), Some(Permission::CostRead)),
    ),
];

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
    operations: OPERATIONS,
};
