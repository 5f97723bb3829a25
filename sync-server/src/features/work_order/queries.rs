//! The SQL that reads work orders.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::identity::OrganisationId;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::list::{BY_WORDS, Filter, SAMPLE, Sample, Search};

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

const COLUMNS: &str = "work_order.work_order_id, number, title, status, priority, work_type, site, location, asset_tag,
    asset_name, assets, people, teams, tags, planned_start, due, estimated_minutes, steps_answered, steps_total,
    labour_minutes, comments, parts_used, conflicts, completed_at, updated_at";

/// The rows of ids, one by one along the key.
fn rows_of(ids: &str) -> String {
    format!(
        "select {COLUMNS} from ({ids}) as listed
         cross join lateral (
             select * from work_order
             where organization_id = $1 and work_order_id = listed.work_order_id limit 1) as work_order
         order by work_order.work_order_id desc"
    )
}

/// Work orders, newest first. A search asks more than once, so the transaction has to see one moment.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
) -> sqlx::Result<Vec<WorkOrderItem>> {
    let Some(search) = &filter.search else {
        let query = sqlx::query_as(AssertSqlSafe(rows_of(filter.newest())))
            .bind(organisation.as_uuid())
            .bind(filter.each_status())
            .bind(filter.each_scope())
            .bind(filter.person)
            .bind(&filter.scopes)
            .bind(filter.before())
            .bind(filter.limit);
        return query.fetch_all(connection).await;
    };
    let ids = found(connection, organisation, filter, search).await?;
    sqlx::query_as(AssertSqlSafe(rows_of("select unnest($2) as work_order_id")))
        .bind(organisation.as_uuid())
        .bind(ids)
        .fetch_all(connection)
        .await
}

/// Ids of work orders that hold words, newest first. The newest rows tell how frequent the words are.
async fn found(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
    search: &str,
) -> sqlx::Result<Vec<Uuid>> {
    let words: Vec<&str> = search.split(" & ").collect();
    let statement = Sample::statement(filter, words.len());
    let mut query = sqlx::query_as(AssertSqlSafe(statement))
        .bind(organisation.as_uuid())
        .bind(filter.each_status())
        .bind(filter.each_scope())
        .bind(filter.person)
        .bind(&filter.scopes)
        .bind(filter.before())
        .bind(SAMPLE)
        .bind(search);
    for word in &words {
        query = query.bind(*word);
    }
    let mut sample: Sample = query.fetch_one(&mut *connection).await?;
    let mut next = sample.then(filter, &words);
    if let Search::Walk(rows) = next {
        let ids = walk(connection, organisation, filter, search, rows).await?;
        if i64::try_from(ids.len()).is_ok_and(|count| count >= filter.limit) {
            return Ok(ids);
        }
        next = sample.by_index(&words);
    }
    match next {
        Search::Index(rare) => look_up(connection, organisation, filter, search, &rare).await,
        Search::Walk(_) | Search::Done => {
            sample.matching.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
            Ok(sample.matching)
        }
    }
}

/// Looks through so many rows from the newest on.
async fn walk(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
    search: &str,
    rows: i64,
) -> sqlx::Result<Vec<Uuid>> {
    let statement = format!(
        "with asked as materialized (select to_tsquery('pg_catalog.simple', $8) as words)
         select newest.work_order_id from ({}) as newest cross join asked
         where newest.words @@ asked.words order by newest.work_order_id desc limit $9",
        filter.newest_words()
    );
    sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(organisation.as_uuid())
        .bind(filter.each_status())
        .bind(filter.each_scope())
        .bind(filter.person)
        .bind(&filter.scopes)
        .bind(filter.before())
        .bind(rows)
        .bind(search)
        .bind(filter.limit)
        .fetch_all(connection)
        .await
}

/// Asks the index of words for the rare ones.
async fn look_up(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    filter: &Filter,
    search: &str,
    rare: &str,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(BY_WORDS)
        .bind(organisation.as_uuid())
        .bind(filter.each_status())
        .bind(filter.each_scope())
        .bind(filter.person)
        .bind(&filter.scopes)
        .bind(filter.before())
        .bind(filter.limit)
        .bind(search)
        .bind(rare)
        .fetch_all(connection)
        .await
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
