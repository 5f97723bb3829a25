//! The whole HTTP surface on one page. A mechanism or a feature brings its own router; merge it here.

use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as OpenApiDocument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::{audit, auth, automerge_repo, directory, features, http, people, sync};

#[derive(OpenApi)]
#[openapi(info(
    title = "MaintainPro",
    description = "Offline-first maintenance management. Refusals are problem documents (RFC 9457) with a stable `code`."
))]
struct Document;

/// Every documented route.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(http::health::router())
        .merge(auth::routes::router())
        .merge(auth::open_sessions::router())
        .merge(auth::link_routes::router())
        .merge(people::router())
        .merge(audit::router())
        .merge(directory::routes::router())
        .merge(sync::socket::router())
        .merge(sync::commands::router())
        .merge(sync::deletions::router())
        .merge(sync::deposits::router())
        .merge(sync::packs::router())
        .merge(automerge_repo::router())
        .merge(features::router())
        .routes(routes!(get_openapi))
}

/// The router of a server.
pub fn router(state: AppState) -> Router {
    let (api, _) = api().split_for_parts();
    let app = api.fallback(http::pwa::serve);
    http::with_layers(app, &state).with_state(state)
}

/// The OpenAPI document of every route.
pub fn openapi() -> OpenApiDocument {
    api().into_openapi()
}

/// This document
#[utoipa::path(get, path = "/api/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
async fn get_openapi() -> Json<OpenApiDocument> {
    Json(openapi())
}
