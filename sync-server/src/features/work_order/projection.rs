//! The rows of work orders.

use chrono::{DateTime, Utc};
use shared_model::features::work_order::{StatusEvent, WorkOrder, WorkOrderSummary};
use shared_model::features::{Row, View, search_text as words_of};
use shared_model::identity::{DocumentId, PersonId, RecordId};
use shared_model::permission::Scope;
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;
use uuid::Uuid;

use super::notice::{self, NoticeRow};
use crate::projection::{
    Batch, Bytes, Derived, Naming, Table, column_bytes, column_scopes, column_time, projection_rows, replace,
    search_words, upsert,
};

pub(super) const TABLES: &[Table] =
    &[WorkOrderRow::TABLE, StatusEventRow::TABLE, PartRow::TABLE, NoticeRow::TABLE];

pub(super) const NAMES: &[Naming] = &[
    WorkOrderRow::TABLE.naming("site"),
    WorkOrderRow::TABLE.naming("location"),
    WorkOrderRow::TABLE.listing("assets"),
    PartRow::TABLE.naming("part"),
    PartRow::TABLE.naming("storeroom"),
];

/// The words that a search looks through, apart from the rows; and the scopes, for lists within some of them.
pub(super) const DERIVED: &[Derived] = &[
    Derived {
        name: "work_order_words",
        columns: &["work_order_id", "words"],
        table: "work_order",
        follows: &["search_text"],
        expressions: &["work_order_id", "to_tsvector('pg_catalog.simple', search_text)"],
    },
    Derived {
        name: "work_order_scope",
        columns: &["scope", "status", "work_order_id"],
        table: "work_order",
        follows: &["scopes", "status"],
        expressions: &["unnest(scopes)", "status", "work_order_id"],
    },
];

projection_rows! {
    /// A work order as lists, boards and search read it.
    struct WorkOrderRow in "work_order" key [work_order_id] of work_order_id {
        work_order_id: Uuid,
        number: String,
        title: String,
        description: String,
        resolution: String,
        status: &'static str,
        priority: &'static str,
        work_type: &'static str,
        origin: &'static str,
        origin_ref: Option<String>,
        external: Option<String>,
        requester: Option<Uuid>,
        site: Option<Uuid>,
        location: Option<Uuid>,
        asset_tag: Option<String>,
        asset_name: Option<String>,
        assets: Vec<Uuid>,
        people: Vec<Uuid>,
        teams: Vec<Uuid>,
        tags: Vec<String>,
        planned_start: Option<DateTime<Utc>>,
        due: Option<DateTime<Utc>>,
        estimated_minutes: Option<i64>,
        downtime_start: Option<DateTime<Utc>>,
        downtime_end: Option<DateTime<Utc>>,
        failure_mode: Option<String>,
        failure_mechanism: Option<String>,
        failure_cause: Option<String>,
        failure_detection: Option<String>,
        failure_impact: Option<String>,
        steps_answered: i32,
        steps_total: i32,
        labour_minutes: i64,
        comments: i32,
        parts_used: i32,
        conflicts: Vec<String>,
        anomalies: Vec<String>,
        completed_at: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
        scopes: Vec<String>,
        search_text: String,
    }
    /// A step in the life of a work order.
    struct StatusEventRow in "status_event" key [status_event_id] of work_order_id {
        status_event_id: Uuid,
        work_order_id: Uuid,
        to_status: &'static str,
        from_status: &'static str,
        superseded: bool,
        correction: bool,
        reason: Option<String>,
        author: Option<Uuid>,
        actor: Bytes,
        at: DateTime<Utc>,
    }
    /// A part that went into the work.
    struct PartRow in "work_order_part" key [work_order_id, key] of work_order_id {
        work_order_id: Uuid,
        key: String,
        part: Option<Uuid>,
        storeroom: Option<Uuid>,
        movement: Option<Uuid>,
        number: String,
        name: String,
        quantity_thousandths: i64,
        unit: String,
    }
}

pub(super) async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    let (mut orders, mut events, mut parts, mut notices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for document in &batch.documents {
        let View::WorkOrder(order) = document.view else { continue };
        orders.push(order_row(order, document.scopes));
        events.push((order.id, event_rows(document.aggregate, order).collect()));
        parts.push((order.id, part_rows(order).collect()));
        notices.push((order.id, notice::rows(order).collect()));
    }
    upsert(connection, batch.organisation, WorkOrderRow::TABLE, &orders).await?;
    replace::<StatusEventRow>(connection, batch, StatusEventRow::TABLE, &events).await?;
    replace::<NoticeRow>(connection, batch, NoticeRow::TABLE, &notices).await?;
    replace::<PartRow>(connection, batch, PartRow::TABLE, &parts).await
}

fn order_row(order: &WorkOrder, scopes: &[Scope]) -> WorkOrderRow {
    let summary = WorkOrderSummary::of(order);
    let search_text = search_text(order, &summary);
    let time = |at: Option<_>| at.map(column_time);
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    WorkOrderRow {
        work_order_id: order.id.as_uuid(),
        number: summary.number,
        title: summary.title,
        description: order.description.clone(),
        resolution: order.resolution.clone(),
        status: order.status.code(),
        priority: order.priority.code(),
        work_type: order.work_type.code(),
        origin: order.origin.code(),
        origin_ref: order.origin_ref.clone(),
        external: order.external.clone(),
        requester: order.requester.map(PersonId::as_uuid),
        site: order.site.map(DocumentId::as_uuid),
        location: order.location.map(DocumentId::as_uuid),
        asset_tag: summary.asset_tag,
        asset_name: summary.asset_name,
        assets: order.assets.iter().map(|asset| asset.id.as_uuid()).collect(),
        people: order.people.iter().map(|id| id.as_uuid()).collect(),
        teams: order.teams.iter().map(|id| id.as_uuid()).collect(),
        tags: summary.tags,
        planned_start: time(order.planned_start),
        due: time(order.due),
        estimated_minutes: order.estimated_minutes,
        downtime_start: time(order.downtime_start),
        downtime_end: time(order.downtime_end),
        failure_mode: order.failure.mode.clone(),
        failure_mechanism: order.failure.mechanism.clone(),
        failure_cause: order.failure.cause.clone(),
        failure_detection: order.failure.detection.clone(),
        failure_impact: order.failure.impact.clone(),
        steps_answered: count(summary.steps_answered),
        steps_total: count(summary.steps_total),
        labour_minutes: summary.labour_minutes,
        comments: count(summary.comments),
        parts_used: count(summary.parts_used),
        conflicts: summary.conflicts,
        anomalies: order.anomalies.iter().map(|anomaly| anomaly.field.clone()).collect(),
        completed_at: time(summary.completed_at),
        updated_at: column_time(summary.updated_at),
        scopes: column_scopes(scopes),
        search_text,
    }
}

/// What people search by: also the texts, which the row of a list does not carry.
fn search_text(order: &WorkOrder, summary: &WorkOrderSummary) -> String {
    let row = Row::WorkOrder(summary.clone());
    search_words(&format!("{} {} {}", words_of(&row), order.description, order.resolution))
}

/// All events, because a late one may change what an earlier one met.
fn event_rows<'a>(
    aggregate: &'a Aggregate,
    order: &'a WorkOrder,
) -> impl Iterator<Item = StatusEventRow> + 'a {
    let is_correction = |id| {
        let record =
            aggregate.records.get(id).filter(|record| record.kind() == Some(RecordKind::StatusEvent));
        record.and_then(Record::read::<StatusEvent>).is_some_and(|event| event.correction)
    };
    order.history.iter().map(move |line| StatusEventRow {
        status_event_id: line.event.as_uuid(),
        work_order_id: order.id.as_uuid(),
        to_status: line.to.code(),
        from_status: line.from.code(),
        superseded: line.superseded,
        correction: is_correction(&line.event),
        reason: line.reason.clone(),
        author: line.author.map(PersonId::as_uuid),
        actor: column_bytes(line.actor.as_bytes()),
        at: column_time(line.at),
    })
}

fn part_rows(order: &WorkOrder) -> impl Iterator<Item = PartRow> + '_ {
    order.parts.iter().map(|part| PartRow {
        work_order_id: order.id.as_uuid(),
        key: part.key.clone(),
        part: part.part.map(DocumentId::as_uuid),
        storeroom: part.storeroom.map(DocumentId::as_uuid),
        movement: part.movement.map(RecordId::as_uuid),
        number: part.number.clone(),
        name: part.name.clone(),
        quantity_thousandths: part.quantity.thousandths(),
        unit: part.unit.clone(),
    })
}
