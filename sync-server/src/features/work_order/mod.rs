//! Work orders: their rows, their numbers and their routes.

mod correction;
mod list;
mod notice;
mod number;
mod projection;
mod queries;
mod routes;

use shared_model::document::DocumentKind;
use shared_model::identity::OrganisationId;
use shared_model::permission::Permission;
use sqlx::PgConnection;

use crate::access::{Access, Operation, operation};

pub use self::queries::NoticeItem;
use super::Feature;
use crate::projection::Intake;
use crate::sync::ingest::Decision;

const OPERATIONS: &[Operation] = &[
    operation("get", "/api/work-orders", Access::Holding(Permission::WorkOrderRead)),
    operation("get", "/api/work-orders/{id}", Access::Document(Some(DocumentKind::WorkOrder), None)),
];

/// Work orders on the server.
pub const FEATURE: Feature = Feature {
    name: "work_order",
    tables: projection::TABLES,
    derived: projection::DERIVED,
    names: projection::NAMES,
    decide: Some(|connection, intake| Box::pin(decide(connection, intake))),
    new_epoch: Some(|connection, organisation| Box::pin(number::leave_gap(connection, organisation))),
    project: Some(|connection, batch| Box::pin(projection::project(connection, batch))),
    routes: Some(routes::router),
    operations: OPERATIONS,
};

/// The notices nobody has dealt with on work orders in these scopes (`None`: all), newest first, for the inbox.
pub async fn open_notices(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<NoticeItem>> {
    queries::open_notices(connection, organisation, scopes).await
}

async fn decide(connection: &mut PgConnection, intake: &Intake<'_>) -> anyhow::Result<Vec<Decision>> {
    let mut decisions = number::decide(connection, intake).await?;
    decisions.extend(correction::decide(connection, intake).await?);
    Ok(decisions)
}
