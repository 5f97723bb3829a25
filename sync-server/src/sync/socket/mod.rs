//! `GET /sync`: a WebSocket for one device. The protocol itself is [`shared_model::sync_protocol::NodeSession`];
//! here is what moves its bytes and answers its questions.

mod arrival;
mod driver;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use shared_model::account::Problem;
use shared_model::sync_protocol::MAX_SERVER_FRAME_BYTES;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::auth::redeem_ticket;
use crate::error::{ApiError, ApiResult};

/// Idle sockets are many, so what each keeps for reading and writing is small.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 4 * 1024;
/// What may wait for a slow device beyond the frame being sent.
const BACKLOG_BYTES: usize = 256 * 1024;

/// The route of sockets.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open_socket))
}

/// The ticket of a socket.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Ticket {
    /// From `POST /api/socket-tickets`; opens one socket.
    #[serde(default)]
    ticket: String,
}

/// Open the sync WebSocket
#[utoipa::path(
    get, path = "/sync", tag = "sync", params(Ticket),
    responses(
        (status = 101, description = "The socket is open; binary frames follow"),
        (status = 401, body = Problem, description = "The ticket was used, has expired, or its session ended"),
    )
)]
async fn open_socket(
    State(state): State<AppState>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> ApiResult<Response> {
    let caller = redeem_ticket(&state.pool, &ticket, state.clock.now()).await?;
    let caller = caller.ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "ticket_refused",
            "Fetch a new ticket and open the socket again.",
        )
    })?;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_SERVER_FRAME_BYTES + BACKLOG_BYTES)
        .max_message_size(arrival::MAX_READ_BYTES)
        .max_frame_size(arrival::MAX_READ_BYTES);
    let tasks = state.tasks.clone();
    Ok(upgrade.on_upgrade(move |socket| tasks.track_future(driver::drive(state, caller, socket))))
}
