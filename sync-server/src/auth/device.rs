//! Registered installs. An install belongs to one person: on a shared tablet every person has a browser
//! database, and so a device id, of their own.

use axum::http::{HeaderMap, header};
use shared_model::account::DeviceRegistration;
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::DEPOSIT_SCHEME;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::token::Token;
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::directory;
use crate::error::{ApiError, ApiResult};

const NAME_MAX_CHARACTERS: usize = 200;

type DeviceRow = (Uuid, String, bool);

/// Registers an install, or greets one that came back. Returns a new deposit credential when it asked for one.
pub(super) async fn register(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: &DeviceRegistration,
    now: Timestamp,
) -> ApiResult<Option<Token>> {
    let name = checked_name(&device.name)?;
    let known: Option<DeviceRow> = sqlx::query_as(
        "select person_id, name, revoked_at is not null from device
         where organization_id = $1 and device_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(device.id.as_uuid())
    .fetch_optional(&mut *connection)
    .await?;
    match known {
        None if is_elsewhere(connection, organisation, device.id).await? => return Err(foreign()),
        None => insert(connection, organisation, person, device.id, name, now).await?,
        Some((owner, _, _)) if owner != person.as_uuid() => return Err(foreign()),
        Some((_, _, true)) => {
            return Err(ApiError::new(
                axum::http::StatusCode::FORBIDDEN,
                "device_revoked",
                "This device has been signed out for good. Ask an administrator.",
            ));
        }
        Some((_, known_name, false)) => {
            greet(connection, organisation, device.id, (known_name != name).then_some(name), now).await?;
        }
    }
    if device.has_deposit_credential {
        return Ok(None);
    }
    Ok(Some(issue_deposit_credential(connection, organisation, device.id).await?))
}

/// Is it an install of somebody of another organisation? Its database, its cookie and its credential are theirs.
async fn is_elsewhere(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select device_is_elsewhere($1, $2)")
        .bind(device.as_uuid())
        .bind(organisation.as_uuid())
        .fetch_one(connection)
        .await
}

/// Whoever holds a deposit credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depositor {
    /// Their tenant.
    pub organisation: OrganisationId,
    /// They.
    pub person: PersonId,
    /// The install.
    pub device: DeviceId,
    /// Why they cannot sign in any more; `None`: they can.
    pub shut_out: Option<ShutOut>,
}

/// Why nobody can sign in on an install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutOut {
    /// The person was disabled.
    PersonDisabled,
    /// The install was revoked.
    DeviceRevoked,
    /// The install is to be erased.
    DeviceWiped,
}

impl ShutOut {
    /// The stable code of this reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PersonDisabled => "person_disabled",
            Self::DeviceRevoked => "device_revoked",
            Self::DeviceWiped => "device_wiped",
        }
    }
}

/// Whoever a request's deposit credential is of.
pub async fn depositor(pool: &PgPool, headers: &HeaderMap) -> ApiResult<Depositor> {
    let credential = deposit_credential(headers).ok_or_else(ApiError::credential_refused)?;
    redeem_deposit_credential(pool, credential).await?.ok_or_else(ApiError::credential_refused)
}

/// The deposit credential of a request.
fn deposit_credential(headers: &HeaderMap) -> Option<&str> {
    let (scheme, credential) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme == DEPOSIT_SCHEME).then_some(credential)
}

/// Whose a deposit credential is. Its only power is to hand in work that waits for a supervisor, so it holds for people
/// and installs that are shut out.
pub async fn redeem_deposit_credential(pool: &PgPool, credential: &str) -> sqlx::Result<Option<Depositor>> {
    let Some(token) = Token::parse(credential) else { return Ok(None) };
    let mut transaction = tenant_transaction(pool, token.organisation).await?;
    let row: Option<(Uuid, Uuid, bool, bool, bool)> = sqlx::query_as(
        "select device.person_id, device_id, person.active, revoked_at is not null, wipe_asked_at is not null
         from device join person on person.organization_id = device.organization_id
                                and person.person_id = device.person_id
         where device.organization_id = $1 and deposit_credential_hash = $2",
    )
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .fetch_optional(&mut *transaction)
    .await?;
    Ok(row.map(|(person, device, active, revoked, to_wipe)| Depositor {
        organisation: token.organisation,
        person: PersonId::from_uuid(person),
        device: DeviceId::from_uuid(device),
        shut_out: match (active, revoked, to_wipe) {
            (false, _, _) => Some(ShutOut::PersonDisabled),
            (true, true, _) => Some(ShutOut::DeviceRevoked),
            // It may not wait for somebody to sign in.
            (true, false, true) => Some(ShutOut::DeviceWiped),
            (true, false, false) => None,
        },
    }))
}

async fn insert(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    name: &str,
    now: Timestamp,
) -> ApiResult<()> {
    let version = directory::extended(connection, organisation).await?;
    sqlx::query(
        "insert into device (organization_id, device_id, person_id, name, directory_version,
                             created_at, last_seen_at)
         values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(person.as_uuid())
    .bind(name)
    .bind(version)
    .bind(to_utc(now))
    .execute(&mut *connection)
    .await?;
    // Another sign-in may have registered it between the look-up and here.
    let owner: Uuid =
        sqlx::query_scalar("select person_id from device where organization_id = $1 and device_id = $2")
            .bind(organisation.as_uuid())
            .bind(device.as_uuid())
            .fetch_one(connection)
            .await?;
    if owner == person.as_uuid() { Ok(()) } else { Err(foreign()) }
}

async fn greet(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
    new_name: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let version = match new_name {
        Some(_) => Some(directory::extended(connection, organisation).await?),
        None => None,
    };
    sqlx::query(
        "update device set last_seen_at = $3, name = coalesce($4, name),
                           directory_version = coalesce($5, directory_version)
         where organization_id = $1 and device_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .bind(new_name)
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}

async fn issue_deposit_credential(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
) -> sqlx::Result<Token> {
    let token = Token::generate(organisation);
    sqlx::query(
        "update device set deposit_credential_hash = $3 where organization_id = $1 and device_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(token.hash())
    .execute(connection)
    .await?;
    Ok(token)
}

fn checked_name(name: &str) -> ApiResult<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARACTERS || name.contains('\0') {
        return Err(ApiError::bad_request(
            "invalid_device_name",
            format!("A device needs a name of at most {NAME_MAX_CHARACTERS} characters."),
        ));
    }
    Ok(name)
}

fn foreign() -> ApiError {
    ApiError::conflict(
        "device_of_another_person",
        "This device id is registered for somebody else. Use a new one for each person.",
    )
}
