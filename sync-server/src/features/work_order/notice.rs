//! The rows of notices.

use chrono::{DateTime, Utc};
use shared_model::features::work_order::WorkOrder;
use shared_model::identity::{PersonId, RecordId};
use uuid::Uuid;

use crate::projection::{column_time, projection_rows};

projection_rows! {
    /// Something the server set right on a work order.
    struct NoticeRow in "work_order_notice" key [work_order_notice_id] of work_order_id {
        work_order_notice_id: Uuid,
        work_order_id: Uuid,
        kind: &'static str,
        status_event: Option<Uuid>,
        person: Option<Uuid>,
        addressee: Option<Uuid>,
        detail: String,
        at: DateTime<Utc>,
        settled: bool,
        settled_by: Option<Uuid>,
    }
}

/// All notices of a work order, because a late record may settle one.
pub(super) fn rows(order: &WorkOrder) -> impl Iterator<Item = NoticeRow> + '_ {
    order.notices.iter().map(|line| NoticeRow {
        work_order_notice_id: line.id.as_uuid(),
        work_order_id: order.id.as_uuid(),
        kind: line.notice.kind.code(),
        status_event: line.notice.event.map(RecordId::as_uuid),
        person: line.notice.person.map(PersonId::as_uuid),
        addressee: line.notice.to.map(PersonId::as_uuid),
        detail: line.notice.detail.clone(),
        at: column_time(line.at),
        settled: line.settled_by.is_some(),
        settled_by: line.settled_by.map(PersonId::as_uuid),
    })
}
