//! `GET /api/automerge-repo`: a WebSocket for clients of automerge-repo, unmodified, over the same ingest and the
//! same rights as our own devices. Such clients find, read and edit documents that exist; they create none, and
//! records do not travel here. `docs/decisions/0021-automerge-repo-clients.md` says how it fits together.

mod conversation;
pub mod document_id;
mod driver;
mod notice;
mod offers;
mod relay;
mod session;
pub mod sync_message;
pub mod wire;

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shared_model::account::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::relay::Relay;
use crate::app_state::AppState;
use crate::auth::{self, Caller};
use crate::error::{ApiError, ApiResult};

/// Longest message of a client.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// What is read of a longer one, so that it can be answered.
const MAX_READ_BYTES: usize = 2 * MAX_MESSAGE_BYTES;
const READ_BUFFER_BYTES: usize = 8 * 1024;
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// The route of automerge-repo clients.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open_socket)).layer(Extension(Relay::default()))
}

/// The ticket of a socket.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Ticket {
    /// From `POST /api/socket-tickets`, for a client without the session cookie; opens one socket.
    ticket: Option<String>,
}

/// Open a WebSocket for automerge-repo
#[utoipa::path(
    get, path = "/api/automerge-repo", tag = "sync", params(Ticket),
    responses(
        (status = 101, description = "The socket is open; the messages of automerge-repo follow"),
        (status = 401, body = Problem, description = "Nobody is signed in, or the ticket is not good any more"),
        (status = 426, body = Problem, description = "This is a WebSocket"),
        (status = 429, body = Problem, description = "come_back: too many devices connect at the moment"),
    )
)]
async fn open_socket(
    State(state): State<AppState>,
    Extension(relay): Extension<Relay>,
    Query(Ticket { ticket }): Query<Ticket>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let caller = caller(&state, ticket.as_deref(), &headers).await?;
    let upgrade = upgrade.map_err(|_| {
        ApiError::new(StatusCode::UPGRADE_REQUIRED, "no_web_socket", "Open a WebSocket at this address.")
    })?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES);
    let tasks = state.tasks.clone();
    Ok(upgrade.on_upgrade(move |socket| tasks.track_future(driver::drive(state, caller, relay, socket))))
}

/// Who opens a socket: whoever has a ticket; a page, by the cookie; or a program that puts the session's token into
/// the address (`wss://session:TOKEN@host/…`), with which the client connects again and again by itself.
async fn caller(state: &AppState, ticket: Option<&str>, headers: &HeaderMap) -> ApiResult<Caller> {
    if let Some(ticket) = ticket {
        let caller = auth::redeem_ticket(&state.pool, ticket, state.clock.now()).await?;
        return caller.ok_or_else(ApiError::not_signed_in);
    }
    let password = headers.get(header::AUTHORIZATION).and_then(|value| password(value.to_str().ok()?));
    if let Some(token) = password {
        return Caller::of_newcomer(state, &token, None).await;
    }
    let held = state.cookie.read(headers).ok_or_else(ApiError::not_signed_in)?;
    Caller::of_newcomer(state, held.token, held.device).await
}

/// The password of basic authentication.
fn password(value: &str) -> Option<String> {
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned())
}
