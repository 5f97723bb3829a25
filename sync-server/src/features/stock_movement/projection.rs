//! The rows of the stock ledger.

use chrono::{DateTime, Utc};
use shared_model::features::stock_movement::{StockDiscrepancy, StockMovement};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::record::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use super::balance;
use crate::projection::{
    Batch, Bytes, Naming, NewRecord, Table, column_bytes, column_time, projection_rows, records_of, upsert,
};

pub(super) const TABLES: &[Table] = &[MovementRow::TABLE, DiscrepancyRow::TABLE, BALANCE];

/// A storeroom is named by its own ledger: stock that was moved was moved somewhere.
pub(super) const NAMES: &[Naming] = &[
    MovementRow::TABLE.naming("storeroom_id"),
    MovementRow::TABLE.naming("part_id"),
    MovementRow::TABLE.naming("counterpart"),
];

const BALANCE: Table = Table {
    name: "stock_balance",
    key: &["storeroom_id", "part_id"],
    document: "storeroom_id",
    columns: &["storeroom_id", "part_id", "quantity_thousandths"],
    // What moves is added up in place.
    types: &[],
};

projection_rows! {
    /// A line of the ledger.
    struct MovementRow in "stock_movement" key [stock_movement_id] of storeroom_id {
        stock_movement_id: Uuid,
        storeroom_id: Uuid,
        part_id: Uuid,
        kind: &'static str,
        quantity_thousandths: i64,
        work_order_id: Option<Uuid>,
        counterpart: Option<Uuid>,
        note: Option<String>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
        received_at: DateTime<Utc>,
    }
    /// A balance that fell below zero.
    struct DiscrepancyRow in "stock_discrepancy" key [stock_discrepancy_id] of storeroom_id {
        stock_discrepancy_id: Uuid,
        storeroom_id: Uuid,
        part_id: Uuid,
        movement: Uuid,
        quantity_thousandths: i64,
        received_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let movements: Vec<MovementRow> =
        records_of(&batch.records, RecordKind::StockMovement).filter_map(movement_row).collect();
    let discrepancies: Vec<DiscrepancyRow> =
        records_of(&batch.records, RecordKind::StockDiscrepancy).filter_map(discrepancy_row).collect();
    upsert(connection, batch.organisation, MovementRow::TABLE, &movements).await?;
    upsert(connection, batch.organisation, DiscrepancyRow::TABLE, &discrepancies).await?;
    balance::add(connection, batch).await
}

fn movement_row(new: NewRecord<'_>) -> Option<MovementRow> {
    let movement: StockMovement = new.record.read()?;
    Some(MovementRow {
        stock_movement_id: new.record.id.as_uuid(),
        storeroom_id: new.record.document.as_uuid(),
        part_id: movement.part.as_uuid(),
        kind: movement.kind.code(),
        quantity_thousandths: movement.quantity.thousandths(),
        work_order_id: movement.work_order.map(DocumentId::as_uuid),
        counterpart: movement.counterpart.map(DocumentId::as_uuid),
        note: movement.note,
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
        received_at: column_time(new.received_at),
    })
}

fn discrepancy_row(new: NewRecord<'_>) -> Option<DiscrepancyRow> {
    let discrepancy: StockDiscrepancy = new.record.read()?;
    Some(DiscrepancyRow {
        stock_discrepancy_id: new.record.id.as_uuid(),
        storeroom_id: new.record.document.as_uuid(),
        part_id: discrepancy.part.as_uuid(),
        movement: discrepancy.movement.as_uuid(),
        quantity_thousandths: discrepancy.balance.thousandths(),
        received_at: column_time(new.received_at),
    })
}
