//! `/api/audit`: reading the trail, the signed head for anybody's device, and the trail as a file.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Utc};
use shared_model::account::Problem;
use shared_model::audit::{Action, Entry, HeadWithProof, ListedEntry};
use shared_model::identity::{DeviceId, PersonId, SessionId};
use shared_model::permission::{Permission, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::bundle::{self, Bundle, MOST_ENTRIES};
use super::list::{self, Wanted};
use super::{Note, append, signing};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::http::parameters::QueryOf;

/// The trail is about the whole organisation.
const EVERYWHERE: &[Scope] = &[];
const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 500;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_entries))
        .routes(routes!(get_head))
        .routes(routes!(export_json))
        .routes(routes!(export_csv))
}

fn require_admin(caller: &Caller) -> ApiResult<()> {
    caller.require_on(Permission::OrganisationAdmin, EVERYWHERE)
}

/// Which entries are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EntriesQuery {
    /// Only what comes before this entry; for the next page, the last `seq` of the one before.
    before: Option<u64>,
    /// By this person, or about them.
    person: Option<Uuid>,
    /// A code, such as `signed_in`.
    action: Option<String>,
    /// Not earlier than this time.
    since: Option<DateTime<Utc>>,
    /// Earlier than this time.
    until: Option<DateTime<Utc>>,
    /// How many, at most 500.
    limit: Option<i64>,
}

impl EntriesQuery {
    fn wanted(self) -> ApiResult<Wanted> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::bad_request("invalid_limit", "A page has 1 to 500 entries."));
        }
        if let Some(code) = self.action.as_deref().filter(|code| Action::from_code(code).is_none()) {
            let advice = format!("There is no “{code}”. There are: {}.", Action::CODES.join(", "));
            return Err(ApiError::bad_request("unknown_action", advice));
        }
        let years = [self.since, self.until].into_iter().flatten().map(|at| at.year());
        if years.into_iter().any(|year| !(1..=9_999).contains(&year)) {
            return Err(ApiError::bad_request("bad_request", "Years have one to four digits."));
        }
        Ok(Wanted {
            before: self.before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX)),
            person: self.person,
            actions: self.action.into_iter().collect(),
            since: self.since,
            until: self.until,
            limit,
        })
    }
}

/// What was done, newest first
#[utoipa::path(
    get, path = "/api/audit", tag = "audit", params(EntriesQuery),
    responses(
        (status = 200, body = Vec<ListedEntry>),
        (status = 400, body = Problem, description = "invalid_limit, unknown_action"),
        (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_entries(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<EntriesQuery>,
) -> ApiResult<Json<Vec<ListedEntry>>> {
    require_admin(&caller)?;
    let wanted = query.wanted()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(list::entries(&mut transaction, caller.organisation_id, &wanted).await?))
}

/// How far somebody has seen the trail.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// How many entries the head they know is over.
    #[serde(default)]
    entries: u64,
    /// How many rows of the feed it is over.
    #[serde(default)]
    feed: u64,
}

/// The newest signed head, and proof that it continues what the caller has seen
///
/// For everybody: each device keeps the last one, so that nobody can rewrite what was without a witness.
#[utoipa::path(
    get, path = "/api/audit/head", tag = "audit", params(Seen),
    responses(
        (status = 200, body = HeadWithProof), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 409, body = Problem, description = "not_signed_yet"),
    )
)]
async fn get_head(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(seen): QueryOf<Seen>,
) -> ApiResult<Json<HeadWithProof>> {
    let (organisation, seen) = (caller.organisation_id, (seen.entries, seen.feed));
    let now = state.clock.now();
    let newest = signing::newest_with_proof(&state.pool, &state.audit_key, organisation, seen, now).await?;
    newest.map(Json).ok_or_else(not_signed_yet)
}

fn not_signed_yet() -> ApiError {
    let title = "The trail is being signed for the first time. Ask again in a minute.";
    ApiError::conflict("not_signed_yet", title).retry_after_seconds(60)
}

/// Which part of the trail.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// The first entry; without it the first of all.
    from: Option<u64>,
    /// The last entry; without it the newest, or as many as one file holds.
    to: Option<u64>,
}

/// The trail as JSON, each entry with proof
///
/// `maintainpro audit verify --bundle` checks it without the server. A file holds 10,000 entries.
#[utoipa::path(
    get, path = "/api/audit/export.json", tag = "audit", params(Part),
    responses(
        (status = 200, body = Bundle),
        (status = 400, body = Problem, description = "invalid_range"),
        (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn export_json(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(part): QueryOf<Part>,
) -> ApiResult<Response> {
    let bundle = export(&state, &caller, &part).await?;
    let name = format!("audit-{}-{}.json", bundle.from, bundle.to);
    Ok((attachment(&name), Json(bundle)).into_response())
}

/// The trail as CSV
#[utoipa::path(
    get, path = "/api/audit/export.csv", tag = "audit", params(Part),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 400, body = Problem, description = "invalid_range"),
        (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn export_csv(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(part): QueryOf<Part>,
) -> ApiResult<Response> {
    let bundle = export(&state, &caller, &part).await?;
    let name = format!("audit-{}-{}.csv", bundle.from, bundle.to);
    let text = csv_of(&bundle).map_err(ApiError::internal)?;
    let text = ([(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))], text);
    Ok((attachment(&name), text).into_response())
}

async fn export(state: &AppState, caller: &Caller, part: &Part) -> ApiResult<Bundle> {
    require_admin(caller)?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let sign = async || signing::sign(&state.pool, &state.audit_key, organisation, now).await;
    let size = sign().await?.entries.size;
    let from = part.from.unwrap_or(1);
    let last = from.saturating_add(MOST_ENTRIES - 1);
    if from == 0 || from > size || part.to.is_some_and(|to| to < from || to > size.min(last)) {
        let title = format!("There are entries 1 to {size}, and a file holds {MOST_ENTRIES}.");
        return Err(ApiError::bad_request("invalid_range", title));
    }
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let note = Note::by_caller(caller, Action::AuditExported).with("from", None, Some(from.into())).with(
        "to",
        None,
        part.to.map(Into::into),
    );
    append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    // The newest entry is the one about this.
    let head = sign().await?;
    let to = part.to.unwrap_or(head.entries.size.min(last));
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    Ok(bundle::gather(&mut transaction, organisation, head, (from, to)).await?)
}

fn attachment(name: &str) -> [(header::HeaderName, String); 1] {
    [(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))]
}

fn csv_of(bundle: &Bundle) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "seq",
        "received_at",
        "by",
        "person",
        "device",
        "session",
        "action",
        "subject",
        "subject_id",
        "changes",
    ])?;
    for proven in &bundle.entries {
        let Some(entry) = Entry::read(&proven.content) else { continue };
        let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let (kind, id) = entry.subject.map(|subject| (subject.kind, subject.id)).unzip();
        let changes =
            if entry.changes.is_empty() { String::new() } else { serde_json::to_string(&entry.changes)? };
        writer.write_record([
            proven.seq.to_string(),
            crate::clock::to_utc(entry.received_at).to_rfc3339(),
            entry.by.kind,
            text(entry.by.person.map(PersonId::as_uuid)),
            text(entry.by.device.map(DeviceId::as_uuid)),
            text(entry.by.session.map(SessionId::as_uuid)),
            entry.action,
            kind.unwrap_or_default(),
            text(id),
            changes,
        ])?;
    }
    Ok(writer.into_inner()?)
}
