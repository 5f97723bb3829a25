//! `GET /api/directory`.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::directory::Directory;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::http::parameters::QueryOf;

/// The routes of the directory.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_directory))
}

/// Where the caller's copy stands.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// Version of the caller's copy; 0 or nothing for the whole directory.
    #[serde(default)]
    since: i64,
}

/// People, teams, devices and actors of the caller's organisation
#[utoipa::path(
    get, path = "/api/directory", tag = "directory", params(Since),
    responses((status = 200, body = Directory), (status = 401, body = Problem))
)]
async fn get_directory(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(Since { since }): QueryOf<Since>,
) -> ApiResult<Json<Directory>> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let directory = super::read(&mut transaction, caller.organisation_id, since).await?;
    Ok(Json(directory))
}
