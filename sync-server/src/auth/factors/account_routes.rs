//! `/api/account`: the authenticator app and the recovery codes of whoever asks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared_model::account::Problem;
use shared_model::audit::Action;
use shared_model::second_factor::{
    AuthenticatorConfirmation, AuthenticatorSecret, Factor, Factors, RecoveryCodes,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::caller::Newcomer;
use super::super::challenge::{self, Challenge, SETTING_UP_MS};
use super::super::factor_key::Purpose;
use super::super::throttle::{self, Account};
use super::authenticator_app::{self, Secret};
use super::proof::require_fresh;
use super::relying_party::Owner;
use super::second_step::expired;
use super::{qr, recovery_codes, rules, standing};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::clock::to_utc;
use crate::database::{TenantTransaction, organisations, people, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::random;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_factors))
        .routes(routes!(draw_authenticator_secret, remove_authenticator_app))
        .routes(routes!(confirm_authenticator_app))
        .routes(routes!(make_recovery_codes))
}

/// A secret that waits for its first code.
#[derive(Serialize, Deserialize)]
struct SetUp {
    owner: Owner,
    secret: Secret,
}

/// The caller's second factors
#[utoipa::path(
    get, path = "/api/account/factors", tag = "account",
    responses(
        (status = 200, body = Factors), (status = 401, body = Problem),
        (status = 403, description = "session_required", body = Problem),
    )
)]
async fn list_factors(State(state): State<AppState>, Newcomer(caller): Newcomer) -> ApiResult<Json<Factors>> {
    caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let owner = Owner::of(&caller);
    Ok(Json(standing::factors(&mut transaction, owner, state.relying_party.as_ref()).await?))
}

/// Begin to set up an authenticator app
///
/// Nothing is kept until a first code of it comes back.
#[utoipa::path(
    post, path = "/api/account/authenticator-app", tag = "account",
    responses(
        (status = 200, body = AuthenticatorSecret), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
    )
)]
async fn draw_authenticator_secret(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
) -> ApiResult<Json<AuthenticatorSecret>> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    let account = people::signs_in_as(&mut transaction, organisation, caller.person_id).await?;
    let email = account.ok_or_else(ApiError::not_signed_in)?.email;
    let name = organisations::read(&mut transaction, organisation).await?.name;
    let secret: Secret = random::bytes();
    let totp = authenticator_app::generator(&secret, &name, &email)?;
    let address = totp.to_url().map_err(|error| ApiError::internal(anyhow::anyhow!("{error}")))?;
    let set_up = SetUp { owner: Owner::of(&caller), secret };
    let token = challenge::issue(&state.factor_key, Purpose::AuthenticatorSetUp, set_up, SETTING_UP_MS, now)
        .map_err(ApiError::internal)?;
    let (qr_path, qr_size) = qr::path(&address)?;
    Ok(Json(AuthenticatorSecret { token, secret: totp.secret().to_base32(), address, qr_path, qr_size }))
}

/// Set an authenticator app up, with its first code
///
/// It takes the place of one from before. Whoever has no recovery codes gets some.
#[utoipa::path(
    post, path = "/api/account/authenticator-app/confirm", tag = "account",
    request_body = AuthenticatorConfirmation,
    responses(
        (status = 200, body = RecoveryCodes), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 410, description = "sign_in_expired: begin anew", body = Problem),
        (status = 422, description = "wrong_code", body = Problem),
        (status = 429, description = "too_many_attempts", body = Problem),
    )
)]
async fn confirm_authenticator_app(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
    JsonBody(confirmation): JsonBody<AuthenticatorConfirmation>,
) -> ApiResult<Json<RecoveryCodes>> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let owner = Owner::of(&caller);
    let counted = Account::of_session(caller.session()?);
    let set_up: Challenge<SetUp> =
        challenge::open(&state.factor_key, Purpose::AuthenticatorSetUp, &confirmation.token, now)
            .filter(|found: &Challenge<SetUp>| found.state.owner == owner)
            .ok_or_else(expired)?;
    throttle::admit(&state.pool, &counted, to_utc(now)).await?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    people::lock(&mut transaction, organisation, caller.person_id).await?;
    if !set_up.spend(&mut transaction, organisation, now).await? {
        return Err(expired());
    }
    let secret = &set_up.state.secret;
    let step =
        authenticator_app::step_of(&authenticator_app::generator(secret, "", "")?, &confirmation.code, now);
    let step = step.ok_or_else(wrong_code)?;
    authenticator_app::keep(&mut transaction, &state.factor_key, owner, secret, step, now).await?;
    let note = Note::by_caller(&caller, Action::SecondFactorAdded).about_person(caller.person_id);
    let note = note.with("factor", None, Some(Factor::AuthenticatorApp.code().into()));
    let codes = added(&state, transaction, &caller, note).await?;
    throttle::forget(&state.pool, &counted, organisation, to_utc(now)).await?;
    Ok(Json(codes))
}

/// There is one second factor more: recovery codes for whoever has none, and an entry. Commits.
pub(super) async fn added(
    state: &AppState,
    mut transaction: TenantTransaction,
    caller: &Caller,
    note: Note,
) -> ApiResult<RecoveryCodes> {
    let (owner, now) = (Owner::of(caller), state.clock.now());
    rules::settle(&mut transaction, owner, caller.session()?).await?;
    let codes = match recovery_codes::left(&mut transaction, owner).await? {
        0 => recovery_codes::make(&mut transaction, owner).await?,
        _ => Vec::new(),
    };
    audit::append(&mut transaction, caller.organisation_id, note, now).await?;
    if !codes.is_empty() {
        let note = Note::by_caller(caller, Action::RecoveryCodesMade).about_person(caller.person_id);
        audit::append(&mut transaction, caller.organisation_id, note, now).await?;
    }
    transaction.commit().await?;
    Ok(RecoveryCodes { codes })
}

/// Take the authenticator app away
#[utoipa::path(
    delete, path = "/api/account/authenticator-app", tag = "account",
    responses(
        (status = 204, description = "Its codes are not taken any more"), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 404, body = Problem, description = "There is none"),
        (status = 409, body = Problem, description = "last_second_factor: the organisation asks for one"),
    )
)]
async fn remove_authenticator_app(State(state): State<AppState>, caller: Caller) -> ApiResult<StatusCode> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    let owner = Owner::of(&caller);
    people::lock(&mut transaction, organisation, caller.person_id).await?;
    if !authenticator_app::remove(&mut transaction, owner).await? {
        return Err(ApiError::not_found());
    }
    let note = Note::by_caller(&caller, Action::SecondFactorRemoved).about_person(caller.person_id);
    let note = note.with("factor", Some(Factor::AuthenticatorApp.code().into()), None);
    removed(&state, transaction, &caller, note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// There is one second factor less; without any, recovery codes are good for nothing. Commits, unless the organisation asks for one.
pub(super) async fn removed(
    state: &AppState,
    mut transaction: TenantTransaction,
    caller: &Caller,
    note: Note,
) -> ApiResult<()> {
    let owner = Owner::of(caller);
    if !standing::has_any(&mut transaction, owner).await? {
        if rules::is_required(&mut transaction, owner).await? {
            return Err(ApiError::conflict(
                "last_second_factor",
                "Your organisation asks for a second factor. Set up another one before you remove this.",
            ));
        }
        recovery_codes::remove(&mut transaction, owner).await?;
    }
    audit::append(&mut transaction, caller.organisation_id, note, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(())
}

/// Make new recovery codes
///
/// Those from before open nothing any more.
#[utoipa::path(
    post, path = "/api/account/recovery-codes", tag = "account",
    responses(
        (status = 200, body = RecoveryCodes), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 409, description = "no_second_factor: they stand in for one", body = Problem),
    )
)]
async fn make_recovery_codes(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<Json<RecoveryCodes>> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    let owner = Owner::of(&caller);
    people::lock(&mut transaction, organisation, caller.person_id).await?;
    if !standing::has_any(&mut transaction, owner).await? {
        let title = "Recovery codes stand in for a second factor. Set one up first.";
        return Err(ApiError::conflict("no_second_factor", title));
    }
    let codes = recovery_codes::make(&mut transaction, owner).await?;
    let note = Note::by_caller(&caller, Action::RecoveryCodesMade).about_person(caller.person_id);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(Json(RecoveryCodes { codes }))
}

fn wrong_code() -> ApiError {
    let title = "That is not the code. Look at the app again; the clocks of phone and server may differ by half a minute at most.";
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_code", title)
}
