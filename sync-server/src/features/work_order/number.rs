//! Numbers of work orders: given by the server at first ingest, as a fact in the feed, so that they are unique
//! and without gaps whatever node gives them.

use std::collections::BTreeSet;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::NumberAssigned;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::record::{Record, RecordKind};
use sqlx::PgConnection;

use crate::projection::{Intake, records_of};
use crate::sync::ingest::Decision;

/// Gives every new work order of the batch a number.
pub(super) async fn decide(
    connection: &mut PgConnection,
    intake: &Intake<'_>,
) -> anyhow::Result<Vec<Decision>> {
    // Work that is given back after a loss brings the number along that people know it by.
    let numbered: BTreeSet<DocumentId> =
        records_of(&intake.records, RecordKind::NumberAssigned).map(|new| new.record.document).collect();
    let orders = intake.created.iter().filter(|(_, kind)| *kind == DocumentKind::WorkOrder);
    let new: Vec<DocumentId> = orders.map(|(id, _)| *id).filter(|id| !numbered.contains(id)).collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let count = i64::try_from(new.len())?;
    let first = reserve(connection, intake.organisation, count).await?;
    let decisions = (first..).zip(new).map(|(number, document)| Decision::Fact {
        document,
        kind: RecordKind::NumberAssigned,
        payload: Record::payload_of(&NumberAssigned { number }),
    });
    Ok(decisions.collect())
}

/// More than anybody gives out between two backups.
const GAP: i64 = 10_000;

/// Numbers given after the backup that was restored are known to people and devices: none of them is given again.
pub(super) async fn leave_gap(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<()> {
    reserve(connection, organisation, GAP).await.map(drop)
}

/// Takes `count` numbers and returns the first. The counter stays locked until the commit, so numbers of a
/// batch that is not committed are given again.
async fn reserve(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    count: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into work_order_counter (organization_id, next_number) values ($1, 1 + $2)
         on conflict (organization_id) do update set next_number = work_order_counter.next_number + $2
         returning next_number - $2",
    )
    .bind(organisation.as_uuid())
    .bind(count)
    .fetch_one(connection)
    .await
}
