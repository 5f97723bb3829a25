//! `/api/account/password`: another password for somebody who is signed in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use shared_model::account::Problem;
use shared_model::audit::Action;
use shared_model::people::NewPassword;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::Newcomer;
use super::link_routes::check_strength;
use super::routes::{SetCookie, keep_cookie};
use super::sign_in::password_problem;
use super::token::Token;
use super::{factors, rotation};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::database::{organisations, people, tenant_transaction};
use crate::directory;
use crate::email::{self, EmailKind};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// The route of one's own password.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(change_password))
}

/// Choose another password
///
/// All other devices are signed out, and this one goes on. Keys for programs stay.
#[utoipa::path(
    put, path = "/api/account/password", tag = "account", request_body = NewPassword,
    responses(
        (status = 204, description = "It is the password from now on; the session has a new token"),
        (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 422, description = "weak_password", body = Problem),
    )
)]
async fn change_password(
    State(state): State<AppState>,
    headers: HeaderMap,
    Newcomer(caller): Newcomer,
    JsonBody(NewPassword { password }): JsonBody<NewPassword>,
) -> ApiResult<(Option<SetCookie>, StatusCode)> {
    let session = caller.session()?;
    let (organisation, person, now) = (caller.organisation_id, caller.person_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    factors::require_fresh(&mut transaction, &caller, now).await?;
    let account = people::signs_in_as(&mut transaction, organisation, person).await?;
    let account = account.ok_or_else(ApiError::not_signed_in)?;
    let name = organisations::read(&mut transaction, organisation).await?.name;
    // Estimating and hashing take their time, in which no connection is held.
    transaction.rollback().await?;
    check_strength(&password, [account.display_name, account.email, name]).await?;
    let hash = state.passwords.hash(&password).await.map_err(password_problem)?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // The directory's row first, as whoever changes a person takes it.
    directory::changed(&mut transaction, organisation).await?;
    factors::require_fresh(&mut transaction, &caller, now).await?;
    people::replace_password(&mut transaction, organisation, person, &hash, Some(session), now).await?;
    if state.mailer.is_configured() {
        email::write(&mut transaction, organisation, person, EmailKind::PasswordChanged, now).await?;
    }
    let note = Note::by_caller(&caller, Action::PasswordChosen).about_person(person);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    state.mailer.wake();
    // A copy of the token that this session had shows itself from now on.
    let shown = state.cookie.read(&headers).ok_or_else(ApiError::not_signed_in)?;
    let token = Token::parse(shown.token).ok_or_else(ApiError::not_signed_in)?;
    let successor = rotation::rotate(&state.pool, &token, session).await?;
    Ok((successor.map(|successor| keep_cookie(&state, &successor, shown.kept_in)), StatusCode::NO_CONTENT))
}
