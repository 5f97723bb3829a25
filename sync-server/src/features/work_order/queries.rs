//! The SQL that reads work orders.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

/// Which work orders are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Codes of statuses; `None`: all.
    pub(super) statuses: Option<Vec<String>>,
    /// A text-search query.
    pub(super) search: Option<String>,
    /// Assigned to this person.
    pub(super) person: Option<Uuid>,
    /// The scopes the caller may read; `None`: all.
    pub(super) scopes: Option<Vec<String>>,
    /// Older than this one.
    pub(super) after: Option<Uuid>,
    /// At most so many.
    pub(super) limit: i64,
}

/// A work order in a list.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub(super) struct WorkOrderItem {
    /// The document.
    #[sqlx(rename = "work_order_id")]
    pub(super) id: Uuid,
    /// `WO-000123`.
    number: String,
    /// What is to be done.
    title: String,
    /// How far it is.
    status: String,
    /// How urgent it is.
    priority: String,
    /// Why it is done.
    #[serde(rename = "type")]
    work_type: String,
    /// The site.
    site: Option<Uuid>,
    /// The location.
    location: Option<Uuid>,
    /// The first asset's tag.
    asset_tag: Option<String>,
    /// The first asset's name.
    asset_name: Option<String>,
    /// All assets.
    assets: Vec<Uuid>,
    /// Who is to do it.
    people: Vec<Uuid>,
    /// Which teams are to do it.
    teams: Vec<Uuid>,
    /// Tags.
    tags: Vec<String>,
    /// When work is planned to start.
    planned_start: Option<DateTime<Utc>>,
    /// When it is due.
    due: Option<DateTime<Utc>>,
    /// How long it should take.
    estimated_minutes: Option<i64>,
    /// Steps of checklists that are answered.
    steps_answered: i32,
    /// Steps of checklists that take an answer.
    steps_total: i32,
    /// Minutes worked so far.
    labour_minutes: i64,
    /// How many comments.
    comments: i32,
    /// How many kinds of part were used.
    parts_used: i32,
    /// Fields with several values.
    conflicts: Vec<String>,
    /// When it was completed, by the clock of the device.
    completed_at: Option<DateTime<Utc>>,
    /// When it was last edited or written about.
    updated_at: DateTime<Utc>,
}

/// The list, of all work orders or of those that match a search, which has an index of its own.
macro_rules! list_from {
    ($from:literal) => {
        concat!(
            "select work_order.work_order_id, number, title, status, priority, work_type, site, location,
                    asset_tag, asset_name, assets, people, teams, tags, planned_start, due, estimated_minutes,
                    steps_answered, steps_total, labour_minutes, comments, parts_used, conflicts,
                    completed_at, updated_at
             from ",
            $from,
            " where organization_id = $1
                and ($2::text[] is null or status = any ($2))
                and ($3::uuid is null or $3 = any (people))
                and ($4::text[] is null or scopes && $4)
                and ($5::uuid is null or work_order.work_order_id < $5)
              order by work_order.work_order_id desc limit $6"
        )
    };
}

/// Work orders, newest first.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
) -> sqlx::Result<Vec<WorkOrderItem>> {
    const ALL: &str = list_from!("work_order");
    const MATCHING: &str = list_from!(
        "work_orders_matching($7) as found (work_order_id)
         join work_order on work_order.work_order_id = found.work_order_id"
    );
    let query = sqlx::query_as(if filter.search.is_some() { MATCHING } else { ALL })
        .bind(organisation.as_uuid())
        .bind(&filter.statuses)
        .bind(filter.person)
        .bind(&filter.scopes)
        .bind(filter.after)
        .bind(filter.limit);
    match &filter.search {
        Some(search) => query.bind(search).fetch_all(connection).await,
        None => query.fetch_all(connection).await,
    }
}

/// Something the server set right on a work order.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct NoticeItem {
    /// The notice.
    #[sqlx(rename = "work_order_notice_id")]
    id: Uuid,
    /// The work order.
    #[sqlx(rename = "work_order_id")]
    work_order: Uuid,
    /// Its number.
    number: String,
    /// Its title.
    title: String,
    /// `checklist_incomplete`, `self_verified`, `impossible_step` or `inactive_assignee`.
    kind: String,
    /// The status event it is about.
    status_event: Option<Uuid>,
    /// The person who was taken off the work.
    person: Option<Uuid>,
    /// Who did what did not hold.
    addressee: Option<Uuid>,
    /// The open steps, or the codes of the two statuses.
    detail: String,
    /// When the server said so.
    at: DateTime<Utc>,
}

/// The notices nobody has dealt with, newest first.
pub(super) async fn open_notices(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    scopes: Option<&[String]>,
) -> sqlx::Result<Vec<NoticeItem>> {
    sqlx::query_as(
        "select work_order_notice_id, work_order_id, work_order.number, work_order.title, work_order_notice.kind,
                status_event, person, addressee, detail, at
         from work_order_notice
         join work_order using (organization_id, work_order_id)
         where organization_id = $1 and not settled and ($2::text[] is null or work_order.scopes && $2)
         order by work_order_notice_id desc limit 500",
    )
    .bind(organisation.as_uuid())
    .bind(scopes)
    .fetch_all(connection)
    .await
}
