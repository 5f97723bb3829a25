//! `/api/account-links` and `/api/password-resets`: for people who cannot sign in yet, or not any more.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use shared_model::account::{Problem, SignedIn};
use shared_model::audit::{Action, Doer, DoerKind};
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::people::{
    AccountLink, LinkToken, PasswordChoice, PasswordProposal, PasswordReset, PasswordStrength,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::account_link::{self, Found, no_such_link};
use super::routes::{SetCookie, keep_cookie};
use super::sign_in::{checked_email, open_session, password_problem, throttled};
use super::strength::estimate;
use super::token::Token;
use super::{cookie, throttle};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::{people, tenant_transaction};
use crate::directory;
use crate::email::{self, EmailKind};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// The routes of links.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_link))
        .routes(routes!(estimate_password))
        .routes(routes!(use_link))
        .routes(routes!(ask_for_reset))
}

async fn open_link(state: &AppState, token: &str) -> ApiResult<AccountLink> {
    let token = Token::parse(token).ok_or_else(no_such_link)?;
    let mut transaction = tenant_transaction(&state.pool, token.organisation).await?;
    let found = account_link::find(&mut transaction, &token, state.clock.now()).await?;
    Ok(found.ok_or_else(no_such_link)?.link)
}

/// Takes milliseconds, which are not for the threads that serve everybody.
async fn strength_of(password: String, link: AccountLink) -> ApiResult<PasswordStrength> {
    let estimate = move || estimate(&password, &[&link.display_name, &link.email, &link.organisation_name]);
    tokio::task::spawn_blocking(estimate).await.map_err(ApiError::internal)
}

/// Whom does a link let in?
#[utoipa::path(
    post, path = "/api/account-links/read", tag = "session", request_body = LinkToken,
    responses(
        (status = 200, body = AccountLink), (status = 400, body = Problem),
        (status = 410, description = "link_used_or_expired", body = Problem),
    )
)]
async fn read_link(
    State(state): State<AppState>,
    JsonBody(LinkToken { token }): JsonBody<LinkToken>,
) -> ApiResult<Json<AccountLink>> {
    Ok(Json(open_link(&state, &token).await?))
}

/// How good would this password be?
#[utoipa::path(
    post, path = "/api/account-links/strength", tag = "session", request_body = PasswordProposal,
    responses(
        (status = 200, body = PasswordStrength), (status = 400, body = Problem),
        (status = 410, description = "link_used_or_expired", body = Problem),
    )
)]
async fn estimate_password(
    State(state): State<AppState>,
    JsonBody(PasswordProposal { token, password }): JsonBody<PasswordProposal>,
) -> ApiResult<Json<PasswordStrength>> {
    let link = open_link(&state, &token).await?;
    Ok(Json(strength_of(password, link).await?))
}

/// Choose a password with a link, and sign in
///
/// Whoever was signed in with an older password is signed out everywhere.
#[utoipa::path(
    post, path = "/api/account-links/use", tag = "session", request_body = PasswordChoice,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = SignedIn),
        (status = 400, body = Problem),
        (status = 403, description = "device_revoked", body = Problem),
        (status = 409, description = "device_of_another_person", body = Problem),
        (status = 410, description = "link_used_or_expired", body = Problem),
        (status = 422, description = "weak_password", body = Problem),
    )
)]
async fn use_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(PasswordChoice { token, password, device }): JsonBody<PasswordChoice>,
) -> ApiResult<(SetCookie, Json<SignedIn>)> {
    check_strength(&password, open_link(&state, &token).await?).await?;
    let hash = state.passwords.hash(&password).await.map_err(password_problem)?;
    // Hashing takes its time, in which no connection is held; so the link is looked up again.
    let token = Token::parse(&token).ok_or_else(no_such_link)?;
    let mut transaction = tenant_transaction(&state.pool, token.organisation).await?;
    // The directory's row first, as whoever changes a person takes it.
    directory::changed(&mut transaction, token.organisation).await?;
    let taken = account_link::take(&mut transaction, &token, state.clock.now()).await?;
    let Found { person, link } = taken.ok_or_else(no_such_link)?;
    let (organisation, now) = (link.organisation, state.clock.now());
    let had_password = people::has_password(&mut transaction, organisation, person).await?;
    people::set_password(&mut transaction, organisation, person, &hash, now).await?;
    if had_password && state.mailer.is_configured() {
        email::write(&mut transaction, organisation, person, EmailKind::PasswordChanged, now).await?;
    }
    let by = Doer::person(person, device.as_ref().map(|device| device.id), None);
    let note = Note::new(by, Action::PasswordChosen).about_person(person);
    let (token, signed_in) =
        open_session(&state, transaction, organisation, person, device.as_ref(), Some(note)).await?;
    // The link is spent: whoever used it is in, whatever becomes of the counts.
    for address in [link.email.clone(), reset_key(&link.email)] {
        if let Err(error) = throttle::forget(&state.pool, &address, organisation, to_utc(now)).await {
            tracing::warn!(cause = %error, "attempts to sign in could not be forgotten");
        }
    }
    state.mailer.wake();
    metrics::counter!("sign_ins_total", "outcome" => "link").increment(1);
    Ok((keep_cookie(&state, &token, cookie::device_of(&headers)), Json(signed_in)))
}

async fn check_strength(password: &str, link: AccountLink) -> ApiResult<()> {
    let strength = strength_of(password.to_owned(), link).await?;
    if strength.is_enough {
        return Ok(());
    }
    let error = ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "weak_password",
        "This password is too easy to guess. Choose a longer one, such as four words that have nothing to do with each other.",
    );
    Err(error.with("strength", serde_json::to_value(strength).unwrap_or_default()))
}

/// Ask for an email that lets one choose a new password
///
/// The answer is the same whether anybody has this address or not.
#[utoipa::path(
    post, path = "/api/password-resets", tag = "session", request_body = PasswordReset,
    responses(
        (status = 202, description = "Whoever has this address gets an email"),
        (status = 400, body = Problem),
        (status = 429, description = "too_many_attempts", body = Problem),
        (status = 409, description = "email_not_configured: this server sends none", body = Problem),
    )
)]
async fn ask_for_reset(
    State(state): State<AppState>,
    JsonBody(PasswordReset { email }): JsonBody<PasswordReset>,
) -> ApiResult<StatusCode> {
    if !state.mailer.is_configured() {
        return Err(ApiError::conflict(
            "email_not_configured",
            "This server sends no emails. Ask whoever administers your organisation for a link.",
        ));
    }
    let email = checked_email(&email)?;
    let now = state.clock.now();
    // Counted apart from wrong passwords: asking for an email closes no account, and a closed account may ask for one.
    if let Err(seconds) = throttle::count_attempt(&state.pool, &reset_key(&email), to_utc(now)).await? {
        return Err(throttled(seconds));
    }
    // Answered before anybody is looked up: how long it takes tells nobody who has an account.
    let sender = state.clone();
    state.tasks.spawn(async move {
        if let Err(error) = reset_by_email(&sender, &email).await {
            tracing::warn!(cause = %error, "an email for a new password could not be written down");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// Emails are counted apart from wrong passwords.
fn reset_key(email: &str) -> String {
    format!("reset {email}")
}

async fn reset_by_email(state: &AppState, email: &str) -> sqlx::Result<()> {
    let accounts: Vec<(Uuid, Uuid)> =
        sqlx::query_as("select organization_id, person_id from password_reset_candidates($1)")
            .bind(email)
            .fetch_all(&state.pool)
            .await?;
    for (organisation, person) in accounts {
        let (organisation, person) = (OrganisationId::from_uuid(organisation), PersonId::from_uuid(person));
        let mut transaction = tenant_transaction(&state.pool, organisation).await?;
        let (kind, now) = (EmailKind::PasswordReset, state.clock.now());
        email::write(&mut transaction, organisation, person, kind, now).await?;
        let by = Doer::of(DoerKind::Stranger);
        let note = Note::new(by, Action::PasswordResetAsked).about_person(person);
        audit::append(&mut transaction, organisation, note, now).await?;
        transaction.commit().await?;
    }
    state.mailer.wake();
    Ok(())
}
