//! The rows of labour entries.

use chrono::{DateTime, Utc};
use shared_model::features::labour_entry::LabourEntry;
use shared_model::identity::PersonId;
use shared_model::record::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Bytes, NewRecord, Table, column_bytes, column_time, projection_rows, records_of, upsert,
};

pub(super) const TABLES: &[Table] = &[LabourRow::TABLE];

projection_rows! {
    /// Hours somebody worked on a work order.
    struct LabourRow in "labour_entry" key [labour_entry_id] of work_order_id {
        labour_entry_id: Uuid,
        work_order_id: Uuid,
        person: Uuid,
        minutes: i64,
        started: Option<DateTime<Utc>>,
        note: Option<String>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
        received_at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let rows: Vec<LabourRow> = records_of(&batch.records, RecordKind::LabourEntry).filter_map(row).collect();
    upsert(connection, batch.organisation, LabourRow::TABLE, &rows).await
}

fn row(new: NewRecord<'_>) -> Option<LabourRow> {
    let entry: LabourEntry = new.record.read()?;
    Some(LabourRow {
        labour_entry_id: new.record.id.as_uuid(),
        work_order_id: new.record.document.as_uuid(),
        person: entry.person.as_uuid(),
        minutes: entry.minutes,
        started: entry.started.map(column_time),
        note: entry.note,
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
        received_at: column_time(new.received_at),
    })
}
