//! `/api/teams`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::directory::DirectoryTeam;
use shared_model::identity::TeamId;
use shared_model::people::TeamName;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{checks, history};
use crate::app_state::AppState;
use crate::audit;
use crate::auth::Caller;
use crate::database::{people, tenant_transaction};
use crate::directory;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;
use crate::random;

/// The routes of teams.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_teams, create_team)).routes(routes!(rename_team))
}

/// All teams, by name
#[utoipa::path(
    get, path = "/api/teams", tag = "people",
    responses((status = 200, body = Vec<DirectoryTeam>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn list_teams(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<DirectoryTeam>>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select team_id, name from team where organization_id = $1 order by lower(name), team_id",
    )
    .bind(caller.organisation_id.as_uuid())
    .fetch_all(&mut *transaction)
    .await?;
    let team = |(id, name)| DirectoryTeam { id: TeamId::from_uuid(id), name };
    Ok(Json(rows.into_iter().map(team).collect()))
}

/// Create a team
#[utoipa::path(
    post, path = "/api/teams", tag = "people", request_body = TeamName,
    responses(
        (status = 201, body = DirectoryTeam), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 409, description = "name_taken", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn create_team(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(TeamName { name }): JsonBody<TeamName>,
) -> ApiResult<(StatusCode, Json<DirectoryTeam>)> {
    caller.require_admin()?;
    let name = checks::name("name", &name)?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let id = TeamId::from_uuid(random::uuid(now));
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    people::create_team(&mut transaction, organisation, id, &name, now)
        .await
        .map_err(|error| checks::taken(error, "team_name_key", name_taken()))?;
    audit::append(&mut transaction, organisation, history::team_created(&caller, id, &name), now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(DirectoryTeam { id, name })))
}

/// Rename a team
#[utoipa::path(
    patch, path = "/api/teams/{id}", tag = "people", params(("id" = Uuid, Path)), request_body = TeamName,
    responses(
        (status = 200, body = DirectoryTeam), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "name_taken", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn rename_team(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
    JsonBody(TeamName { name }): JsonBody<TeamName>,
) -> ApiResult<Json<DirectoryTeam>> {
    caller.require_admin()?;
    let name = checks::name("name", &name)?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let version = directory::extended(&mut transaction, caller.organisation_id).await?;
    let before: Option<String> = sqlx::query_scalar(
        "with before as (select name from team where organization_id = $1 and team_id = $2)
         update team set name = $3, directory_version = $4 where organization_id = $1 and team_id = $2
         returning (select name from before)",
    )
    .bind(caller.organisation_id.as_uuid())
    .bind(id)
    .bind(&name)
    .bind(version)
    .fetch_optional(&mut *transaction)
    .await
    .map_err(|error| checks::taken(error, "team_name_key", name_taken()))?;
    let before = before.ok_or_else(ApiError::not_found)?;
    if before != name {
        let note = history::team_renamed(&caller, TeamId::from_uuid(id), &before, &name);
        audit::append(&mut transaction, caller.organisation_id, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    Ok(Json(DirectoryTeam { id: TeamId::from_uuid(id), name }))
}

fn name_taken() -> ApiError {
    ApiError::conflict("name_taken", "There is a team of this name already.").with("field", "name")
}
