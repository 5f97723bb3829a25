//! The SQL of held commands.

use chrono::{DateTime, Utc};
use shared_model::identity::{CommandId, DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::PushedCommand;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth::{Depositor, ShutOut};
use crate::clock::to_utc;
use crate::random;

/// A command to hold.
pub(super) struct NewHeld<'a> {
    pub(super) command: &'a PushedCommand,
    pub(super) documents: Vec<DocumentId>,
    pub(super) bytes: Vec<u8>,
    pub(super) made_at: Timestamp,
}

impl NewHeld<'_> {
    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.bytes.len()).unwrap_or(i64::MAX)
    }
}

/// What of a device waits already.
#[derive(sqlx::FromRow)]
pub(super) struct Waiting {
    pub(super) count: i64,
    pub(super) bytes: i64,
    /// The last place given.
    pub(super) last: i64,
}

/// Locks the device, and counts what waits of it beside these commands.
pub(super) async fn waiting(
    connection: &mut PgConnection,
    depositor: &Depositor,
    but: &[CommandId],
) -> sqlx::Result<Waiting> {
    sqlx::query("select from device where organization_id = $1 and device_id = $2 for update")
        .bind(depositor.organisation.as_uuid())
        .bind(depositor.device.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query_as(
        "select count(*) filter (where counts) as count,
                coalesce(sum(octet_length(bytes)) filter (where counts), 0)::bigint as bytes,
                coalesce(max(position), 0) as last
         from (select bytes, position, decision is null and command_id <> all ($3) as counts
               from held_command where organization_id = $1 and device_id = $2) as held",
    )
    .bind(depositor.organisation.as_uuid())
    .bind(depositor.device.as_uuid())
    .bind(but.iter().map(|id| id.as_uuid()).collect::<Vec<_>>())
    .fetch_one(connection)
    .await
}

/// Holds a command. One that waits already gets its latest form, one that was decided stays as it was.
pub(super) async fn hold(
    connection: &mut PgConnection,
    depositor: &Depositor,
    new: &NewHeld<'_>,
    position: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into held_command (organization_id, held_command_id, device_id, person_id, command_id, position,
                                   reason, documents, intent, bytes, made_at, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (organization_id, device_id, command_id) do update
         set documents = excluded.documents, intent = excluded.intent, bytes = excluded.bytes,
             made_at = excluded.made_at
         where held_command.decision is null",
    )
    .bind(depositor.organisation.as_uuid())
    .bind(random::uuid(now))
    .bind(depositor.device.as_uuid())
    .bind(depositor.person.as_uuid())
    .bind(new.command.id.as_uuid())
    .bind(position)
    .bind(depositor.shut_out.map(ShutOut::code))
    .bind(new.documents.iter().map(|id| id.as_uuid()).collect::<Vec<_>>())
    .bind(new.command.intent.as_slice())
    .bind(&new.bytes)
    // A device's clock may be anywhere.
    .bind(to_utc(new.made_at.clamp(Timestamp::default(), now)))
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// A command that is held.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct HeldRow {
    pub(super) held_command_id: Uuid,
    pub(super) device_id: Uuid,
    pub(super) device_name: String,
    pub(super) person_id: Uuid,
    pub(super) person_name: String,
    pub(super) command_id: Uuid,
    pub(super) position: i64,
    pub(super) reason: String,
    pub(super) documents: Vec<Uuid>,
    pub(super) intent: Vec<u8>,
    pub(super) made_at: DateTime<Utc>,
    pub(super) received_at: DateTime<Utc>,
    pub(super) decision: Option<String>,
    pub(super) in_feed: bool,
}

/// Which of them are wanted.
pub(super) struct Wanted<'a> {
    /// About documents in these scopes only; `None`: about any.
    pub(super) scopes: Option<&'a [String]>,
    /// This one, decided or not; `None`: all that wait.
    pub(super) id: Option<Uuid>,
    /// Those after this one.
    pub(super) after: Option<Uuid>,
    /// At most so many.
    pub(super) limit: i64,
}

/// Held commands in the order they came. What begins a document belongs nowhere yet: whoever is bound to scopes does
/// not see it. What its author sent after all, when they were let in again, does not wait any more.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    wanted: &Wanted<'_>,
) -> sqlx::Result<Vec<HeldRow>> {
    sqlx::query_as(
        "select * from (
             select held_command.held_command_id, held_command.device_id, device.name as device_name,
                    held_command.person_id, person.display_name as person_name, held_command.command_id,
                    held_command.position, held_command.reason, held_command.documents, held_command.intent,
                    held_command.made_at, held_command.received_at, held_command.decision,
                    exists (select from command where command.organization_id = $1
                              and command.command_id = held_command.command_id
                              and command.author = held_command.person_id) as in_feed
             from held_command
             join person on person.organization_id = $1 and person.person_id = held_command.person_id
             join device on device.organization_id = $1 and device.device_id = held_command.device_id
             where held_command.organization_id = $1
               and ($2::text[] is null or not exists (
                   select from unnest(held_command.documents) as touched (doc_id)
                   left join document on document.organization_id = $1 and document.doc_id = touched.doc_id
                   where document.scopes && $2 is not true))
               and ($4::uuid is null
                    or (held_command.received_at, held_command.device_id, held_command.position) >
                       (select last.received_at, last.device_id, last.position from held_command as last
                        where last.organization_id = $1 and last.held_command_id = $4))) as held
         where held_command_id = $3 or ($3 is null and decision is null and not in_feed)
         order by received_at, device_id, position
         limit $5",
    )
    .bind(organisation.as_uuid())
    .bind(wanted.scopes)
    .bind(wanted.id)
    .bind(wanted.after)
    .bind(wanted.limit)
    .fetch_all(connection)
    .await
}

/// The bytes of a held command, and whether an earlier one of its device waits that shares a document with it.
pub(super) async fn open(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    held: &HeldRow,
) -> sqlx::Result<(Vec<u8>, bool)> {
    sqlx::query_as(
        "select bytes, exists (
             select from held_command as earlier
             where earlier.organization_id = $1 and earlier.device_id = $3 and earlier.position < $4
               and earlier.decision is null and earlier.documents && $5
               and not exists (select from command where command.organization_id = $1
                                 and command.command_id = earlier.command_id
                                 and command.author = earlier.person_id))
         from held_command where organization_id = $1 and held_command_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(held.held_command_id)
    .bind(held.device_id)
    .bind(held.position)
    .bind(&held.documents)
    .fetch_one(connection)
    .await
}

/// What somebody decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Accepted,
    Declined,
}

impl Decision {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }
}

/// Notes a decision; false when there is one already. That a command is in the feed overrules that somebody declined it
/// in the same moment.
pub(super) async fn decide(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    held: Uuid,
    decision: Decision,
    (by, at): (PersonId, Timestamp),
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update held_command set decision = $3, decided_by = $4, decided_at = $5
         where organization_id = $1 and held_command_id = $2
           and (decision is null or (decision = 'declined' and $3 = 'accepted'))",
    )
    .bind(organisation.as_uuid())
    .bind(held)
    .bind(decision.code())
    .bind(by.as_uuid())
    .bind(to_utc(at))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
