//! Signing in with more than a password: the second step after it, and passkeys, which need none.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared_model::account::{Problem, SignedIn};
use shared_model::audit::{Action, Doer, DoerKind, SubjectKind};
use shared_model::identity::{OrganisationId, PasskeyId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::second_factor::{
    Factor, Passed, PasskeyChallenge, PasskeySignIn, SecondStep, SecondStepAnswer,
};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential};

use super::super::challenge::{self, Challenge, LIFETIME_MS};
use super::super::factor_key::Purpose;
use super::super::known_browser;
use super::super::opening::{self, Proof, Still};
use super::super::routes::{Entered, entered};
use super::super::throttle::{self, Account};
use super::passkeys::Shown;
use super::relying_party::{Owner, RelyingParty, claimed_owner};
use super::{authenticator_app, passkeys, recovery_codes, standing};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::{TenantTransaction, people, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// The code of the answer to a right password that is not enough.
pub(in super::super) const SECOND_FACTOR_NEEDED: &str = "second_factor_needed";

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(finish_sign_in))
        .routes(routes!(challenge_passkey))
        .routes(routes!(sign_in_with_passkey))
}

/// A password that was right. It was this one: another password in the meantime makes it worthless.
#[derive(Serialize, Deserialize)]
struct Pending {
    organisation: OrganisationId,
    person: PersonId,
    password_changed_at: DateTime<Utc>,
    passkey: Option<DiscoverableAuthentication>,
}

/// Does somebody with a right password need more? Then says what.
pub(in super::super) async fn ask(
    state: &AppState,
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> ApiResult<Option<ApiError>> {
    let (owner, now) = (Owner { organisation, person }, state.clock.now());
    if !standing::has_any(connection, owner).await? {
        return Ok(None);
    }
    let factors = standing::factors(connection, owner, state.relying_party.as_ref()).await?;
    let ways = standing::ways(&factors);
    let (mut passkey, mut passkey_options) = (None, None);
    if let Some(relying_party) = state.relying_party.as_ref().filter(|_| ways.contains(&Factor::Passkey)) {
        let known = passkeys::credential_ids(connection, owner).await?;
        let (options, pending) = begin_showing(relying_party, known)?;
        (passkey, passkey_options) = (Some(pending), Some(options));
    }
    let account = people::signs_in_as(connection, organisation, person).await?;
    let account = account.ok_or_else(ApiError::not_signed_in)?;
    let pending = Pending { organisation, person, password_changed_at: account.password_changed_at, passkey };
    let token = challenge::issue(&state.factor_key, Purpose::SecondStep, pending, LIFETIME_MS, now)
        .map_err(ApiError::internal)?;
    let step = SecondStep { token, factors: ways, expires_at: now.plus_millis(LIFETIME_MS), passkey_options };
    metrics::counter!("sign_ins_total", "outcome" => "second_step").increment(1);
    let title = "The password is right. Now show your second factor.";
    let step = serde_json::to_value(step).unwrap_or_default();
    Ok(Some(ApiError::new(StatusCode::UNAUTHORIZED, SECOND_FACTOR_NEEDED, title).with("second_step", step)))
}

/// Finish signing in with a second factor
#[utoipa::path(
    post, path = "/api/session/second-step", tag = "session", request_body = SecondStepAnswer,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = SignedIn),
        (status = 400, body = Problem),
        (status = 401, description = "wrong_second_factor, passkey_copied", body = Problem),
        (status = 403, description = "device_revoked", body = Problem),
        (status = 409, description = "device_of_another_person", body = Problem),
        (status = 410, description = "sign_in_expired: begin anew with the password", body = Problem),
        (status = 429, description = "too_many_attempts", body = Problem),
    )
)]
async fn finish_sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(answer): JsonBody<SecondStepAnswer>,
) -> ApiResult<Entered> {
    let now = state.clock.now();
    let pending: Challenge<Pending> =
        challenge::open(&state.factor_key, Purpose::SecondStep, &answer.token, now).ok_or_else(expired)?;
    let Pending { organisation, person, password_changed_at, .. } = pending.state;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let account = people::signs_in_as(&mut transaction, organisation, person).await?;
    let account = account.filter(|known| known.password_changed_at == password_changed_at);
    let email = account.ok_or_else(expired)?.email;
    // Counting takes a connection of its own.
    transaction.rollback().await?;
    let browser = known_browser::number(&state, &headers, organisation, &email);
    let counted = Account::of_second_step(organisation, person, browser);
    throttle::admit(&state.pool, &counted, to_utc(now)).await?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    if !pending.spend(&mut transaction, organisation, now).await? {
        return Err(expired());
    }
    let owner = Owner { organisation, person };
    let verdict = check(&state, &mut transaction, owner, &answer, pending.state.passkey, now).await?;
    let (factor, note) = match verdict {
        Verdict::Right(factor, note) => (factor, note),
        Verdict::Wrong => {
            drop(transaction);
            refuse(&state, owner, Action::SecondFactorRefused, None).await?;
            return Err(wrong_factor());
        }
        Verdict::Copied(id) => {
            drop(transaction);
            return Err(copied(&state, owner, id).await?);
        }
    };
    let with = ["password", factor.code()];
    let opened = {
        let device = answer.device.as_ref();
        let proof = Proof { with: &with, still: Still::ChoseAt(password_changed_at) };
        opening::open_session(&state, transaction, organisation, person, device, note, proof).await?
    };
    let opened = opened.ok_or_else(expired)?;
    // They are in, whatever becomes of the counts.
    if let Err(error) = throttle::forget(&state.pool, &counted, organisation, to_utc(now)).await {
        tracing::warn!(cause = %error, "attempts to sign in could not be forgotten");
    }
    metrics::counter!("sign_ins_total", "outcome" => factor.code()).increment(1);
    Ok(entered(&state, &headers, opened))
}

/// What came of a second step.
enum Verdict {
    /// It was this, and that is to be written down about it.
    Right(Factor, Option<Note>),
    Wrong,
    Copied(PasskeyId),
}

impl Verdict {
    fn of(is_right: bool, factor: Factor, note: Option<Note>) -> Self {
        if is_right { Self::Right(factor, note) } else { Self::Wrong }
    }
}

async fn check(
    state: &AppState,
    transaction: &mut TenantTransaction,
    owner: Owner,
    answer: &SecondStepAnswer,
    pending: Option<DiscoverableAuthentication>,
    now: Timestamp,
) -> ApiResult<Verdict> {
    match (&answer.code, &answer.recovery_code, &answer.passkey) {
        (Some(code), None, None) => {
            let is_right = authenticator_app::take(transaction, &state.factor_key, owner, code, now).await?;
            Ok(Verdict::of(is_right, Factor::AuthenticatorApp, None))
        }
        (None, Some(code), None) => {
            let is_right = recovery_codes::take(transaction, owner, code, now).await?;
            let by = Doer::person(owner.person, answer.device.as_ref().map(|device| device.id), None);
            let left = u64::from(recovery_codes::left(transaction, owner).await?);
            let note = Note::new(by, Action::RecoveryCodeUsed).about_person(owner.person);
            let note = note.with("left", None, Some(left.into()));
            Ok(Verdict::of(is_right, Factor::RecoveryCode, Some(note)))
        }
        (None, None, Some(passkey)) => {
            let (Some(pending), Some(relying_party)) = (pending, &state.relying_party) else {
                return Ok(Verdict::Wrong);
            };
            let shown = read_passkey(passkey)?;
            match passkeys::look(transaction, relying_party, owner, &shown, pending, now).await? {
                Shown::Right => Ok(Verdict::Right(Factor::Passkey, None)),
                Shown::Wrong => Ok(Verdict::Wrong),
                Shown::Copied(id) => Ok(Verdict::Copied(id)),
            }
        }
        _ => Err(ApiError::bad_request(
            "one_factor",
            "Send a code, a recovery code or a passkey: one of them.",
        )),
    }
}

/// Ask for a challenge that a passkey is shown with
#[utoipa::path(
    post, path = "/api/session/passkey-challenge", tag = "session",
    responses(
        (status = 200, body = PasskeyChallenge),
        (status = 409, description = "passkeys_unavailable: this server's address is no name", body = Problem),
    )
)]
async fn challenge_passkey(State(state): State<AppState>) -> ApiResult<Json<PasskeyChallenge>> {
    let relying_party = state.relying_party.as_ref().ok_or_else(unavailable)?;
    let (options, pending) = begin_showing(relying_party, Vec::new())?;
    let now = state.clock.now();
    let token = challenge::issue(&state.factor_key, Purpose::PasskeyShown, pending, LIFETIME_MS, now)
        .map_err(ApiError::internal)?;
    Ok(Json(PasskeyChallenge { token, options }))
}

/// Sign in with a passkey alone
#[utoipa::path(
    post, path = "/api/session/passkey", tag = "session", request_body = PasskeySignIn,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = SignedIn),
        (status = 400, body = Problem),
        (status = 401, description = "wrong_second_factor, passkey_copied", body = Problem),
        (status = 403, description = "device_revoked", body = Problem),
        (status = 409, description = "device_of_another_person, passkeys_unavailable", body = Problem),
        (status = 410, description = "sign_in_expired", body = Problem),
    )
)]
async fn sign_in_with_passkey(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<PasskeySignIn>,
) -> ApiResult<Entered> {
    let shown = read_passkey(&request.passkey)?;
    let owner = claimed_owner(&shown).ok_or_else(wrong_factor)?;
    let (transaction, _) = show(&state, owner, &request.token, &shown).await?;
    let with = [Factor::Passkey.code()];
    let device = request.device.as_ref();
    let proof = Proof { with: &with, still: Still::Works };
    let opened =
        opening::open_session(&state, transaction, owner.organisation, owner.person, device, None, proof)
            .await?;
    let opened = opened.ok_or_else(wrong_factor)?;
    metrics::counter!("sign_ins_total", "outcome" => "passkey").increment(1);
    Ok(entered(&state, &headers, opened))
}

/// A passkey of this person is shown, with the token of its challenge: the transaction in which that is so.
pub(super) async fn show(
    state: &AppState,
    owner: Owner,
    token: &str,
    shown: &PublicKeyCredential,
) -> ApiResult<(TenantTransaction, Timestamp)> {
    let now = state.clock.now();
    let relying_party = state.relying_party.as_ref().ok_or_else(unavailable)?;
    let pending: Challenge<DiscoverableAuthentication> =
        challenge::open(&state.factor_key, Purpose::PasskeyShown, token, now).ok_or_else(expired)?;
    let mut transaction = tenant_transaction(&state.pool, owner.organisation).await?;
    if people::signs_in_as(&mut transaction, owner.organisation, owner.person).await?.is_none() {
        return Err(wrong_factor());
    }
    let look =
        passkeys::look(&mut transaction, relying_party, owner, shown, pending.state.clone(), now).await?;
    match look {
        // Only now: what anybody may send without a key must not be written down.
        Shown::Right if pending.spend(&mut transaction, owner.organisation, now).await? => {
            Ok((transaction, now))
        }
        Shown::Right => Err(expired()),
        Shown::Wrong => Err(wrong_factor()),
        Shown::Copied(id) => {
            drop(transaction);
            Err(copied(state, owner, id).await?)
        }
    }
}

fn begin_showing(
    relying_party: &RelyingParty,
    known: Vec<Vec<u8>>,
) -> ApiResult<(Passed, DiscoverableAuthentication)> {
    let begun = relying_party.begin_showing(known);
    let (challenge, pending) = begun.map_err(ApiError::internal)?;
    Ok((pass_on(&challenge.public_key)?, pending))
}

/// What the library says, for a browser.
pub(super) fn pass_on<T: Serialize>(options: &T) -> ApiResult<Passed> {
    let text = serde_json::to_string(options).map_err(ApiError::internal)?;
    Passed::new(text)
        .ok_or_else(|| ApiError::internal(anyhow::anyhow!("options of a passkey that are no JSON")))
}

pub(super) fn read_passkey(passed: &Passed) -> ApiResult<PublicKeyCredential> {
    serde_json::from_str(passed.text()).map_err(|error| not_a_passkey(&error))
}

pub(super) fn not_a_passkey(error: &serde_json::Error) -> ApiError {
    let title = "That is not what a browser says of a passkey.";
    ApiError::bad_request("invalid_passkey", title).with("detail", error.to_string())
}

/// Writes down that somebody was refused, in a transaction of its own.
async fn refuse(
    state: &AppState,
    owner: Owner,
    action: Action,
    passkey: Option<PasskeyId>,
) -> sqlx::Result<()> {
    let note = Note::new(Doer::of(DoerKind::Stranger), action);
    let note = match passkey {
        Some(id) => note.about(SubjectKind::Passkey, id.as_uuid()).with(
            "person",
            Some(owner.person.to_string().into()),
            None,
        ),
        None => note.about_person(owner.person),
    };
    let mut transaction = tenant_transaction(&state.pool, owner.organisation).await?;
    audit::append(&mut transaction, owner.organisation, note, state.clock.now()).await?;
    transaction.commit().await
}

async fn copied(state: &AppState, owner: Owner, id: PasskeyId) -> sqlx::Result<ApiError> {
    metrics::counter!("passkey_copies_total").increment(1);
    refuse(state, owner, Action::PasskeyCopied, Some(id)).await?;
    Ok(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "passkey_copied",
        "There may be a copy of this passkey, so it opens nothing. Sign in another way and remove it.",
    ))
}

pub(super) fn unavailable() -> ApiError {
    let title =
        "Passkeys need an address that is a name, with https. Ask whoever runs the server for --public-url.";
    ApiError::conflict("passkeys_unavailable", title)
}

pub(super) fn wrong_factor() -> ApiError {
    let title = "That does not fit. Wait for the next code, or take another way.";
    ApiError::new(StatusCode::UNAUTHORIZED, "wrong_second_factor", title)
}

pub(super) fn expired() -> ApiError {
    let title = "This took too long, or was used already. Begin anew.";
    ApiError::new(StatusCode::GONE, "sign_in_expired", title)
}
