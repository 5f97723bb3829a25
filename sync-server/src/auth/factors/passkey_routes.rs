//! `/api/account/passkeys`: the passkeys of whoever asks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared_model::account::Problem;
use shared_model::audit::{Action, SubjectKind};
use shared_model::identity::PasskeyId;
use shared_model::second_factor::{
    Factor, NewPasskey, Passkey, PasskeyChallenge, PasskeyName, RecoveryCodes,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};

use super::super::caller::Newcomer;
use super::super::challenge::{self, Challenge, LIFETIME_MS};
use super::super::factor_key::Purpose;
use super::account_routes::{added, removed};
use super::passkeys;
use super::proof::require_fresh;
use super::relying_party::Owner;
use super::second_step::{expired, not_a_passkey, pass_on, unavailable};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::database::{people, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;
use crate::random;

const NAME_MAX_CHARACTERS: usize = 100;
/// More than anybody keeps apart.
const MOST: usize = 20;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(challenge_new_passkey))
        .routes(routes!(add_passkey))
        .routes(routes!(rename_passkey, remove_passkey))
}

/// A passkey that is being made.
#[derive(Serialize, Deserialize)]
struct Making {
    owner: Owner,
    state: PasskeyRegistration,
}

/// Begin to make a passkey
#[utoipa::path(
    post, path = "/api/account/passkeys/challenge", tag = "account",
    responses(
        (status = 200, body = PasskeyChallenge), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 409, description = "passkeys_unavailable, too_many_passkeys", body = Problem),
    )
)]
async fn challenge_new_passkey(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
) -> ApiResult<Json<PasskeyChallenge>> {
    let (organisation, owner, now) = (caller.organisation_id, Owner::of(&caller), state.clock.now());
    let relying_party = state.relying_party.as_ref().ok_or_else(unavailable)?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    let account = people::signs_in_as(&mut transaction, organisation, caller.person_id).await?;
    let account = account.ok_or_else(ApiError::not_signed_in)?;
    let known = passkeys::credential_ids(&mut transaction, owner).await?;
    if known.len() >= MOST {
        let title = "There are too many passkeys. Remove one that you do not use any more.";
        return Err(ApiError::conflict("too_many_passkeys", title));
    }
    let begun = relying_party.begin_making(owner, &account.email, &account.display_name, known);
    let (challenge, making) = begun.map_err(ApiError::internal)?;
    let making = Making { owner, state: making };
    let token = challenge::issue(&state.factor_key, Purpose::PasskeyMade, making, LIFETIME_MS, now)
        .map_err(ApiError::internal)?;
    Ok(Json(PasskeyChallenge { token, options: pass_on(&challenge.public_key)? }))
}

/// Add a passkey
///
/// From then on a password alone does not let this person in. Whoever has no recovery codes gets some.
#[utoipa::path(
    post, path = "/api/account/passkeys", tag = "account", request_body = NewPasskey,
    responses(
        (status = 201, body = RecoveryCodes), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 409, description = "passkey_known, passkeys_unavailable, too_many_passkeys", body = Problem),
        (status = 410, description = "sign_in_expired: begin anew", body = Problem),
        (status = 422, description = "wrong_passkey, value", body = Problem),
    )
)]
async fn add_passkey(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
    JsonBody(new): JsonBody<NewPasskey>,
) -> ApiResult<(StatusCode, Json<RecoveryCodes>)> {
    let (organisation, owner, now) = (caller.organisation_id, Owner::of(&caller), state.clock.now());
    let relying_party = state.relying_party.as_ref().ok_or_else(unavailable)?;
    let name = checked_name(&new.name)?;
    let made: RegisterPublicKeyCredential =
        serde_json::from_str(new.passkey.text()).map_err(|error| not_a_passkey(&error))?;
    let making: Challenge<Making> = challenge::open(&state.factor_key, Purpose::PasskeyMade, &new.token, now)
        .filter(|found: &Challenge<Making>| found.state.owner == owner)
        .ok_or_else(expired)?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    people::lock(&mut transaction, owner.organisation, owner.person).await?;
    if !making.spend(&mut transaction, organisation, now).await? {
        return Err(expired());
    }
    let credential = relying_party.finish_making(&made, &making.state.state).map_err(|error| {
        let title = "This passkey does not fit this server, or was made without a finger, a face or a PIN. Try again.";
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_passkey", title).with("detail", error.to_string())
    })?;
    let id = PasskeyId::from_uuid(random::uuid(now));
    let passkey = Passkey { id, name, created_at: now, last_used_at: None };
    if !passkeys::keep(&mut transaction, owner, &passkey, &credential).await? {
        return Err(ApiError::conflict("passkey_known", "This passkey is here already."));
    }
    let note = Note::by_caller(&caller, Action::SecondFactorAdded).about(SubjectKind::Passkey, id.as_uuid());
    let note = note.with("factor", None, Some(Factor::Passkey.code().into()));
    Ok((StatusCode::CREATED, Json(added(&state, transaction, &caller, note).await?)))
}

/// Give a passkey another name
#[utoipa::path(
    patch, path = "/api/account/passkeys/{id}", tag = "account", params(("id" = Uuid, Path)),
    request_body = PasskeyName,
    responses(
        (status = 204, description = "It is called so"), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, description = "session_required", body = Problem),
        (status = 404, body = Problem), (status = 422, description = "value", body = Problem),
    )
)]
async fn rename_passkey(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
    JsonBody(wanted): JsonBody<PasskeyName>,
) -> ApiResult<StatusCode> {
    caller.session()?;
    let name = checked_name(&wanted.name)?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    if !passkeys::rename(&mut transaction, Owner::of(&caller), id, &name).await? {
        return Err(ApiError::not_found());
    }
    let note = Note::by_caller(&caller, Action::PasskeyRenamed).about(SubjectKind::Passkey, id);
    audit::append(&mut transaction, caller.organisation_id, note, state.clock.now()).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a passkey away
#[utoipa::path(
    delete, path = "/api/account/passkeys/{id}", tag = "account", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It opens nothing any more"), (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 403, description = "proof_required, session_required", body = Problem),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "last_second_factor: the organisation asks for one"),
    )
)]
async fn remove_passkey(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    let (owner, now) = (Owner::of(&caller), state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    people::lock(&mut transaction, owner.organisation, owner.person).await?;
    if passkeys::remove(&mut transaction, owner, Some(id)).await? == 0 {
        return Err(ApiError::not_found());
    }
    let note = Note::by_caller(&caller, Action::SecondFactorRemoved).about(SubjectKind::Passkey, id);
    let note = note.with("factor", Some(Factor::Passkey.code().into()), None);
    removed(&state, transaction, &caller, note).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn checked_name(name: &str) -> ApiResult<String> {
    let name = name.trim();
    let is_fine = !name.is_empty() && name.chars().count() <= NAME_MAX_CHARACTERS;
    if is_fine && !name.contains(char::is_control) {
        return Ok(name.to_owned());
    }
    let title = format!("A passkey needs a name of one line and at most {NAME_MAX_CHARACTERS} characters.");
    Err(ApiError::wrong_value("name", title))
}
