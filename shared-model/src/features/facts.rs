//! The records of every kind: what a payload must be, and who may state it. Both ends ask before they keep one.

use super::comment::Comment;
use super::cost::{CostEntry, Price, Rate};
use super::labour_entry::LabourEntry;
use super::meter_reading::MeterReading;
use super::stock_movement::{StockDiscrepancy, StockMovement};
use super::work_order::{Notice, NoticeSettled, NumberAssigned, StatusEvent, may_write_event};
use crate::identity::RecordId;
use crate::permission::{Grants, Scope};
use crate::record::{Record, RecordKind};
use crate::units::Quantity;
use crate::workspace::Refusal;

/// Does the payload state a fact of its kind, within the rules of that kind? A kind this version does not know is
/// not readable.
pub fn record_is_readable(record: &Record) -> bool {
    let Some(kind) = record.kind() else { return false };
    let valid = |check: Option<Result<(), Refusal>>| matches!(check, Some(Ok(())));
    match kind {
        RecordKind::StatusEvent => valid(record.read().map(|event: StatusEvent| event.check())),
        RecordKind::NumberAssigned => record.read().is_some_and(|fact: NumberAssigned| fact.number > 0),
        RecordKind::Notice => valid(record.read().map(|notice: Notice| notice.check())),
        RecordKind::NoticeSettled => record.read::<NoticeSettled>().is_some(),
        RecordKind::LabourEntry => valid(record.read().map(|entry: LabourEntry| entry.check())),
        RecordKind::Comment => valid(record.read().map(|comment: Comment| comment.check())),
        RecordKind::CostEntry => valid(record.read().map(|entry: CostEntry| entry.check())),
        RecordKind::Price => valid(record.read().map(|price: Price| price.check())),
        RecordKind::LabourRate => valid(record.read().map(|rate: Rate| rate.check())),
        RecordKind::StockMovement => valid(record.read().map(|movement: StockMovement| movement.check())),
        RecordKind::StockDiscrepancy => {
            record.read().is_some_and(|fact: StockDiscrepancy| fact.balance < Quantity::ZERO)
        }
        RecordKind::MeterReading => valid(record.read().map(|reading: MeterReading| reading.check())),
    }
}

/// The records of its document that a record builds upon; it is kept only where they are.
pub fn records_named(record: &Record) -> Vec<RecordId> {
    let named = match record.kind() {
        Some(RecordKind::StatusEvent) => record.read().map(|event: StatusEvent| event.saw),
        Some(RecordKind::NoticeSettled) => record.read().map(|fact: NoticeSettled| vec![fact.notice]),
        _ => None,
    };
    named.unwrap_or_default()
}

/// May somebody with these rights state this record about a document with these scopes, as themselves?
pub fn may_write_record(record: &Record, grants: &Grants, scopes: &[Scope]) -> bool {
    let Some(kind) = record.kind() else { return false };
    if record.author != Some(grants.person) {
        return false;
    }
    match kind {
        RecordKind::StatusEvent => {
            record.read().is_some_and(|event: StatusEvent| may_write_event(&event, grants, scopes))
        }
        RecordKind::LabourEntry => {
            record.read().is_some_and(|entry: LabourEntry| entry.may_be_written_by(grants, scopes))
        }
        RecordKind::StockMovement => record
            .read()
            .is_some_and(|movement: StockMovement| grants.allow(movement.kind.permission(), scopes)),
        RecordKind::NumberAssigned
        | RecordKind::Notice
        | RecordKind::NoticeSettled
        | RecordKind::Comment
        | RecordKind::CostEntry
        | RecordKind::Price
        | RecordKind::LabourRate
        | RecordKind::StockDiscrepancy
        | RecordKind::MeterReading => grants.allow(kind.write_permission(), scopes),
    }
}
