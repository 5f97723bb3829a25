//! The rows of meter readings.

use chrono::{DateTime, Utc};
use shared_model::features::meter_reading::MeterReading;
use shared_model::identity::{DocumentId, PersonId};
use shared_model::record::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Bytes, NewRecord, Table, column_bytes, column_time, projection_rows, records_of, upsert,
};

pub(super) const TABLES: &[Table] = &[ReadingRow::TABLE];

projection_rows! {
    /// A value read from a meter.
    struct ReadingRow in "meter_reading" key [meter_reading_id] of asset_id {
        meter_reading_id: Uuid,
        asset_id: Uuid,
        meter: String,
        value_thousandths: i64,
        unit: String,
        work_order_id: Option<Uuid>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
        received_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows: Vec<ReadingRow> =
        records_of(&batch.records, RecordKind::MeterReading).filter_map(row).collect();
    upsert(connection, batch.organisation, ReadingRow::TABLE, &rows).await
}

fn row(new: NewRecord<'_>) -> Option<ReadingRow> {
    let reading: MeterReading = new.record.read()?;
    Some(ReadingRow {
        meter_reading_id: new.record.id.as_uuid(),
        asset_id: new.record.document.as_uuid(),
        meter: reading.meter,
        value_thousandths: reading.value.thousandths(),
        unit: reading.unit,
        work_order_id: reading.work_order.map(DocumentId::as_uuid),
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
        received_at: column_time(new.received_at),
    })
}
