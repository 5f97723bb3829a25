//! Everything around a handler: request ids, the access log, problem documents, security headers, the check
//! where a request comes from, limits, the web app's files, health, and the listening itself.

pub mod health;
pub mod json;
pub mod observe;
pub mod origin;
pub mod page;
pub mod parameters;
pub mod problem;
pub mod pwa;
pub mod security_headers;
pub mod serve;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app_state::AppState;
use crate::audit::denials;
use crate::error::ApiError;

/// Larger things travel as packs and blobs on routes of their own.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Until the answer's head; a socket or a download may go on afterwards.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Wraps a router. The first layer listed is the innermost.
pub fn with_layers(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), denials::note))
        .layer(from_fn_with_state(state.clone(), origin::check))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::write_body))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn(observe::observe))
}

/// A panic is a defect of ours: it ends the request, not the server.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().map_or("no message", |message| message).to_owned(),
    };
    ApiError::internal(anyhow::anyhow!("a handler panicked: {message}")).into_response()
}
