//! The rows of costs, prices and rates.

use chrono::{DateTime, Utc};
use shared_model::features::cost::{CostEntry, Price, Rate};
use shared_model::identity::PersonId;
use shared_model::record::RecordKind;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::projection::{
    Batch, Bytes, NewRecord, Table, column_bytes, column_time, projection_rows, records_of, upsert,
};

pub(super) const TABLES: &[Table] = &[CostRow::TABLE, PriceRow::TABLE, RateRow::TABLE];

projection_rows! {
    /// Money spent on a work order or an asset.
    struct CostRow in "cost_entry" key [cost_entry_id] of doc_id {
        cost_entry_id: Uuid,
        doc_id: Uuid,
        doc_kind: &'static str,
        kind: &'static str,
        minor: i64,
        currency: String,
        note: Option<String>,
        external: Option<String>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
        received_at: DateTime<Utc>,
    }
    /// What one unit of a part costs from a moment on.
    struct PriceRow in "price" key [price_id] of part_id {
        price_id: Uuid,
        part_id: Uuid,
        minor: i64,
        currency: String,
        valid_from: DateTime<Utc>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
    }
    /// What an hour of work at a site costs from a moment on.
    struct RateRow in "labour_rate" key [labour_rate_id] of site_id {
        labour_rate_id: Uuid,
        site_id: Uuid,
        person: Option<Uuid>,
        minor: i64,
        currency: String,
        valid_from: DateTime<Utc>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let costs: Vec<CostRow> =
        records_of(&batch.records, RecordKind::CostEntry).filter_map(cost_row).collect();
    let prices: Vec<PriceRow> = records_of(&batch.records, RecordKind::Price).filter_map(price_row).collect();
    upsert(connection, batch.organisation, CostRow::TABLE, &costs).await?;
    let rates: Vec<RateRow> =
        records_of(&batch.records, RecordKind::LabourRate).filter_map(rate_row).collect();
    upsert(connection, batch.organisation, PriceRow::TABLE, &prices).await?;
    upsert(connection, batch.organisation, RateRow::TABLE, &rates).await
}

fn cost_row(new: NewRecord<'_>) -> Option<CostRow> {
    let entry: CostEntry = new.record.read()?;
    Some(CostRow {
        cost_entry_id: new.record.id.as_uuid(),
        doc_id: new.record.document.as_uuid(),
        doc_kind: new.document_kind.code(),
        kind: entry.kind.code(),
        minor: entry.money.minor,
        currency: entry.money.currency.code().to_owned(),
        note: entry.note,
        external: entry.external,
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
        received_at: column_time(new.received_at),
    })
}

fn price_row(new: NewRecord<'_>) -> Option<PriceRow> {
    let price: Price = new.record.read()?;
    Some(PriceRow {
        price_id: new.record.id.as_uuid(),
        part_id: new.record.document.as_uuid(),
        minor: price.money.minor,
        currency: price.money.currency.code().to_owned(),
        valid_from: column_time(price.from),
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
    })
}

fn rate_row(new: NewRecord<'_>) -> Option<RateRow> {
    let rate: Rate = new.record.read()?;
    Some(RateRow {
        labour_rate_id: new.record.id.as_uuid(),
        site_id: new.record.document.as_uuid(),
        person: rate.person.map(PersonId::as_uuid),
        minor: rate.money.minor,
        currency: rate.money.currency.code().to_owned(),
        valid_from: column_time(rate.from),
        author: new.record.author.map(PersonId::as_uuid),
        actor: column_bytes(new.record.actor.as_bytes()),
        at: column_time(new.record.at),
    })
}
