//! What is known of a person: gathered for them, and erased. What they did stays under their id, which leads to no name any more:
//! documents, records and the audit trail name people by id alone.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::audit::ListedEntry;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::people::Member;
use shared_model::permission::Grants;
use shared_model::personal_settings::PersonalSettings;
use shared_model::record::Record;
use shared_model::second_factor::Factors;
use sqlx::PgConnection;
use uuid::Uuid;

use super::own_settings;
use crate::audit::list::{self, Wanted};
use crate::auth::factors;
use crate::database::people;
use crate::directory;

/// More than this of one kind is left out of a file, and the file says so.
const MOST: i64 = 20_000;

/// All that is known of a person.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PersonalData {
    /// Who they are, and what they may do.
    person: Member,
    /// What they chose for themselves.
    settings: PersonalSettings,
    /// How they sign in.
    identities: Vec<Identity>,
    /// What they have beside a password.
    second_factors: Factors,
    /// Where they used the app, and their keys for programs.
    devices: Vec<Device>,
    /// Where they are signed in.
    sessions: Vec<Session>,
    /// What the audit trail says by them and about them, newest first.
    #[schema(value_type = Vec<Object>)]
    audit: Vec<ListedEntry>,
    /// What they stated: remarks, hours, readings and so on, newest first.
    records: Vec<OwnRecord>,
    /// How many changes of documents they made.
    changes: i64,
    /// There is more than one file holds, or than whoever asks may see.
    is_cut_off: bool,
}

#[derive(Serialize, sqlx::FromRow, utoipa::ToSchema)]
struct Identity {
    issuer: String,
    subject: String,
}

#[derive(Serialize, sqlx::FromRow, utoipa::ToSchema)]
struct Device {
    device_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, sqlx::FromRow, utoipa::ToSchema)]
struct Session {
    session_id: Uuid,
    device_id: Uuid,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct OwnRecord {
    document: Uuid,
    kind: String,
    received_at: DateTime<Utc>,
    /// What was stated.
    #[schema(value_type = Object)]
    says: serde_json::Value,
}

/// Gathers it, of one moment.
pub(super) async fn gather(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: Member,
    reader: &Grants,
) -> anyhow::Result<PersonalData> {
    let (org, id) = (organisation.as_uuid(), person.id.as_uuid());
    let settings = own_settings::read(&mut *connection, organisation, person.id).await?;
    let identities =
        sqlx::query_as("select issuer, subject from identity where organization_id = $1 and person_id = $2");
    let identities = identities.bind(org).bind(id).fetch_all(&mut *connection).await?;
    let second_factors = factors::of_person(connection, organisation, person.id).await?;
    let devices = sqlx::query_as(
        "select device_id, name, created_at, last_seen_at, revoked_at from device
         where organization_id = $1 and person_id = $2 order by created_at",
    );
    let devices = devices.bind(org).bind(id).fetch_all(&mut *connection).await?;
    let sessions = sqlx::query_as(
        "select session_id, device_id, created_at, last_used_at, expires_at from session
         where organization_id = $1 and person_id = $2 order by created_at",
    );
    let sessions = sessions.bind(org).bind(id).fetch_all(&mut *connection).await?;
    let wanted = Wanted { person: Some(id), limit: MOST, ..Wanted::default() };
    let audit = list::entries(connection, organisation, &wanted).await?;
    let rows: Vec<(Uuid, DateTime<Utc>, Vec<u8>)> = sqlx::query_as(
        "select doc_id, received_at, payload from feed
         where organization_id = $1 and author = $2 and item_kind = 'record' and payload <> ''
         order by seq desc limit $3",
    )
    .bind(org)
    .bind(id)
    .bind(MOST)
    .fetch_all(&mut *connection)
    .await?;
    let found = rows.len();
    let records: Vec<OwnRecord> = rows.into_iter().filter_map(|row| own_record(row, reader)).collect();
    let is_hidden = records.len() < found;
    let changes = sqlx::query_scalar(
        "select count(*) from feed where organization_id = $1 and author = $2 and item_kind = 'change'",
    );
    let changes = changes.bind(org).bind(id).fetch_one(connection).await?;
    let is_full = |length: usize| i64::try_from(length).is_ok_and(|length| length >= MOST);
    let is_cut_off = is_hidden || is_full(audit.len()) || is_full(found);
    Ok(PersonalData {
        person,
        settings,
        identities,
        second_factors,
        devices,
        sessions,
        audit,
        records,
        changes,
        is_cut_off,
    })
}

/// Whoever may not see costs does not see them here either.
fn own_record(
    (document, received_at, payload): (Uuid, DateTime<Utc>, Vec<u8>),
    reader: &Grants,
) -> Option<OwnRecord> {
    let record = Record::decode(&payload).ok()?;
    if !reader.read_record(record.kind()?, &[]) {
        return None;
    }
    let says = serde_json::from_slice(&record.payload).ok()?;
    Some(OwnRecord { document, kind: record.kind, received_at, says })
}

/// Erases what is known of somebody who is let in no more. Their devices keep what hands in their work.
pub(super) async fn erase(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    people::forget_ways_in(connection, organisation, person).await?;
    own_settings::forget(connection, organisation, person).await?;
    let version = directory::changed(connection, organisation).await?;
    sqlx::query(
        "update person set display_name = $3, email = $4, erased_at = $5, directory_version = $6
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(pseudonym(person))
    .bind(format!("{person}@erased.invalid"))
    .bind(now)
    .bind(version)
    .execute(&mut *connection)
    .await?;
    // What people call a device often is their name.
    sqlx::query(
        "update device set name = 'Device', directory_version = $3
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}

/// What others read in the place of a name: the same everywhere, and of nobody else.
fn pseudonym(person: PersonId) -> String {
    let digits = person.as_uuid().simple().to_string();
    format!("Person {}", &digits[digits.len() - 6..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_says_nothing_and_stays_the_same() {
        let person = PersonId::from_bytes([0xab; 16]);
        assert_eq!(pseudonym(person), "Person ababab");
    }
}
