//! How a session's token gives way to the next one, on networks that lose answers.
//!
//! A token that has been in use for some hours gets a successor. The old one stays good until somebody comes with the new one,
//! which shows that it arrived, and for a short overlap after that; until then whoever asks with the old one gets the same
//! successor again, because it is made of the old one and a salt. Later the old one can only be a copy: a stolen one, or a
//! restored one. Nobody knows who of two is the thief, so the session ends for both.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use shared_model::audit::{Action, Doer, DoerKind, SubjectKind};
use shared_model::identity::{DeviceId, OrganisationId, SessionId};
use shared_model::instant::{HOUR_MS, MINUTE_MS, Timestamp};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::session::{self, Session};
use super::token::Token;
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::{from_utc, to_utc};
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::random;

/// A token in use is changed once it is so old. Half a day bounds what a copy is good for, and what a session has to remember.
pub(super) const ROTATE_AFTER_MS: i64 = 12 * HOUR_MS;
/// How long a token stays good when its successor has been used. Requests of other tabs are under way with it, TCP sends again
/// what was lost at most two minutes later, and a browser that is killed has not written a cookie of the last half minute down.
pub(super) const OVERLAP_MS: i64 = 5 * MINUTE_MS;

const _: () = assert!(OVERLAP_MS < ROTATE_AFTER_MS, "one predecessor at a time is good");

/// What a token opens.
pub(super) struct Held {
    pub(super) session: Session,
    /// The token to go on with, where it is another one.
    pub(super) successor: Option<Token>,
}

/// The session of a token, on the install that is named: that of another one is refused. A superseded one ends it, unless it comes with the name of another install: that is no copy but the cookie
/// that all installs of a browser shared in versions before.
pub(super) async fn session_of(state: &AppState, token: &Token, named: Option<DeviceId>) -> ApiResult<Held> {
    let held = held(state, token, named).await?;
    if named.is_some_and(|device| device != held.session.caller.device_id) {
        return Err(ApiError::not_signed_in());
    }
    if held.session.is_suspended { Err(organisation_suspended()) } else { Ok(held) }
}

async fn held(state: &AppState, token: &Token, named: Option<DeviceId>) -> ApiResult<Held> {
    let now = state.clock.now();
    if let Some(session) = session::find(&state.pool, token, now).await? {
        return Ok(Held { session, successor: None });
    }
    match look_back(&state.pool, token, named, now).await? {
        Past::Good(held) => Ok(*held),
        Past::Unknown => Err(ApiError::not_signed_in()),
        Past::Replayed => Err(session_replayed()),
        Past::EndedNow(session) => {
            state.sync.wake().session_ended(session);
            metrics::counter!("session_replays_total").increment(1);
            let organisation = token.organisation;
            tracing::warn!(%organisation, %session, "a superseded token was used; its session has ended");
            Err(session_replayed())
        }
    }
}

/// The same, and a new token once this one is old enough.
pub(super) async fn refresh(state: &AppState, token: &Token, named: Option<DeviceId>) -> ApiResult<Held> {
    let Held { session, successor } = session_of(state, token, named).await?;
    let now = state.clock.now();
    let is_due = session.token_used_at.is_some_and(|used| now.millis_since(used) >= ROTATE_AFTER_MS);
    if successor.is_some() || !is_due {
        return Ok(Held { session, successor });
    }
    match rotate(&state.pool, token, session.id).await? {
        Some(successor) => Ok(Held { session, successor: Some(successor) }),
        // Another tab was first; this one gets what that one got.
        None => session_of(state, token, named).await,
    }
}

/// Gives the newest token of a session its successor; `None` when it has one already.
pub(super) async fn rotate(pool: &PgPool, token: &Token, session: SessionId) -> sqlx::Result<Option<Token>> {
    let salt: [u8; 32] = random::bytes();
    let successor = token.successor(&salt);
    let mut transaction = tenant_transaction(pool, token.organisation).await?;
    let rotated = sqlx::query(
        "with rotated as (
             update session set token_hash = $4, predecessor_hash = token_hash, token_salt = $5, token_used_at = null
             where organization_id = $1 and session_id = $2 and token_hash = $3 and token_used_at is not null
             returning session_id)
         insert into past_session_token (organization_id, token_hash, session_id)
         select $1, $3, session_id from rotated",
    )
    .bind(token.organisation.as_uuid())
    .bind(session.as_uuid())
    .bind(token.hash())
    .bind(successor.hash())
    .bind(salt.as_slice())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok((rotated.rows_affected() == 1).then_some(successor))
}

/// What becomes of a token that opens no session as its newest one.
enum Past {
    /// Its successor may not have arrived yet, or only just has.
    Good(Box<Held>),
    /// It never was one, or its session is over.
    Unknown,
    /// Its session was ended by a copy.
    Replayed,
    /// It is a copy itself, and has ended its session.
    EndedNow(SessionId),
}

#[derive(sqlx::FromRow)]
struct PastRow {
    session_id: Uuid,
    device_id: Uuid,
    is_newest: bool,
    is_predecessor: bool,
    is_replayed: bool,
    token_used_at: Option<DateTime<Utc>>,
    token_salt: Option<Vec<u8>>,
}

impl PastRow {
    /// Whoever holds the token cannot be blamed for it yet.
    fn is_good(&self, now: Timestamp) -> bool {
        let used_at = self.token_used_at.map(from_utc);
        self.is_predecessor && used_at.is_none_or(|used| now.millis_since(used) <= OVERLAP_MS)
    }

    fn successor(&self, token: &Token) -> Option<Token> {
        let salt: &[u8; 32] = self.token_salt.as_deref()?.try_into().ok()?;
        Some(token.successor(salt))
    }
}

async fn look_back(
    pool: &PgPool,
    token: &Token,
    named: Option<DeviceId>,
    now: Timestamp,
) -> sqlx::Result<Past> {
    let mut transaction = tenant_transaction(pool, token.organisation).await?;
    let row: Option<PastRow> = sqlx::query_as(
        "select session_id, device_id, token_hash = $2 as is_newest, predecessor_hash is not distinct from $2 as is_predecessor,
                replayed_at is not null as is_replayed, token_used_at, token_salt
         from session
         where organization_id = $1
           and (token_hash = $2 or session_id = (select past.session_id from past_session_token as past
                                                 where past.organization_id = $1 and past.token_hash = $2))",
    )
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(row) = row else { return Ok(Past::Unknown) };
    if named.is_some_and(|device| device.as_uuid() != row.device_id) {
        return Ok(Past::Unknown);
    }
    if row.is_replayed {
        return Ok(Past::Replayed);
    }
    // The newest token opens nothing any more, or the session is over for another reason.
    let alive = session::find_by_id(&mut transaction, token.organisation, row.session_id, now).await?;
    let Some(session) = alive.filter(|_| !row.is_newest) else { return Ok(Past::Unknown) };
    let past = if row.is_good(now) {
        Past::Good(Box::new(Held { session, successor: row.successor(token) }))
    } else {
        end(&mut transaction, token.organisation, session.id, now).await?;
        let note = Note::new(Doer::of(DoerKind::Stranger), Action::SessionReplayed)
            .about(SubjectKind::Session, session.id.as_uuid())
            .with("person", Some(session.caller.person_id.to_string().into()), None);
        audit::append(&mut transaction, token.organisation, note, now).await?;
        Past::EndedNow(session.id)
    };
    transaction.commit().await?;
    Ok(past)
}

/// Ends a session and keeps why: whoever else comes with a token of it is told.
async fn end(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    session: SessionId,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "update session set expires_at = created_at, replayed_at = coalesce(replayed_at, $3), token_salt = null
         where organization_id = $1 and session_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(session.as_uuid())
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Whoever comes while the organisation is shut out. Not a 401: devices keep their session and what they have to send.
pub(super) fn organisation_suspended() -> ApiError {
    let title = "This organisation is suspended. Ask whoever runs this installation; what is on your devices is kept.";
    ApiError::new(StatusCode::FORBIDDEN, "organisation_suspended", title)
}

fn session_replayed() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "session_replayed",
        "A copy of this sign-in was used, so it was ended. Sign in again, and choose another password unless it was you who \
         restored a backup.",
    )
}
