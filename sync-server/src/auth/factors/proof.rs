//! A fresh proof: whoever changes how an account is opened shows who they are, unless they just have. A phone that lies about
//! unlocked, and a copied session, are not enough for that.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use shared_model::account::Problem;
use shared_model::audit::Action;
use shared_model::identity::SessionId;
use shared_model::instant::{MINUTE_MS, Timestamp};
use shared_model::second_factor::Proof;
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::caller::Newcomer;
use super::super::sign_in::password_problem;
use super::super::throttle::{self, Account};
use super::relying_party::{Owner, claimed_owner};
use super::second_step::{read_passkey, show, wrong_factor};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::clock::{from_utc, to_utc};
use crate::database::{people, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;

/// How long a proof is fresh.
const FRESH_MS: i64 = 10 * MINUTE_MS;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(prove))
}

/// Refuses unless the caller has just shown who they are. Programs never have.
pub(crate) async fn require_fresh(
    connection: &mut PgConnection,
    caller: &Caller,
    now: Timestamp,
) -> ApiResult<()> {
    let proven_at: Option<DateTime<Utc>> =
        sqlx::query_scalar("select proven_at from session where organization_id = $1 and session_id = $2")
            .bind(caller.organisation_id.as_uuid())
            .bind(caller.session()?.as_uuid())
            .fetch_optional(connection)
            .await?
            .flatten();
    if proven_at.is_some_and(|proven_at| now.millis_since(from_utc(proven_at)) <= FRESH_MS) {
        return Ok(());
    }
    let title = "Show once more who you are: with your password, or with a passkey.";
    Err(ApiError::new(StatusCode::FORBIDDEN, "proof_required", title))
}

/// Show once more who one is
///
/// What changes how an account is opened asks for it, unless it is less than ten minutes ago.
#[utoipa::path(
    post, path = "/api/session/proof", tag = "session", request_body = Proof,
    responses(
        (status = 204, description = "It is so, for ten minutes"),
        (status = 400, body = Problem),
        (status = 401, description = "not_signed_in, wrong_credentials, wrong_second_factor, passkey_copied", body = Problem),
        (status = 403, description = "session_required", body = Problem),
        (status = 409, description = "passkeys_unavailable", body = Problem),
        (status = 410, description = "sign_in_expired", body = Problem),
        (status = 429, description = "too_many_attempts", body = Problem),
    )
)]
async fn prove(
    State(state): State<AppState>,
    Newcomer(caller): Newcomer,
    JsonBody(proof): JsonBody<Proof>,
) -> ApiResult<StatusCode> {
    let session = caller.session()?;
    match &proof {
        Proof { password: Some(password), token: None, passkey: None } => {
            with_password(&state, &caller, session, password).await?;
        }
        Proof { password: None, token: Some(token), passkey: Some(passkey) } => {
            let shown = read_passkey(passkey)?;
            let owner = Owner::of(&caller);
            if claimed_owner(&shown).is_some_and(|claimed| claimed != owner) {
                return Err(wrong_factor());
            }
            let (mut transaction, now) = show(&state, owner, token, &shown).await?;
            note_proof(&mut transaction, &caller, session, now).await?;
            transaction.commit().await?;
        }
        _ => {
            let title = "Send a password, or a passkey with the token of its challenge.";
            return Err(ApiError::bad_request("one_proof", title));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn with_password(
    state: &AppState,
    caller: &Caller,
    session: SessionId,
    password: &str,
) -> ApiResult<()> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let counted = Account::of_session(session);
    throttle::admit(&state.pool, &counted, to_utc(now)).await?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let hash = people::password_hash(&mut transaction, organisation, caller.person_id).await?;
    // Hashing takes its time, in which no connection is held.
    transaction.rollback().await?;
    let is_right = state.passwords.verify(password, hash.as_deref()).await.map_err(password_problem)?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    if !is_right {
        let note = Note::by_caller(caller, Action::SignInRefused).about_person(caller.person_id);
        audit::append(&mut transaction, organisation, note, now).await?;
        transaction.commit().await?;
        let title = "That is not your password.";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_credentials", title));
    }
    note_proof(&mut transaction, caller, session, now).await?;
    transaction.commit().await?;
    throttle::forget(&state.pool, &counted, organisation, to_utc(now)).await?;
    Ok(())
}

async fn note_proof(
    connection: &mut PgConnection,
    caller: &Caller,
    session: SessionId,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("update session set proven_at = $3 where organization_id = $1 and session_id = $2")
        .bind(caller.organisation_id.as_uuid())
        .bind(session.as_uuid())
        .bind(to_utc(now))
        .execute(connection)
        .await?;
    Ok(())
}
