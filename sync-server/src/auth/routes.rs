//! `/api/session` and `/api/socket-tickets`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::AppendHeaders;
use shared_model::account::{Problem, SignIn, SignedIn, SocketTicket};
use shared_model::identity::DeviceId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Newcomer;
use super::opening::Opened;
use super::token::Token;
use super::{Caller, cookie, known_browser, opening, rotation, session, sign_in, ticket};
use crate::app_state::AppState;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// The routes of signing in and out.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_session, get_session, delete_session))
        .routes(routes!(create_socket_ticket))
}

pub(super) type SetCookie = [(header::HeaderName, HeaderValue); 1];
/// Whoever is let in gets the session's cookie, and one by which their browser is known from now on.
pub(super) type Entered = (AppendHeaders<[(header::HeaderName, HeaderValue); 2]>, Json<SignedIn>);

/// Sign in
#[utoipa::path(
    post, path = "/api/session", tag = "session", request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = SignedIn),
        (
            status = 401, body = Problem,
            description = "wrong_credentials; second_factor_needed: the password is right, `second_step` says how to go on",
        ),
        (status = 409, description = "organisation_required, device_of_another_person", body = Problem),
        (status = 429, description = "too_many_attempts", body = Problem),
    )
)]
async fn create_session(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<SignIn>,
) -> ApiResult<Entered> {
    let opened = sign_in::sign_in(&state, &headers, &request).await?;
    metrics::counter!("sign_ins_total", "outcome" => "ok").increment(1);
    Ok(entered(&state, &headers, opened))
}

/// Who am I? Keeps the session alive
///
/// Now and then the session's token changes, and the answer brings the new one. It counts from its first use on; a request
/// whose answer was lost is sent again with the old one.
#[utoipa::path(
    get, path = "/api/session", tag = "session",
    responses(
        (status = 200, body = SignedIn),
        (
            status = 401, body = Problem,
            description = "not_signed_in; session_replayed: a token was used that another one had taken the place of",
        ),
    )
)]
async fn get_session(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> ApiResult<(Option<SetCookie>, Json<SignedIn>)> {
    let shown = state.cookie.read(&headers).ok_or_else(ApiError::not_signed_in)?;
    let token = Token::parse(shown.token).ok_or_else(ApiError::not_signed_in)?;
    let held = rotation::refresh(&state, &token, shown.device).await?;
    let signed_in = opening::who_am_i(&state, &held.session.caller, held.session.expires_at).await?;
    // Only a token that is another one is sent: answers overtake each other, and an old token must not come last.
    Ok((held.successor.map(|successor| keep_cookie(&state, &successor, shown.kept_in)), Json(signed_in)))
}

/// Sign out
#[utoipa::path(
    delete, path = "/api/session", tag = "session",
    responses(
        (status = 204, description = "Signed out"), (status = 401, body = Problem),
        (status = 403, description = "session_required", body = Problem),
    )
)]
async fn delete_session(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
    headers: HeaderMap,
) -> ApiResult<(StatusCode, SetCookie)> {
    let session = caller.session()?;
    session::close(&state.pool, &caller, session, state.clock.now()).await?;
    state.sync.wake().session_ended(session);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, state.cookie.clear(&headers))]))
}

/// Ask for a ticket that opens one WebSocket within a minute
#[utoipa::path(
    post, path = "/api/socket-tickets", tag = "session",
    responses(
        (status = 201, body = SocketTicket),
        (status = 401, body = Problem),
        (status = 429, description = "come_back: too many devices connect at the moment", body = Problem),
    )
)]
async fn create_socket_ticket(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> ApiResult<(StatusCode, Json<SocketTicket>)> {
    let shown = state.cookie.read(&headers).ok_or_else(ApiError::not_signed_in)?;
    let caller = Caller::of_newcomer(&state, shown.token, shown.device).await?;
    let session = caller.session()?;
    let ticket = ticket::issue(&state.pool, &caller, session, state.clock.now()).await?;
    Ok((StatusCode::CREATED, Json(ticket)))
}

/// A browser keeps the cookie for as long as the session may live; whether it still does is the server's to say.
pub(super) fn keep_cookie(state: &AppState, token: &Token, device: Option<DeviceId>) -> SetCookie {
    [(header::SET_COOKIE, state.cookie.set(&token.encode(), device, session::ABSOLUTE_MS / 1000))]
}

/// The answer to whoever is let in.
pub(super) fn entered(state: &AppState, headers: &HeaderMap, (token, signed_in): Opened) -> Entered {
    let [session] = keep_cookie(state, &token, cookie::device_of(headers));
    let known = (
        header::SET_COOKIE,
        known_browser::greet(state, headers, signed_in.organisation.id, &signed_in.person.email),
    );
    (AppendHeaders([session, known]), Json(signed_in))
}
