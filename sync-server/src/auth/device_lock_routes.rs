//! `/api/organisation/device-lock`: whether an organisation's devices must lock themselves. Devices hear of it with every
//! answer of `/api/session` and go by it without a network, too.

use axum::Json;
use axum::extract::State;
use shared_model::account::{DeviceLock, DeviceLockRule, Problem};
use shared_model::audit::{Action, Said, SubjectKind};
use shared_model::identity::OrganisationId;
use shared_model::permission::Permission;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Caller;
use super::open_sessions::EVERYWHERE;
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// The routes of the setting.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_device_lock, change_device_lock))
}

/// Must devices be locked?
#[utoipa::path(
    get, path = "/api/organisation/device-lock", tag = "devices",
    responses((status = 200, body = DeviceLock), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn read_device_lock(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<DeviceLock>> {
    caller.require_on(Permission::OrganisationAdmin, EVERYWHERE)?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(DeviceLock { required: rule(&mut transaction, caller.organisation_id).await? }))
}

/// Ask for locked devices, or leave it to people
#[utoipa::path(
    put, path = "/api/organisation/device-lock", tag = "devices", request_body = DeviceLock,
    responses(
        (status = 200, body = DeviceLock), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, description = "value", body = Problem),
    )
)]
async fn change_device_lock(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(DeviceLock { required }): JsonBody<DeviceLock>,
) -> ApiResult<Json<DeviceLock>> {
    caller.require_on(Permission::OrganisationAdmin, EVERYWHERE)?;
    if required.is_some_and(|rule| !DeviceLockRule::IDLE_MINUTES.contains(&rule.idle_minutes)) {
        let title = "A device locks itself after 1 to 240 minutes.";
        return Err(ApiError::wrong_value("idle_minutes", title));
    }
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let before = rule(&mut transaction, organisation).await?;
    if before != required {
        sqlx::query("update organisation set device_lock_idle_minutes = $2 where organization_id = $1")
            .bind(organisation.as_uuid())
            .bind(required.map(|rule| i32::try_from(rule.idle_minutes).unwrap_or(i32::MAX)))
            .execute(&mut *transaction)
            .await?;
        let note = Note::by_caller(&caller, Action::DeviceLockChanged)
            .about(SubjectKind::Organisation, organisation.as_uuid())
            .with("idle_minutes", said(before), said(required));
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
        transaction.commit().await?;
    }
    Ok(Json(DeviceLock { required }))
}

fn said(rule: Option<DeviceLockRule>) -> Option<Said> {
    rule.map(|rule| rule.idle_minutes.to_string().into())
}

/// What the organisation wants of its devices.
pub(super) async fn rule(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Option<DeviceLockRule>> {
    let minutes: Option<i32> =
        sqlx::query_scalar("select device_lock_idle_minutes from organisation where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_one(connection)
            .await?;
    Ok(minutes
        .and_then(|minutes| u32::try_from(minutes).ok())
        .map(|idle_minutes| DeviceLockRule { idle_minutes }))
}
