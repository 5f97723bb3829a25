//! Keys of programs. A key acts for the person who made it, within what that person may do at that moment, and as an install of
//! theirs, so that everybody sees who wrote what and by which program.

use axum::http::{HeaderMap, StatusCode, header};
use chrono::{DateTime, Utc};
use shared_model::account::DeviceRegistration;
use shared_model::api_key::{ApiKey, IssuedApiKey, NewApiKey, grants_of_key};
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};
use shared_model::permission::GrantLimit;
use sqlx::PgConnection;
use uuid::Uuid;

use super::rotation::organisation_suspended;
use super::token::Token;
use super::{Caller, device};
use crate::app_state::AppState;
use crate::clock::{from_utc, to_utc};
use crate::database::held_roles::{
    self, HeldRole, held_columns, join_definition, known_permissions, limit_columns, parse_limit,
};
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::random;

/// A busy key writes its last use at most this often.
const NOTE_USE_EVERY_MS: i64 = 10 * MINUTE_MS;
const SCHEME: &str = "bearer";

/// The key a request carries. What else stands in that header is not for us: proxies and deposits have their own.
pub(super) fn of_headers(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case(SCHEME) && Token::is_key(key)).then_some(key)
}

/// Whoever a key acts for, with its rights of this moment.
pub(super) async fn caller(state: &AppState, key: &str) -> ApiResult<Caller> {
    let token = Token::parse_key(key).ok_or_else(refused)?;
    let (organisation, now) = (token.organisation, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let rows = look_up(&mut transaction, &token, now).await?;
    let row = rows.first().ok_or_else(refused)?;
    if row.is_suspended {
        return Err(organisation_suspended());
    }
    let owner = held_roles::to_grants(PersonId::from_uuid(row.person_id), rows.iter().map(|row| &row.held))?;
    let grants = grants_of_key(&owner, &known_permissions(&row.permissions), row.reach()?);
    let id = DeviceId::from_uuid(row.api_key_id);
    if row.last_used_at.is_none_or(|last| now.millis_since(from_utc(last)) >= NOTE_USE_EVERY_MS) {
        note_use(&mut transaction, organisation, id, now).await?;
        transaction.commit().await?;
    }
    Ok(Caller {
        organisation_id: organisation,
        person_id: owner.person,
        device_id: id,
        session_id: None,
        grants,
        awaits_factor: false,
        is_to_wipe: false,
    })
}

/// Makes a key of somebody, whose name, permissions and limit are known to be right.
pub(crate) async fn issue(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    new: NewApiKey,
    now: Timestamp,
) -> ApiResult<IssuedApiKey> {
    let NewApiKey { name, permissions, reach, expires_in_days } = new;
    let id = DeviceId::from_uuid(random::uuid(now));
    let install = DeviceRegistration { id, name: name.clone(), has_deposit_credential: true };
    device::register(connection, organisation, person, &install, now).await?;
    let token = Token::generate(organisation);
    let expires_at = now.plus_millis(i64::from(expires_in_days) * DAY_MS);
    let (limit_kind, limit_id) = limit_columns(reach);
    let codes: Vec<&str> = permissions.iter().map(|permission| permission.code()).collect();
    sqlx::query(
        "insert into api_key (organization_id, api_key_id, token_hash, person_id, permissions, limit_kind, limit_id,
                              created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(organisation.as_uuid())
    .bind(id.as_uuid())
    .bind(token.hash())
    .bind(person.as_uuid())
    .bind(codes)
    .bind(limit_kind)
    .bind(limit_id)
    .bind(to_utc(now))
    .bind(to_utc(expires_at))
    .execute(connection)
    .await?;
    let api_key =
        ApiKey { id, name, person, permissions, reach, created_at: now, expires_at, last_used_at: None };
    Ok(IssuedApiKey { api_key, secret: token.encode_as_key() })
}

/// Every key, the newest first; those that have expired too.
pub(crate) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Vec<ApiKey>> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "select api_key_id, device.name, api_key.person_id, permissions, limit_kind, limit_id, api_key.created_at,
                expires_at, last_used_at
         from api_key join device on device.organization_id = api_key.organization_id
                                 and device.device_id = api_key.api_key_id
         where api_key.organization_id = $1
         order by api_key.created_at desc, api_key_id",
    )
    .bind(organisation.as_uuid())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(KeyRow::api_key).collect()
}

/// Takes keys away: that one, or all of a person. Returns how many there were. Their installs stay, because what they wrote
/// stays; nobody is let in on them any more.
pub(crate) async fn revoke(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    which: Revoked,
) -> sqlx::Result<u64> {
    let (one, person) = match which {
        Revoked::One(id) => (Some(id.as_uuid()), None),
        Revoked::AllOf(person) => (None, Some(person.as_uuid())),
    };
    let revoked = sqlx::query(
        "with revoked as (
             delete from api_key
             where organization_id = $1 and ($2::uuid is null or api_key_id = $2)
               and ($3::uuid is null or person_id = $3)
             returning api_key_id)
         update device set revoked_at = now() from revoked
         where device.organization_id = $1 and device.device_id = revoked.api_key_id",
    )
    .bind(organisation.as_uuid())
    .bind(one)
    .bind(person)
    .execute(connection)
    .await?;
    Ok(revoked.rows_affected())
}

/// Which keys are taken away.
#[derive(Clone, Copy)]
pub(crate) enum Revoked {
    One(DeviceId),
    AllOf(PersonId),
}

/// A key beside one of the roles its person has; beside none when there is none.
#[derive(sqlx::FromRow)]
struct UsedRow {
    api_key_id: Uuid,
    person_id: Uuid,
    permissions: Vec<String>,
    is_suspended: bool,
    reach_kind: String,
    reach_id: Option<Uuid>,
    last_used_at: Option<DateTime<Utc>>,
    #[sqlx(flatten)]
    held: HeldRole,
}

impl UsedRow {
    fn reach(&self) -> sqlx::Result<GrantLimit> {
        parse_reach(&self.reach_kind, self.reach_id)
    }
}

async fn look_up(connection: &mut PgConnection, token: &Token, now: Timestamp) -> sqlx::Result<Vec<UsedRow>> {
    sqlx::query_as(concat!(
        "select api_key_id, api_key.person_id, api_key.permissions, suspended_at is not null as is_suspended,
                api_key.limit_kind as reach_kind, api_key.limit_id as reach_id, last_used_at, ",
        held_columns!(),
        " from api_key
         join organisation on organisation.organization_id = api_key.organization_id
         join person on person.organization_id = api_key.organization_id
                    and person.person_id = api_key.person_id
         join device on device.organization_id = api_key.organization_id
                    and device.device_id = api_key.api_key_id
         left join person_grant on person_grant.organization_id = api_key.organization_id
                               and person_grant.person_id = api_key.person_id ",
        join_definition!(),
        " where api_key.organization_id = $1 and token_hash = $2 and expires_at > $3 and person.active
           and device.revoked_at is null
         order by person_grant_id"
    ))
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .bind(to_utc(now))
    .fetch_all(connection)
    .await
}

async fn note_use(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    id: DeviceId,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("update api_key set last_used_at = $3 where organization_id = $1 and api_key_id = $2")
        .bind(organisation.as_uuid())
        .bind(id.as_uuid())
        .bind(to_utc(now))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    api_key_id: Uuid,
    name: String,
    person_id: Uuid,
    permissions: Vec<String>,
    limit_kind: String,
    limit_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    fn api_key(self) -> sqlx::Result<ApiKey> {
        Ok(ApiKey {
            id: DeviceId::from_uuid(self.api_key_id),
            reach: parse_reach(&self.limit_kind, self.limit_id)?,
            permissions: known_permissions(&self.permissions),
            name: self.name,
            person: PersonId::from_uuid(self.person_id),
            created_at: from_utc(self.created_at),
            expires_at: from_utc(self.expires_at),
            last_used_at: self.last_used_at.map(from_utc),
        })
    }
}

fn parse_reach(kind: &str, id: Option<Uuid>) -> sqlx::Result<GrantLimit> {
    parse_limit(kind, id).ok_or_else(|| sqlx::Error::Decode(format!("api_key limited to {kind}").into()))
}

fn refused() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "api_key_refused",
        "This key is unknown, has expired, or was revoked. Ask for a new one.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_that_says_it_is_a_key_is_one() {
        let found = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            of_headers(&headers).map(str::to_owned)
        };
        assert_eq!(found("Bearer mp_x_y").as_deref(), Some("mp_x_y"));
        assert_eq!(found("bearer  mp_x_y ").as_deref(), Some("mp_x_y"));
        for other in ["mp_x_y", "Bearer eyJhbGciOi", "Basic mp_x_y", "Bearer", ""] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
