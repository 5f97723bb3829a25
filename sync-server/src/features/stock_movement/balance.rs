//! Balances: shared rows that many documents' commands add to at once. They are locked in order of their key and
//! only ever added to, so two nodes never lose a movement. A balance that falls below zero is accepted, because
//! the part is gone, and stated as a discrepancy.

use std::collections::BTreeMap;

use shared_model::features::stock_movement::{StockDiscrepancy, StockMovement};
use shared_model::identity::{DocumentId, OrganisationId, RecordId};
use shared_model::record::{Record, RecordKind};
use shared_model::units::Quantity;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{Batch, Intake, NewRecord, records_of};
use crate::sync::ingest::Decision;

/// Storeroom and part.
type Place = (DocumentId, DocumentId);

/// The movements of a batch, by place, in order.
fn movements(records: &[NewRecord<'_>]) -> BTreeMap<Place, Vec<(RecordId, Quantity)>> {
    let mut movements: BTreeMap<Place, Vec<(RecordId, Quantity)>> = BTreeMap::new();
    for new in records_of(records, RecordKind::StockMovement) {
        if let Some(movement) = new.record.read::<StockMovement>() {
            let place = (new.record.document, movement.part);
            movements.entry(place).or_default().push((new.record.id, movement.quantity));
        }
    }
    movements
}

/// States a discrepancy for every movement that takes a balance from nothing or more to below nothing.
pub(super) async fn decide(
    connection: &mut PgConnection,
    intake: &Intake<'_>,
) -> anyhow::Result<Vec<Decision>> {
    let movements = movements(&intake.records);
    if movements.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<Place> = movements.keys().copied().collect();
    let balances = lock(connection, intake.organisation, &places).await?;
    let mut decisions = Vec::new();
    for (place, movements) in movements {
        let mut balance = balances.get(&place).copied().unwrap_or_default();
        for (movement, quantity) in movements {
            let before = balance;
            balance = balance.plus(quantity);
            if before >= Quantity::ZERO && balance < Quantity::ZERO {
                let fact = StockDiscrepancy { part: place.1, balance, movement };
                decisions.push(Decision::Fact {
                    document: place.0,
                    kind: RecordKind::StockDiscrepancy,
                    payload: Record::payload_of(&fact),
                });
            }
        }
    }
    Ok(decisions)
}

/// Locks balances in order of their key, making those that are missing.
async fn lock(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    places: &[Place],
) -> sqlx::Result<BTreeMap<Place, Quantity>> {
    let storerooms: Vec<Uuid> = places.iter().map(|(storeroom, _)| storeroom.as_uuid()).collect();
    let parts: Vec<Uuid> = places.iter().map(|(_, part)| part.as_uuid()).collect();
    // Doing nothing on conflict would not lock the row; an update that changes nothing does.
    let rows: Vec<(Uuid, Uuid, i64)> = sqlx::query_as(
        "insert into stock_balance (organization_id, storeroom_id, part_id, quantity_thousandths)
         select $1, storeroom_id, part_id, 0
         from unnest($2::uuid[], $3::uuid[]) as place (storeroom_id, part_id)
         order by storeroom_id, part_id
         on conflict (organization_id, storeroom_id, part_id)
             do update set quantity_thousandths = stock_balance.quantity_thousandths
         returning storeroom_id, part_id, quantity_thousandths",
    )
    .bind(organisation.as_uuid())
    .bind(storerooms)
    .bind(parts)
    .fetch_all(connection)
    .await?;
    let balance = |(storeroom, part, quantity)| {
        let place = (DocumentId::from_uuid(storeroom), DocumentId::from_uuid(part));
        (place, Quantity::from_thousandths(quantity))
    };
    Ok(rows.into_iter().map(balance).collect())
}

/// Adds the movements of a batch to the balances.
pub(super) async fn add(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let movements = movements(&batch.records);
    if movements.is_empty() {
        return Ok(());
    }
    let storerooms: Vec<Uuid> = movements.keys().map(|(storeroom, _)| storeroom.as_uuid()).collect();
    let parts: Vec<Uuid> = movements.keys().map(|(_, part)| part.as_uuid()).collect();
    let sum = |lines: &Vec<(RecordId, Quantity)>| {
        lines.iter().fold(Quantity::ZERO, |sum, (_, quantity)| sum.plus(*quantity)).thousandths()
    };
    sqlx::query(
        "insert into stock_balance (organization_id, storeroom_id, part_id, quantity_thousandths)
         select $1, storeroom_id, part_id, quantity
         from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as moved (storeroom_id, part_id, quantity)
         order by storeroom_id, part_id
         on conflict (organization_id, storeroom_id, part_id)
             do update set quantity_thousandths =
                 stock_balance.quantity_thousandths + excluded.quantity_thousandths",
    )
    .bind(batch.organisation.as_uuid())
    .bind(storerooms)
    .bind(parts)
    .bind(movements.values().map(sum).collect::<Vec<i64>>())
    .execute(connection)
    .await?;
    Ok(())
}
