//! Sessions: opaque tokens whose use keeps them alive, up to an absolute end. How a token gives way to the next one is in
//! `rotation`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared_model::audit::Action;
use shared_model::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Caller;
use super::rotation::OVERLAP_MS;
use super::token::Token;
use crate::audit::{self, Note};
use crate::clock::{from_utc, to_utc};
use crate::database::held_roles::{self, HeldRole, held_columns, join_definition};
use crate::database::tenant_transaction;
use crate::random;

/// A field device may be without signal for weeks and must not sign anybody out for it.
const IDLE_MS: i64 = 30 * DAY_MS;
pub(super) const ABSOLUTE_MS: i64 = 180 * DAY_MS;
/// A busy session writes its expiry at most this often.
const ROLL_EVERY_MS: i64 = 10 * MINUTE_MS;
/// A session that a copied token ended says so for as long.
const KEEP_REPLAYED_MS: i64 = 30 * DAY_MS;

/// A living session.
pub(super) struct Session {
    pub(super) caller: Caller,
    pub(super) id: SessionId,
    pub(super) expires_at: Timestamp,
    /// When its newest token was first used; `None`: it was given out and may not have arrived.
    pub(super) token_used_at: Option<Timestamp>,
    /// Its organisation is shut out for now.
    pub(super) is_suspended: bool,
}

/// What has become of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is good, with the rights of this moment.
    Open(Caller),
    /// It ended, its device was revoked or its person left.
    Ended,
    /// It is good again once the organisation is let in again.
    Suspended,
}

/// A session that begins.
pub(super) struct Opened {
    /// What only the client keeps.
    pub(super) token: Token,
    pub(super) id: SessionId,
    pub(super) expires_at: Timestamp,
    /// Those that the install had before.
    pub(super) replaced: Vec<SessionId>,
}

/// Opens a session in place of any that the install had. Sweeps sessions that ended.
pub(super) async fn open(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    awaits_factor: bool,
    now: Timestamp,
) -> sqlx::Result<Opened> {
    sqlx::query(
        "delete from session
         where organization_id = $1 and expires_at < $2 and (replayed_at is null or replayed_at < $3)",
    )
    .bind(organisation.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(now.plus_millis(-KEEP_REPLAYED_MS)))
    .execute(&mut *connection)
    .await?;
    let replaced: Vec<Uuid> = sqlx::query_scalar(
        "delete from session where organization_id = $1 and device_id = $2 and expires_at >= $3 returning session_id",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .fetch_all(&mut *connection)
    .await?;
    let (token, id) = (Token::generate(organisation), random::uuid(now));
    let expires_at = now.plus_millis(IDLE_MS);
    sqlx::query(
        "insert into session (organization_id, session_id, token_hash, person_id, device_id,
                              created_at, last_used_at, token_used_at, proven_at, expires_at, absolute_expires_at,
                              awaits_factor)
         values ($1, $2, $3, $4, $5, $6, $6, $6, $6, $7, $8, $9)",
    )
    .bind(organisation.as_uuid())
    .bind(id)
    .bind(token.hash())
    .bind(person.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(expires_at))
    .bind(to_utc(now.plus_millis(ABSOLUTE_MS)))
    .bind(awaits_factor)
    .execute(connection)
    .await?;
    let replaced = replaced.into_iter().map(SessionId::from_uuid).collect();
    Ok(Opened { token, id: SessionId::from_uuid(id), expires_at, replaced })
}

/// The session whose newest token this is, kept alive by being asked for.
pub(super) async fn find(pool: &PgPool, token: &Token, now: Timestamp) -> sqlx::Result<Option<Session>> {
    let mut transaction = tenant_transaction(pool, token.organisation).await?;
    let key = SessionKey::TokenHash(token.hash());
    let Some(found) = look_up(&mut transaction, token.organisation, key, now).await?.pop() else {
        return Ok(None);
    };
    let session = keep_alive(&mut transaction, found, Some(token), now).await?;
    transaction.commit().await?;
    Ok(Some(session))
}

/// The session of this id, kept alive by somebody who holds the token before its newest one.
pub(super) async fn find_by_id(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    session: Uuid,
    now: Timestamp,
) -> sqlx::Result<Option<Session>> {
    match look_up(connection, organisation, SessionKey::Ids(vec![session]), now).await?.pop() {
        Some(found) => keep_alive(connection, found, None, now).await.map(Some),
        None => Ok(None),
    }
}

/// How a session stands that is known by its id (a redeemed ticket).
pub(super) async fn standing(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    session: Uuid,
    now: Timestamp,
) -> sqlx::Result<Standing> {
    let mut standings = standings(connection, organisation, vec![session], now).await?;
    Ok(standings.remove(&SessionId::from_uuid(session)).unwrap_or(Standing::Ended))
}

/// How sessions stand; those that ended are missing.
pub(super) async fn standings(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    sessions: Vec<Uuid>,
    now: Timestamp,
) -> sqlx::Result<HashMap<SessionId, Standing>> {
    let found = look_up(connection, organisation, SessionKey::Ids(sessions), now).await?;
    let standing = |found: Found| match found.is_suspended {
        true => (found.id, Standing::Suspended),
        false => (found.id, Standing::Open(found.caller)),
    };
    Ok(found.into_iter().map(standing).collect())
}

/// Ends a session and its unused tickets.
pub(super) async fn close(
    pool: &PgPool,
    caller: &Caller,
    session: SessionId,
    now: Timestamp,
) -> sqlx::Result<()> {
    let mut transaction = tenant_transaction(pool, caller.organisation_id).await?;
    sqlx::query("delete from session where organization_id = $1 and session_id = $2")
        .bind(caller.organisation_id.as_uuid())
        .bind(session.as_uuid())
        .execute(&mut *transaction)
        .await?;
    let note = Note::by_caller(caller, Action::SignedOut);
    audit::append(&mut transaction, caller.organisation_id, note, now).await?;
    transaction.commit().await
}

/// A session as it stands, with the rights of this moment.
struct Found {
    caller: Caller,
    id: SessionId,
    token_used_at: Option<Timestamp>,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    absolute_expires_at: Timestamp,
    is_suspended: bool,
}

/// A session beside one of the roles its person has; beside none when there is none.
#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: Uuid,
    person_id: Uuid,
    device_id: Uuid,
    is_to_wipe: bool,
    token_used_at: Option<DateTime<Utc>>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    absolute_expires_at: DateTime<Utc>,
    is_suspended: bool,
    awaits_factor: bool,
    #[sqlx(flatten)]
    held: HeldRole,
}

/// How a session is found.
enum SessionKey {
    TokenHash(Vec<u8>),
    Ids(Vec<Uuid>),
}

/// A session counts only while its person works here and its device is not revoked.
macro_rules! sessions_by {
    ($key:literal) => {
        concat!(
            "select session_id, session.person_id, session.device_id, wipe_asked_at is not null as is_to_wipe,
                    token_used_at, last_used_at, expires_at, absolute_expires_at, awaits_factor,
                    suspended_at is not null as is_suspended, ",
            held_columns!(),
            " from session
             join organisation on organisation.organization_id = session.organization_id
             join person on person.organization_id = session.organization_id
                        and person.person_id = session.person_id
             join device on device.organization_id = session.organization_id
                        and device.device_id = session.device_id
             left join person_grant on person_grant.organization_id = session.organization_id
                                   and person_grant.person_id = session.person_id ",
            join_definition!(),
            " where session.organization_id = $1 and ",
            $key,
            " and expires_at > $3 and person.active and device.revoked_at is null
             order by session_id, person_grant_id"
        )
    };
}

/// Session, person, device and roles in one statement: this is asked before every push.
async fn look_up(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    key: SessionKey,
    now: Timestamp,
) -> sqlx::Result<Vec<Found>> {
    let query = match key {
        SessionKey::TokenHash(hash) => {
            sqlx::query_as(sessions_by!("token_hash = $2")).bind(organisation.as_uuid()).bind(hash)
        }
        SessionKey::Ids(ids) => {
            sqlx::query_as(sessions_by!("session_id = any ($2)")).bind(organisation.as_uuid()).bind(ids)
        }
    };
    let rows: Vec<SessionRow> = query.bind(to_utc(now)).fetch_all(connection).await?;
    let each = rows.chunk_by(|one, next| one.session_id == next.session_id);
    each.filter_map(|rows| found(organisation, rows).transpose()).collect()
}

/// A session of which these are the rows.
fn found(organisation: OrganisationId, rows: &[SessionRow]) -> sqlx::Result<Option<Found>> {
    let Some(row) = rows.first() else { return Ok(None) };
    let (person, id) = (PersonId::from_uuid(row.person_id), SessionId::from_uuid(row.session_id));
    let caller = Caller {
        organisation_id: organisation,
        person_id: person,
        device_id: DeviceId::from_uuid(row.device_id),
        session_id: Some(id),
        grants: held_roles::to_grants(person, rows.iter().map(|row| &row.held))?,
        awaits_factor: row.awaits_factor,
        is_to_wipe: row.is_to_wipe,
    };
    let (last_used_at, expires_at) = (from_utc(row.last_used_at), from_utc(row.expires_at));
    Ok(Some(Found {
        caller,
        id,
        token_used_at: row.token_used_at.map(from_utc),
        last_used_at,
        expires_at,
        absolute_expires_at: from_utc(row.absolute_expires_at),
        is_suspended: row.is_suspended,
    }))
}

/// Notes that a session is used, and that whoever comes with its newest token has it.
async fn keep_alive(
    connection: &mut PgConnection,
    found: Found,
    newest: Option<&Token>,
    now: Timestamp,
) -> sqlx::Result<Session> {
    let Found { caller, id, mut token_used_at, last_used_at, mut expires_at, .. } = found;
    let Found { absolute_expires_at, is_suspended, .. } = found;
    let arrives = newest.filter(|_| token_used_at.is_none());
    if arrives.is_some() || now.millis_since(last_used_at) >= ROLL_EVERY_MS {
        expires_at = now.plus_millis(IDLE_MS).min(absolute_expires_at);
        roll(connection, caller.organisation_id, id, arrives, expires_at, now).await?;
        token_used_at = token_used_at.or(arrives.map(|_| now));
    }
    Ok(Session { caller, id, expires_at, token_used_at, is_suspended })
}

/// Another request may have changed the token meanwhile: only the one that arrived is noted. What makes it of the one before is
/// forgotten as soon as nobody may ask for it again. Whoever signs in on the device holds its row and wants the session's, so its
/// row is left as it is then.
async fn roll(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    session: SessionId,
    arrived: Option<&Token>,
    expires_at: Timestamp,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "with used as (
             update session set last_used_at = $3, expires_at = $4,
                 token_used_at = case when token_hash = $5 then coalesce(token_used_at, $3) else token_used_at end,
                 token_salt = case when token_used_at >= $6 then token_salt
                                   when token_used_at is null then token_salt end
             where organization_id = $1 and session_id = $2 and expires_at > $3 returning device_id),
         free as (
             select device_id from device
             where organization_id = $1 and device_id in (select device_id from used)
             for no key update skip locked)
         update device set last_seen_at = $3 from free
         where device.organization_id = $1 and device.device_id = free.device_id",
    )
    .bind(organisation.as_uuid())
    .bind(session.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(expires_at))
    .bind(arrived.map(Token::hash))
    .bind(to_utc(now.plus_millis(-OVERLAP_MS)))
    .execute(connection)
    .await?;
    Ok(())
}
