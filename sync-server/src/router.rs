//! The whole HTTP surface on one page. A mechanism or a feature brings its own router; merge it here.

use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi as OpenApiDocument, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::{access, audit, auth, automerge_repo, directory, features, http, organisation, people, sync};

/// The media type of problem documents (RFC 9457).
const PROBLEM: &str = "application/problem+json";

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
        .merge(auth::factors::router())
        .merge(auth::password_routes::router())
        .merge(auth::device_routes::router())
        .merge(auth::device_lock_routes::router())
        .merge(organisation::router())
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
    let mut document = api().into_openapi();
    access::describe(&mut document);
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        operations.into_iter().flatten().for_each(describe_refusals);
    }
    document
}

/// Refusals are problem documents, also those that any operation may meet and none names: a body that cannot be read or is
/// too large, an address that makes no sense, a database that is away.
fn describe_refusals(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        let RefOr::T(response) = response else { continue };
        if let Some(content) = response.content.shift_remove("application/json") {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let any = ResponseBuilder::new().description("Any other refusal").content(PROBLEM, problem).build();
    responses.entry("default".to_owned()).or_insert(RefOr::T(any));
}

/// This document
#[utoipa::path(get, path = "/api/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
async fn get_openapi() -> Json<OpenApiDocument> {
    Json(openapi())
}
