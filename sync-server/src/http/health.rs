//! Is the server alive, can it work, what does it measure?

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use ring::digest::{SHA256, digest};
use serde::Serialize;
use shared_model::account::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::database::migrations;
use crate::error::{ApiError, ApiResult};

/// The routes for whoever runs the server.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(get_metrics))
}

/// What an operator's probe reads.
#[derive(Serialize, utoipa::ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// Version of the server.
    version: &'static str,
}

const HEALTHY: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// The process lives
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
async fn healthz() -> Json<Health> {
    Json(HEALTHY)
}

/// The server can work: its database answers and is migrated
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses((status = 200, body = Health), (status = 503, body = Problem))
)]
async fn readyz(State(state): State<AppState>) -> ApiResult<Json<Health>> {
    if state.shutdown.is_cancelled() {
        return Err(not_ready("shutting_down", "The server is shutting down."));
    }
    match migrations::are_applied(&state.pool).await {
        Ok(true) => Ok(Json(HEALTHY)),
        Ok(false) => Err(not_ready("not_migrated", "The database lacks migrations.")),
        Err(error) => {
            tracing::warn!(cause = %error, "the database does not answer");
            Err(not_ready("database_unavailable", "The database cannot be reached."))
        }
    }
}

/// Measurements in Prometheus' text format
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, content_type = "text/plain", body = String), (status = 401, body = Problem))
)]
async fn get_metrics(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> ApiResult<([(header::HeaderName, &'static str); 1], String)> {
    if let Some(token) = &state.metrics_token
        && !carries_token(&headers, token)
    {
        return Err(ApiError::not_signed_in());
    }
    state.metrics.run_upkeep();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.metrics.render()))
}

/// Compares digests, so that the time taken says nothing about the token.
fn carries_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    digest(&SHA256, given.as_bytes()).as_ref() == digest(&SHA256, token.as_bytes()).as_ref()
}

fn not_ready(code: &'static str, title: &'static str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, title).retry_after_seconds(2)
}
