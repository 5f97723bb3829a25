//! `/api/api-keys`: keys for programs, made and taken away by whoever administers the organisation.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::api_key::{ApiKey, IssuedApiKey, MAX_LIFETIME_DAYS, NewApiKey, is_for_programs};
use shared_model::audit::{Action, SubjectKind};
use shared_model::identity::DeviceId;
use shared_model::permission::{GrantLimit, Permission};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{checks, history};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::auth::api_key::{self, Revoked};
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;

/// More keys than anybody keeps an eye on.
const MAX_KEYS: usize = 100;

/// The routes of keys.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(revoke_api_key))
}

/// Every key, the newest first
#[utoipa::path(
    get, path = "/api/api-keys", tag = "people",
    responses(
        (status = 200, body = Vec<ApiKey>), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_api_keys(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<ApiKey>>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(api_key::list(&mut transaction, caller.organisation_id).await?))
}

/// Make a key for a program
///
/// It acts for the caller, with the permissions named here as far as the caller has them at that moment. The answer shows its
/// secret, which is not shown again; the program sends it as `Authorization: Bearer …`.
#[utoipa::path(
    post, path = "/api/api-keys", tag = "people", request_body = NewApiKey,
    responses(
        (status = 201, body = IssuedApiKey), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, description = "too_many_keys", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn create_api_key(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(mut new): JsonBody<NewApiKey>,
) -> ApiResult<(StatusCode, Json<IssuedApiKey>)> {
    caller.require_admin()?;
    let organisation = caller.organisation_id;
    new.name = checks::name("name", &new.name)?;
    new.permissions = permissions(&caller, new.permissions)?;
    if !(1..=MAX_LIFETIME_DAYS).contains(&new.expires_in_days) {
        let title = format!("A key lasts at least a day and at most {MAX_LIFETIME_DAYS} days.");
        return Err(ApiError::wrong_value("expires_in_days", title));
    }
    if new.reach == GrantLimit::Own {
        let title = "A key reaches the organisation, one site or one team.";
        return Err(ApiError::wrong_value("reach", title));
    }
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    checks::limit(&mut transaction, organisation, "reach", new.reach).await?;
    let issued =
        api_key::issue(&mut transaction, organisation, caller.person_id, new, state.clock.now()).await?;
    // The install of the key holds the directory's row, so of two at the same time the second counts the first.
    if api_key::list(&mut transaction, organisation).await?.len() > MAX_KEYS {
        let title = format!("There are {MAX_KEYS} keys. Revoke those that nobody needs first.");
        return Err(ApiError::conflict("too_many_keys", title));
    }
    let note = history::key_created(&caller, &issued.api_key);
    audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    transaction.commit().await?;
    let (person, key) = (caller.person_id, issued.api_key.id);
    tracing::info!(%organisation, %person, %key, "a key for a program was made");
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Take a key away
///
/// From now on it opens nothing. What it wrote stays.
#[utoipa::path(
    delete, path = "/api/api-keys/{id}", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "The key opens nothing any more"), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    )
)]
async fn revoke_api_key(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    caller.require_admin()?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let which = Revoked::One(DeviceId::from_uuid(id));
    if api_key::revoke(&mut transaction, organisation, which).await? == 0 {
        return Err(ApiError::not_found());
    }
    let note = Note::by_caller(&caller, Action::ApiKeyRevoked).about(SubjectKind::ApiKey, id);
    audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    transaction.commit().await?;
    tracing::info!(%organisation, person = %caller.person_id, key = %id, "a key for a program was revoked");
    Ok(StatusCode::NO_CONTENT)
}

/// Each once, and none that a program cannot have or the caller has not.
fn permissions(caller: &Caller, mut wanted: Vec<Permission>) -> ApiResult<Vec<Permission>> {
    wanted.sort_unstable();
    wanted.dedup();
    let is_given = |permission: &Permission| is_for_programs(*permission) && caller.grants.hold(*permission);
    match wanted.iter().find(|permission| !is_given(permission)) {
        Some(refused) => {
            let title = "You cannot give this permission to a program.";
            Err(ApiError::wrong_value("permissions", title).with("permission", refused.code()))
        }
        None if wanted.is_empty() => Err(ApiError::wrong_value("permissions", "A key needs a permission.")),
        None => Ok(wanted),
    }
}
