//! `/api/roles`: roles that the organisation makes itself, and rules about the built-in ones.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::custom_role::{ListedRole, MAX_DESCRIPTION_BYTES, NewRole, RoleChange};
use shared_model::identity::OrganisationId;
use shared_model::permission::{GrantLimit, Role, RoleKey};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{change, checks, guard, history, role_rows};
use crate::app_state::AppState;
use crate::audit;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::directory;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;

/// More roles than anybody tells apart.
const MAX_CUSTOM_ROLES: usize = 100;

/// The routes of roles.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_roles, create_role)).routes(routes!(change_role))
}

/// All roles
///
/// The built-in ones first, then those that the organisation made, by name; retired ones too.
#[utoipa::path(
    get, path = "/api/roles", tag = "people",
    responses((status = 200, body = Vec<ListedRole>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn list_roles(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<ListedRole>>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(role_rows::roles(&mut transaction, caller.organisation_id, None).await?))
}

/// Make a role
///
/// Nobody makes a role with a permission that they do not have everywhere themselves.
#[utoipa::path(
    post, path = "/api/roles", tag = "people", request_body = NewRole,
    responses(
        (status = 201, body = ListedRole), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "forbidden, beyond_your_rights", body = Problem),
        (status = 409, description = "already_exists, name_taken, too_many_roles", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn create_role(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewRole>,
) -> ApiResult<(StatusCode, Json<ListedRole>)> {
    caller.require_admin()?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // Of two that are sent at the same time, the second sees what the first did.
    directory::extended(&mut transaction, organisation).await?;
    let role = checked(ListedRole {
        role: RoleKey::Custom(new.id),
        name: new.name,
        description: new.description,
        permissions: new.permissions,
        own_permissions: Vec::new(),
        read_only: new.read_only,
        hides_costs: false,
        landing: new.landing,
        is_retired: false,
        holders: 0,
        version: 1,
    })?;
    let known = role_rows::roles(&mut transaction, organisation, None).await?;
    if let Some(known) = known.iter().find(|known| known.role == role.role) {
        // The answer to the first of two was lost.
        if *known == role {
            return Ok((StatusCode::CREATED, Json(role)));
        }
        let title = "There is a role with this id. Choose a fresh id, or change that role.";
        return Err(ApiError::conflict("already_exists", title));
    }
    if known.len() >= Role::ALL.len() + MAX_CUSTOM_ROLES {
        let title = format!("There are {MAX_CUSTOM_ROLES} roles. Change one of them instead.");
        return Err(ApiError::conflict("too_many_roles", title));
    }
    guard::gives(&caller, &guard::grants_of(&role, GrantLimit::Organisation))?;
    store(&mut transaction, organisation, &role).await?;
    let note = history::role_created(&caller, new.id, &role);
    audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(role)))
}

/// Change a role
///
/// Whoever has it may do more or less from now on, as if they had been given another role: their devices load again, and what
/// they had not sent yet is judged by the rights of the moment it arrives.
#[utoipa::path(
    patch, path = "/api/roles/{id}", tag = "people",
    params(("id" = String, Path, description = "The code of a built-in role, or the id of another")),
    request_body = RoleChange,
    responses(
        (status = 200, body = ListedRole), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "forbidden, beyond_your_rights", body = Problem), (status = 404, body = Problem),
        (status = 409, description = "role_changed, name_taken, last_admin", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn change_role(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<String>,
    JsonBody(wanted): JsonBody<RoleChange>,
) -> ApiResult<Json<ListedRole>> {
    caller.require_admin()?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let key = RoleKey::from_code(&id).ok_or_else(ApiError::not_found)?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let version = directory::changed(&mut transaction, organisation).await?;
    let known = role_rows::roles(&mut transaction, organisation, Some(key)).await?;
    let known = known.into_iter().next().ok_or_else(ApiError::not_found)?;
    if wanted.version != known.version {
        let title = "Somebody has changed this role meanwhile. Look at it again; nothing of yours was saved.";
        return Err(ApiError::conflict("role_changed", title));
    }
    let role = checked(changed(&known, wanted)?)?;
    if role == known {
        return Ok(Json(known));
    }
    if gives_more(&known, &role) {
        guard::gives(&caller, &guard::grants_of(&role, GrantLimit::Organisation))?;
    }
    let role = ListedRole { version: known.version + 1, ..role };
    store(&mut transaction, organisation, &role).await?;
    role_rows::touch_holders(&mut transaction, organisation, key, version).await?;
    change::check_somebody_administers(&mut transaction, organisation).await?;
    let note = history::role_changed(&caller, &known, &role);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(Json(role))
}

/// The role with what is named in its place.
fn changed(known: &ListedRole, wanted: RoleChange) -> ApiResult<ListedRole> {
    let RoleChange {
        version: _,
        name,
        description,
        permissions,
        read_only,
        hides_costs,
        landing,
        is_retired,
    } = wanted;
    if let Some(role) = known.role.built_in() {
        let is_more = name.is_some() || description.is_some() || permissions.is_some() || landing.is_some();
        if is_more || is_retired.is_some() {
            return Err(ApiError::wrong_value(
                "name",
                "This role is built in. Only its rules change; make a role of your own.",
            ));
        }
        if role == Role::Admin {
            let title = "Whoever administers the organisation has all rights; there are no rules for them.";
            return Err(ApiError::wrong_value("read_only", title));
        }
    } else if hides_costs == Some(true) {
        let title = "Take the permissions about costs out of this role instead.";
        return Err(ApiError::wrong_value("hides_costs", title));
    }
    let known = known.clone();
    Ok(ListedRole {
        name: name.unwrap_or(known.name),
        description: description.unwrap_or(known.description),
        permissions: permissions.unwrap_or(known.permissions),
        read_only: read_only.unwrap_or(known.read_only),
        hides_costs: hides_costs.unwrap_or(known.hides_costs),
        landing: landing.unwrap_or(known.landing),
        is_retired: is_retired.unwrap_or(known.is_retired),
        ..known
    })
}

/// The role as it is written down: each thing once, and nothing that makes no role.
fn checked(mut role: ListedRole) -> ApiResult<ListedRole> {
    role.read_only.sort_unstable();
    role.read_only.dedup();
    if role.role.built_in().is_some() {
        return Ok(role);
    }
    role.name = checks::name("name", &role.name)?;
    role.description = role.description.trim().to_owned();
    if role.description.len() > MAX_DESCRIPTION_BYTES || role.description.contains('\0') {
        let title = format!("A description has at most {MAX_DESCRIPTION_BYTES} bytes.");
        return Err(ApiError::wrong_value("description", title));
    }
    role.permissions.sort_unstable();
    role.permissions.dedup();
    if role.permissions.is_empty() {
        return Err(ApiError::wrong_value("permissions", "A role needs a permission."));
    }
    if !role.permissions.contains(&role.landing.permission()) {
        let title = "Its people cannot open the page on which they would begin. Choose another one.";
        return Err(ApiError::wrong_value("landing", title));
    }
    Ok(role)
}

/// Does the change let do anything that the role did not let do before?
fn gives_more(before: &ListedRole, after: &ListedRole) -> bool {
    after.permissions.iter().any(|permission| !before.permissions.contains(permission))
        || before.read_only.iter().any(|field| !after.read_only.contains(field))
        || (before.hides_costs && !after.hides_costs)
}

async fn store(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    role: &ListedRole,
) -> ApiResult<()> {
    let name_taken =
        || ApiError::conflict("name_taken", "There is a role of this name already.").with("field", "name");
    role_rows::store(connection, organisation, role)
        .await
        .map_err(|error| checks::taken(error, "role_definition_name_key", name_taken()))
}
