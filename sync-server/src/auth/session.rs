//! Sessions: opaque tokens whose use keeps them alive, up to an absolute end.

use chrono::{DateTime, Utc};
use shared_model::audit::Action;
use shared_model::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};
use shared_model::permission::RoleGrant;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Caller;
use super::token::Token;
use crate::audit::{self, Note};
use crate::clock::{from_utc, to_utc};
use crate::database::people;
use crate::database::tenant_transaction;
use crate::random;

/// A field device may be without signal for weeks and must not sign anybody out for it.
const IDLE_MS: i64 = 30 * DAY_MS;
const ABSOLUTE_MS: i64 = 180 * DAY_MS;
/// A busy session writes its expiry at most this often.
const ROLL_EVERY_MS: i64 = 10 * MINUTE_MS;

/// A living session.
pub(super) struct Session {
    pub(super) caller: Caller,
    pub(super) expires_at: Timestamp,
}

/// A session that begins.
pub(super) struct Opened {
    /// What only the client keeps.
    pub(super) token: Token,
    pub(super) id: SessionId,
    pub(super) expires_at: Timestamp,
}

/// Opens a session. Sweeps sessions that ended.
pub(super) async fn open(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    now: Timestamp,
) -> sqlx::Result<Opened> {
    sqlx::query("delete from session where organization_id = $1 and expires_at < $2")
        .bind(organisation.as_uuid())
        .bind(to_utc(now))
        .execute(&mut *connection)
        .await?;
    let (token, id) = (Token::generate(organisation), random::uuid(now));
    let expires_at = now.plus_millis(IDLE_MS);
    sqlx::query(
        "insert into session (organization_id, session_id, token_hash, person_id, device_id,
                              created_at, last_used_at, expires_at, absolute_expires_at)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8)",
    )
    .bind(organisation.as_uuid())
    .bind(id)
    .bind(token.hash())
    .bind(person.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(expires_at))
    .bind(to_utc(now.plus_millis(ABSOLUTE_MS)))
    .execute(connection)
    .await?;
    Ok(Opened { token, id: SessionId::from_uuid(id), expires_at })
}

/// The session of a token, kept alive by being asked for.
pub(super) async fn find(pool: &PgPool, token: &Token, now: Timestamp) -> sqlx::Result<Option<Session>> {
    let organisation = token.organisation;
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let key = SessionKey::TokenHash(token.hash());
    let Some(found) = look_up(&mut transaction, organisation, key, now).await? else { return Ok(None) };
    let Found { caller, last_used_at, mut expires_at, absolute_expires_at } = found;
    if now.millis_since(last_used_at) >= ROLL_EVERY_MS {
        expires_at = now.plus_millis(IDLE_MS).min(absolute_expires_at);
        roll(&mut transaction, &caller, expires_at, now).await?;
    }
    transaction.commit().await?;
    Ok(Some(Session { caller, expires_at }))
}

/// The caller of a session that is known by its id (a redeemed ticket).
pub(super) async fn caller(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    session: Uuid,
    now: Timestamp,
) -> sqlx::Result<Option<Caller>> {
    let found = look_up(connection, organisation, SessionKey::Id(session), now).await?;
    Ok(found.map(|found| found.caller))
}

/// Ends a session and its unused tickets.
pub(super) async fn close(pool: &PgPool, caller: &Caller, now: Timestamp) -> sqlx::Result<()> {
    let mut transaction = tenant_transaction(pool, caller.organisation_id).await?;
    sqlx::query("delete from session where organization_id = $1 and session_id = $2")
        .bind(caller.organisation_id.as_uuid())
        .bind(caller.session_id.as_uuid())
        .execute(&mut *transaction)
        .await?;
    let note = Note::by_caller(caller, Action::SignedOut);
    audit::append(&mut transaction, caller.organisation_id, note, now).await?;
    transaction.commit().await
}

/// A session as it stands, with the rights of this moment.
struct Found {
    caller: Caller,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    absolute_expires_at: Timestamp,
}

/// A session beside one of the roles its person has; beside none when there is none.
#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: Uuid,
    person_id: Uuid,
    device_id: Uuid,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    absolute_expires_at: DateTime<Utc>,
    role: Option<String>,
    limit_kind: Option<String>,
    limit_id: Option<Uuid>,
}

impl SessionRow {
    fn grant(&self) -> Option<sqlx::Result<RoleGrant>> {
        let (role, limit_kind) = (self.role.as_ref()?, self.limit_kind.as_ref()?);
        Some(people::parse_grant(role, limit_kind, self.limit_id))
    }
}

/// How a session is found.
enum SessionKey {
    TokenHash(Vec<u8>),
    Id(Uuid),
}

/// A session counts only while its person works here and its device is not revoked.
macro_rules! sessions_by {
    ($key:literal) => {
        concat!(
            "select session_id, session.person_id, session.device_id, last_used_at, expires_at, absolute_expires_at,
                    role, limit_kind, limit_id
             from session
             join person on person.organization_id = session.organization_id
                        and person.person_id = session.person_id
             join device on device.organization_id = session.organization_id
                        and device.device_id = session.device_id
             left join person_grant on person_grant.organization_id = session.organization_id
                                   and person_grant.person_id = session.person_id
             where session.organization_id = $1 and ",
            $key,
            " = $2 and expires_at > $3 and person.active and device.revoked_at is null
             order by person_grant_id"
        )
    };
}

/// Session, person, device and roles in one statement: this is asked before every push.
async fn look_up(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    key: SessionKey,
    now: Timestamp,
) -> sqlx::Result<Option<Found>> {
    let query = match key {
        SessionKey::TokenHash(hash) => {
            sqlx::query_as(sessions_by!("token_hash")).bind(organisation.as_uuid()).bind(hash)
        }
        SessionKey::Id(id) => {
            sqlx::query_as(sessions_by!("session_id")).bind(organisation.as_uuid()).bind(id)
        }
    };
    let rows: Vec<SessionRow> = query.bind(to_utc(now)).fetch_all(connection).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let roles: Vec<RoleGrant> = rows.iter().filter_map(SessionRow::grant).collect::<sqlx::Result<_>>()?;
    let person = PersonId::from_uuid(row.person_id);
    let caller = Caller {
        organisation_id: organisation,
        person_id: person,
        device_id: DeviceId::from_uuid(row.device_id),
        session_id: SessionId::from_uuid(row.session_id),
        grants: people::to_grants(person, &roles),
    };
    let (last_used_at, expires_at) = (from_utc(row.last_used_at), from_utc(row.expires_at));
    Ok(Some(Found {
        caller,
        last_used_at,
        expires_at,
        absolute_expires_at: from_utc(row.absolute_expires_at),
    }))
}

async fn roll(
    connection: &mut PgConnection,
    caller: &Caller,
    expires_at: Timestamp,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "with used as (
             update session set last_used_at = $3, expires_at = $4
             where organization_id = $1 and session_id = $2 returning device_id)
         update device set last_seen_at = $3 from used
         where device.organization_id = $1 and device.device_id = used.device_id",
    )
    .bind(caller.organisation_id.as_uuid())
    .bind(caller.session_id.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(expires_at))
    .execute(connection)
    .await?;
    Ok(())
}
