//! `/api/documents/{id}/timeline` and `/as-of`: what happened to a document, and what it said at a moment.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Datelike, Utc};
use shared_model::account::Problem;
use shared_model::audit::{AsOf, Timeline};
use shared_model::features;
use shared_model::identity::{DeviceId, DocumentId};
use shared_model::permission::Permission;
use tokio::task::spawn_blocking;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::timeline::{self, Past};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::clock::{from_utc, to_utc};
use crate::database::{TenantTransaction, tenant_snapshot};
use crate::document_store;
use crate::error::{ApiError, ApiResult};
use crate::http::parameters::{PathOf, QueryOf};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_timeline)).routes(routes!(get_as_of))
}

/// Which part of the timeline.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// Only what comes before this place of the feed; for the next page, `before` of the page before.
    before: Option<u64>,
    /// How many rows of the feed are looked through, at most 200; of some there is nothing to tell.
    limit: Option<i64>,
}

/// What happened to a document, newest first
///
/// Each change with what stood there before, who made it on which device, when by its clock and when it came in.
#[utoipa::path(
    get, path = "/api/documents/{id}/timeline", tag = "audit", params(("id" = Uuid, Path), Part),
    responses(
        (status = 200, body = Timeline),
        (status = 400, body = Problem, description = "invalid_limit"), (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such document, or not the caller's to see"),
    )
)]
async fn get_timeline(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
    QueryOf(part): QueryOf<Part>,
) -> ApiResult<Json<Timeline>> {
    let limit = part.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::bad_request("invalid_limit", "A page looks through 1 to 200 rows."));
    }
    let id = DocumentId::from_uuid(id);
    let mut snapshot = tenant_snapshot(&state.pool, caller.organisation_id).await?;
    let past = past(&mut snapshot, &caller, id).await?;
    let page = (part.before, limit);
    let rows = timeline::rows_before(&mut snapshot, caller.organisation_id, id, page).await?;
    drop(snapshot);
    let is_whole = i64::try_from(rows.len()).is_ok_and(|count| count < limit);
    let before = rows.last().map(timeline::FeedRow::seq).filter(|_| !is_whole);
    let entries = spawn_blocking(move || past.timeline(&rows)).await.map_err(ApiError::internal)?;
    Ok(Json(Timeline { entries, before }))
}

/// Which moment, and where.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The moment, such as `2026-12-01T09:30:00Z`; without it, now.
    at: Option<DateTime<Utc>>,
    /// What this device showed; without it, what the server had.
    device: Option<Uuid>,
}

/// What a document said at a moment
///
/// Of a device: what it is proven to have had, by what was written there, and what it may have had beside. Its moment is by its
/// own clock.
#[utoipa::path(
    get, path = "/api/documents/{id}/as-of", tag = "audit", params(("id" = Uuid, Path), Wanted),
    responses(
        (status = 200, body = AsOf), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such document, or not the caller's to see"),
    )
)]
async fn get_as_of(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
    QueryOf(wanted): QueryOf<Wanted>,
) -> ApiResult<Json<AsOf>> {
    let at = wanted.at.unwrap_or_else(|| to_utc(state.clock.now()));
    if !(1..=9_999).contains(&at.year()) {
        return Err(ApiError::bad_request("bad_request", "Years have one to four digits."));
    }
    let (id, device) = (DocumentId::from_uuid(id), wanted.device.map(DeviceId::from_uuid));
    let at = from_utc(at);
    let mut snapshot = tenant_snapshot(&state.pool, caller.organisation_id).await?;
    let past = past(&mut snapshot, &caller, id).await?;
    let moment = (at, device);
    let rows = timeline::rows_until(&mut snapshot, caller.organisation_id, id, moment).await?;
    drop(snapshot);
    let told = spawn_blocking(move || past.as_of(&rows, at, device)).await.map_err(ApiError::internal)?;
    Ok(Json(told))
}

/// The document, when the caller may see it. One that was deleted is for whoever administers the organisation.
async fn past(snapshot: &mut TenantTransaction, caller: &Caller, id: DocumentId) -> ApiResult<Past> {
    let organisation = caller.organisation_id;
    let found = document_store::read_even_deleted(snapshot, organisation, id).await?;
    let aggregate = found.ok_or_else(ApiError::not_found)?;
    let is_deleted = document_store::any_deleted(snapshot, organisation, &[id]).await?;
    let may = caller.grants.read_document(aggregate.document.kind(), &features::scopes(&aggregate))
        && (!is_deleted || caller.grants.allow(Permission::OrganisationAdmin, &[]));
    if may { Ok(Past { aggregate, grants: caller.grants.clone() }) } else { Err(ApiError::not_found()) }
}
