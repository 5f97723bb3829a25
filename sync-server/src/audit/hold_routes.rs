//! `/api/legal-holds` and `/api/audit/retention`: what has to be kept, and how long the rest is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::audit::{Action, LegalHold, NewLegalHold, Retention, SubjectKind};
use shared_model::identity::LegalHoldId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Note, append, holds, retention};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::directory;
use crate::document_store;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;
use crate::random;

const MAX_REASON_CHARACTERS: usize = 500;
/// More holds than anybody keeps an eye on.
const MAX_HOLDS: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_holds, place_hold))
        .routes(routes!(release_hold))
        .routes(routes!(get_retention, set_retention))
}

/// What has to be kept, and what had to
#[utoipa::path(
    get, path = "/api/legal-holds", tag = "audit",
    responses(
        (status = 200, body = Vec<LegalHold>), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_holds(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<LegalHold>>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(holds::list(&mut transaction, caller.organisation_id).await?))
}

/// Keep something until this is released
///
/// Nothing that it is about is erased meanwhile: a person's data, the past of a document, or, without either, anything.
#[utoipa::path(
    post, path = "/api/legal-holds", tag = "audit", request_body = NewLegalHold,
    responses(
        (status = 201, body = LegalHold), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, description = "too_many_holds", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn place_hold(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewLegalHold>,
) -> ApiResult<(StatusCode, Json<LegalHold>)> {
    caller.require_admin()?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let new = checked(&mut transaction, &caller, new).await?;
    // Whoever erases a person waits for the same row, so that neither passes the other by.
    directory::changed(&mut transaction, organisation).await?;
    if holds::list(&mut transaction, organisation).await?.len() >= MAX_HOLDS {
        let title = "There are too many holds already.";
        return Err(ApiError::conflict("too_many_holds", title));
    }
    let whose = (LegalHoldId::from_uuid(random::uuid(now)), caller.person_id);
    let hold = holds::place(&mut transaction, organisation, new, whose, now).await?;
    let note = about(&hold, Note::by_caller(&caller, Action::LegalHoldPlaced));
    append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(hold)))
}

async fn checked(
    connection: &mut sqlx::PgConnection,
    caller: &Caller,
    new: NewLegalHold,
) -> ApiResult<NewLegalHold> {
    let reason = new.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARACTERS || reason.contains('\0') {
        return Err(ApiError::wrong_value("reason", "Say why, in at most 500 characters."));
    }
    let organisation = caller.organisation_id;
    match (new.person, new.document) {
        (Some(_), Some(_)) => {
            return Err(ApiError::wrong_value(
                "document",
                "A hold is about a person or about a document, not both.",
            ));
        }
        (Some(person), None) => {
            if directory::known_people(&mut *connection, organisation, &[person]).await?.is_empty() {
                return Err(ApiError::wrong_value("person", "There is no such person."));
            }
        }
        (None, Some(document)) => {
            let found = document_store::read_even_deleted(connection, organisation, document).await?;
            if found.is_none() {
                return Err(ApiError::wrong_value("document", "There is no such document."));
            }
        }
        (None, None) => {}
    }
    Ok(NewLegalHold { reason, ..new })
}

fn about(hold: &LegalHold, note: Note) -> Note {
    let id = |id: Option<String>| id.map(Into::into);
    note.about(SubjectKind::LegalHold, hold.id.as_uuid())
        .with("person", None, id(hold.person.map(|person| person.to_string())))
        .with("document", None, id(hold.document.map(|document| document.to_string())))
}

/// Release a hold
#[utoipa::path(
    delete, path = "/api/legal-holds/{id}", tag = "audit", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It stands no more; the list goes on naming it"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such hold, or released before"),
    )
)]
async fn release_hold(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    caller.require_admin()?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let whose = (LegalHoldId::from_uuid(id), caller.person_id);
    let released = holds::release(&mut transaction, organisation, whose, now).await?;
    let hold = released.ok_or_else(ApiError::not_found)?;
    let note = about(&hold, Note::by_caller(&caller, Action::LegalHoldReleased));
    append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How long texts of the audit trail are kept
#[utoipa::path(
    get, path = "/api/audit/retention", tag = "audit",
    responses((status = 200, body = Retention), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn get_retention(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Retention>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(retention::read(&mut transaction, caller.organisation_id).await?))
}

/// Keep texts of the audit trail for so many years
///
/// Whoever runs the server erases what is older (`maintainpro audit prune`). Hashes stay, so the trail goes on being proven.
#[utoipa::path(
    put, path = "/api/audit/retention", tag = "audit", request_body = Retention,
    responses(
        (status = 200, body = Retention), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, description = "value", body = Problem),
    )
)]
async fn set_retention(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(wanted): JsonBody<Retention>,
) -> ApiResult<Json<Retention>> {
    caller.require_admin()?;
    if wanted.keep_years.is_some_and(|years| !(1..=100).contains(&years)) {
        return Err(ApiError::wrong_value("keep_years", "Between 1 and 100 years, or nothing for ever."));
    }
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let before = retention::write(&mut transaction, organisation, wanted).await?;
    if before != wanted {
        let years = |retention: Retention| retention.keep_years.map(|years| u64::from(years).into());
        let note = Note::by_caller(&caller, Action::RetentionChanged);
        let note = note.with("keep_years", years(before), years(wanted));
        append(&mut transaction, organisation, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    Ok(Json(wanted))
}
