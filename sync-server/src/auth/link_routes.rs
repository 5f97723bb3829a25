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
use super::factors::SECOND_FACTOR_NEEDED;
use super::opening::{self, Still};
use super::routes::{Entered, entered};
use super::sign_in::{checked_email, password_problem};
use super::strength::estimate;
use super::throttle;
use super::token::Token;
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
async fn strength_of(password: String, known: [String; 3]) -> ApiResult<PasswordStrength> {
    let estimate = move || estimate(&password, &known.each_ref().map(String::as_str));
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
    Ok(Json(strength_of(password, known_of(link)).await?))
}

/// Choose a password with a link, and sign in
///
/// Whoever was signed in with an older password is signed out everywhere.
#[utoipa::path(
    post, path = "/api/account-links/use", tag = "session", request_body = PasswordChoice,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = SignedIn),
        (status = 400, body = Problem),
        (
            status = 401, body = Problem,
            description = "second_factor_needed: the password is chosen, `second_step` says how to go on",
        ),
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
) -> ApiResult<Entered> {
    check_strength(&password, known_of(open_link(&state, &token).await?)).await?;
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
    let device = device.as_ref();
    let opened =
        opening::let_in(&state, transaction, organisation, person, device, Some(note), Still::Works).await;
    let opened = opened.and_then(|opened| opened.ok_or_else(no_such_link));
    // The link is spent: whoever used it has shown who they are, whatever becomes of the counts.
    if opened.as_ref().map_or_else(|error| error.code == SECOND_FACTOR_NEEDED, |_| true) {
        let guessed = throttle::Account::of_email(&link.email, None);
        if let Err(error) = throttle::forget(&state.pool, &guessed, organisation, to_utc(now)).await {
            tracing::warn!(cause = %error, "attempts to sign in could not be forgotten");
        }
        state.mailer.wake();
    }
    let opened = opened?;
    metrics::counter!("sign_ins_total", "outcome" => "link").increment(1);
    Ok(entered(&state, &headers, opened))
}

/// What anybody knows of a person.
fn known_of(link: AccountLink) -> [String; 3] {
    [link.display_name, link.email, link.organisation_name]
}

/// Refuses a password that is easy to guess for whoever knows this of its person: name, address, organisation.
pub(super) async fn check_strength(password: &str, known: [String; 3]) -> ApiResult<()> {
    let strength = strength_of(password.to_owned(), known).await?;
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
/// The answer is the same whether anybody has this address or not, and however often it is asked: links that went out stay good, and
/// only so many go out in an hour.
#[utoipa::path(
    post, path = "/api/password-resets", tag = "session", request_body = PasswordReset,
    responses(
        (status = 202, description = "Whoever has this address gets an email"),
        (status = 400, body = Problem),
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
    // Answered before anybody is looked up: how long it takes tells nobody who has an account.
    let sender = state.clone();
    state.tasks.spawn(async move {
        if let Err(error) = reset_by_email(&sender, &email).await {
            tracing::warn!(cause = %error, "an email for a new password could not be written down");
        }
    });
    Ok(StatusCode::ACCEPTED)
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
        people::lock(&mut transaction, organisation, person).await?;
        // Whoever asks again and again fills neither an inbox nor the trail.
        if email::is_waiting(&mut transaction, organisation, person, kind).await?
            || account_link::has_enough(&mut transaction, organisation, person, now).await?
        {
            continue;
        }
        email::write(&mut transaction, organisation, person, kind, now).await?;
        let by = Doer::of(DoerKind::Stranger);
        let note = Note::new(by, Action::PasswordResetAsked).about_person(person);
        audit::append(&mut transaction, organisation, note, now).await?;
        transaction.commit().await?;
    }
    state.mailer.wake();
    Ok(())
}
