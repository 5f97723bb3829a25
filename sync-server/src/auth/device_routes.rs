//! `/api/devices`: the installs of a person, and erasing one that was lost. Everybody sees and erases their own; whoever
//! administers the organisation those of others. A device hears of it with its next ticket or, when its session has ended,
//! by its deposit credential (`/api/device-orders`): it hands in what it has, erases itself, and says so.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use shared_model::account::{Device, DeviceOrders, DeviceWiped, Problem};
use shared_model::audit::{Action, Doer, SubjectKind};
use shared_model::identity::{DeviceId, PersonId, SessionId};
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::open_sessions::{EVERYWHERE, End, Whose, end};
use super::{Caller, Depositor, depositor, wipe};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::database::{TenantTransaction, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::{PathOf, QueryOf};

/// The routes of devices.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_devices))
        .routes(routes!(end_device_sessions))
        .routes(routes!(ask_for_wipe, take_back_wipe))
        .routes(routes!(read_orders))
        .routes(routes!(confirm_wipe))
}

/// The installs of somebody, last heard first
#[utoipa::path(
    get, path = "/api/devices", tag = "devices", params(Whose),
    responses(
        (status = 200, body = Vec<Device>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such person"),
    )
)]
async fn list_devices(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(whose): QueryOf<Whose>,
) -> ApiResult<Json<Vec<Device>>> {
    caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let person = whose.checked(&caller, &mut transaction).await?;
    let now = state.clock.now();
    Ok(Json(wipe::devices(&mut transaction, &caller, person, now).await?))
}

/// Sign out on a device
#[utoipa::path(
    delete, path = "/api/devices/{id}/sessions", tag = "devices", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Nobody is signed in on it, and its sockets are closed"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such device, or not the caller's to sign out"),
    )
)]
async fn end_device_sessions(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    let (transaction, device, owner) = find(&state, &caller, id).await?;
    end(&state, transaction, &caller, Some(owner), End::On(device)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a device erased
///
/// At its next contact it hands in what it has not sent, and erases what it holds of its person.
#[utoipa::path(
    post, path = "/api/devices/{id}/wipe", tag = "devices", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Asked for; saying so again is harmless"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such device, or not the caller's to erase"),
    )
)]
async fn ask_for_wipe(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    let (mut transaction, device, owner) = find(&state, &caller, id).await?;
    let sessions = wipe::ask(&mut transaction, caller.organisation_id, device, state.clock.now()).await?;
    if let Some(sessions) = sessions {
        note(&state, &mut transaction, &caller, Action::DeviceWipeAsked, (device, owner)).await?;
        transaction.commit().await?;
        // Its sockets look again, and are told.
        sessions
            .into_iter()
            .for_each(|session| state.sync.wake().session_ended(SessionId::from_uuid(session)));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Do not have a device erased after all
#[utoipa::path(
    delete, path = "/api/devices/{id}/wipe", tag = "devices", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is not asked to, unless it has done so already"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such device, or not the caller's to erase"),
    )
)]
async fn take_back_wipe(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    let (mut transaction, device, owner) = find(&state, &caller, id).await?;
    if wipe::take_back(&mut transaction, caller.organisation_id, device).await? {
        note(&state, &mut transaction, &caller, Action::DeviceWipeTakenBack, (device, owner)).await?;
        transaction.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a device is to do, also when nobody is signed in on it
#[utoipa::path(
    get, path = "/api/device-orders", tag = "devices",
    params(("authorization" = String, Header, description = "`Deposit` and the device's deposit credential")),
    responses((status = 200, body = DeviceOrders), (status = 401, body = Problem, description = "credential_refused"))
)]
async fn read_orders(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Json<DeviceOrders>> {
    let depositor = depositor(&state.pool, &headers).await?;
    let mut transaction = tenant_transaction(&state.pool, depositor.organisation).await?;
    let wipe = wipe::is_due(&mut transaction, depositor.organisation, depositor.device).await?;
    Ok(Json(DeviceOrders { wipe }))
}

/// A device has erased itself
#[utoipa::path(
    post, path = "/api/device-orders/wiped", tag = "devices", request_body = DeviceWiped,
    params(("authorization" = String, Header, description = "`Deposit` and the device's deposit credential")),
    responses(
        (status = 204, description = "Nobody can sign in on it any more; saying so again is harmless"),
        (status = 400, body = Problem), (status = 401, body = Problem, description = "credential_refused"),
        (status = 409, body = Problem, description = "not_asked"),
    )
)]
async fn confirm_wipe(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(DeviceWiped { handed_in }): JsonBody<DeviceWiped>,
) -> ApiResult<StatusCode> {
    let Depositor { organisation, person, device, .. } = depositor(&state.pool, &headers).await?;
    let now = state.clock.now();
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    match wipe::confirm(&mut transaction, organisation, device, handed_in, now).await? {
        wipe::Confirmed::Now => {
            let by = Doer::person(person, Some(device), None);
            let wiped = Note::new(by, Action::DeviceWiped)
                .about(SubjectKind::Device, device.as_uuid())
                .with("person", Some(person.to_string().into()), None)
                .with("handed_in", None, Some(handed_in.to_string().into()));
            audit::append(&mut transaction, organisation, wiped, now).await?;
            transaction.commit().await?;
            tracing::info!(%organisation, %device, handed_in, "a device has erased itself");
            Ok(StatusCode::NO_CONTENT)
        }
        wipe::Confirmed::Before => Ok(StatusCode::NO_CONTENT),
        wipe::Confirmed::NotAsked => {
            Err(ApiError::conflict("not_asked", "Nobody has asked for this device to be erased."))
        }
    }
}

/// A device and whose it is, if the caller may do anything with it; to others it is not there.
async fn find(
    state: &AppState,
    caller: &Caller,
    id: Uuid,
) -> ApiResult<(TenantTransaction, DeviceId, PersonId)> {
    caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let device = DeviceId::from_uuid(id);
    let owner = wipe::owner(&mut transaction, caller.organisation_id, device).await?;
    let is_admin = caller.grants.allow(Permission::OrganisationAdmin, EVERYWHERE);
    let owner =
        owner.filter(|owner| is_admin || *owner == caller.person_id).ok_or_else(ApiError::not_found)?;
    Ok((transaction, device, owner))
}

async fn note(
    state: &AppState,
    transaction: &mut TenantTransaction,
    caller: &Caller,
    action: Action,
    (device, owner): (DeviceId, PersonId),
) -> ApiResult<()> {
    let note = Note::by_caller(caller, action).about(SubjectKind::Device, device.as_uuid()).with(
        "person",
        Some(owner.to_string().into()),
        None,
    );
    audit::append(transaction, caller.organisation_id, note, state.clock.now()).await?;
    Ok(())
}
