//! The SQL of erasing devices.

use chrono::{DateTime, Utc};
use shared_model::account::{Device, DeviceState};
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Caller;
use crate::clock::{from_utc, to_utc};

#[derive(sqlx::FromRow)]
struct DeviceRow {
    device_id: Uuid,
    name: String,
    last_seen_at: DateTime<Utc>,
    is_revoked: bool,
    wipe_asked_at: Option<DateTime<Utc>>,
    wiped_at: Option<DateTime<Utc>>,
    handed_in: i32,
    signed_in: bool,
}

impl DeviceRow {
    fn seen_from(self, here: DeviceId) -> Device {
        let id = DeviceId::from_uuid(self.device_id);
        let state = match (self.wiped_at, self.wipe_asked_at, self.is_revoked) {
            (Some(at), _, _) => {
                let handed_in = u32::try_from(self.handed_in).unwrap_or_default();
                DeviceState::Wiped { at: from_utc(at), handed_in }
            }
            (None, Some(at), _) => DeviceState::WipeAsked { at: from_utc(at) },
            (None, None, true) => DeviceState::Revoked,
            (None, None, false) => DeviceState::Active,
        };
        Device {
            id,
            name: self.name,
            state,
            last_seen_at: from_utc(self.last_seen_at),
            signed_in: self.signed_in,
            is_current: id == here,
        }
    }
}

/// The installs of a person; the keys of their programs are none.
pub(super) async fn devices(
    connection: &mut PgConnection,
    caller: &Caller,
    person: PersonId,
    now: Timestamp,
) -> sqlx::Result<Vec<Device>> {
    let rows: Vec<DeviceRow> = sqlx::query_as(
        "select device_id, name, last_seen_at, revoked_at is not null as is_revoked, wipe_asked_at, wiped_at, handed_in,
                exists (select from session where session.organization_id = device.organization_id
                          and session.device_id = device.device_id and expires_at > $3) as signed_in
         from device
         where organization_id = $1 and person_id = $2
           and not exists (select from api_key where api_key.organization_id = device.organization_id
                             and api_key.api_key_id = device.device_id)
         order by last_seen_at desc, device_id limit 100",
    )
    .bind(caller.organisation_id.as_uuid())
    .bind(person.as_uuid())
    .bind(to_utc(now))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.seen_from(caller.device_id)).collect())
}

/// Whose an install is. A key of a program is no install.
pub(super) async fn owner(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
) -> sqlx::Result<Option<PersonId>> {
    let owner: Option<Uuid> = sqlx::query_scalar(
        "select person_id from device
         where organization_id = $1 and device_id = $2
           and not exists (select from api_key where organization_id = $1 and api_key_id = $2)",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .fetch_optional(connection)
    .await?;
    Ok(owner.map(PersonId::from_uuid))
}

/// Asks for a device to be erased. Returns its sessions; `None`: that was asked before.
pub(super) async fn ask(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
    now: Timestamp,
) -> sqlx::Result<Option<Vec<Uuid>>> {
    let asked = sqlx::query(
        "update device set wipe_asked_at = $3
         where organization_id = $1 and device_id = $2 and wipe_asked_at is null and wiped_at is null",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .execute(&mut *connection)
    .await?;
    if asked.rows_affected() == 0 {
        return Ok(None);
    }
    let sessions =
        sqlx::query_scalar("select session_id from session where organization_id = $1 and device_id = $2")
            .bind(organisation.as_uuid())
            .bind(device.as_uuid())
            .fetch_all(connection)
            .await?;
    Ok(Some(sessions))
}

/// Does not have it erased after all; false when it was not asked to, or is erased.
pub(super) async fn take_back(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
) -> sqlx::Result<bool> {
    let taken = sqlx::query(
        "update device set wipe_asked_at = null
         where organization_id = $1 and device_id = $2 and wipe_asked_at is not null and wiped_at is null",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() > 0)
}

/// Is it to erase itself?
pub(super) async fn is_due(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select wipe_asked_at is not null and wiped_at is null from device
         where organization_id = $1 and device_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .fetch_one(connection)
    .await
}

/// What became of a device's word that it is erased.
pub(super) enum Confirmed {
    Now,
    Before,
    NotAsked,
}

/// The device is erased: nobody signs in on it any more.
pub(super) async fn confirm(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    device: DeviceId,
    handed_in: u32,
    now: Timestamp,
) -> sqlx::Result<Confirmed> {
    let (asked, wiped): (bool, bool) = sqlx::query_as(
        "select wipe_asked_at is not null, wiped_at is not null from device
         where organization_id = $1 and device_id = $2 for update",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .fetch_one(&mut *connection)
    .await?;
    match (asked, wiped) {
        (_, true) => return Ok(Confirmed::Before),
        (false, false) => return Ok(Confirmed::NotAsked),
        (true, false) => {}
    }
    sqlx::query(
        "with ended as (delete from session where organization_id = $1 and device_id = $2)
         update device set wiped_at = $3, revoked_at = coalesce(revoked_at, $3), handed_in = $4
         where organization_id = $1 and device_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(device.as_uuid())
    .bind(to_utc(now))
    .bind(i32::try_from(handed_in).unwrap_or(i32::MAX))
    .execute(connection)
    .await?;
    Ok(Confirmed::Now)
}
