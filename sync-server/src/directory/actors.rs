//! Who writes under which Automerge actor. The first use binds an actor to a person and a device for ever;
//! anybody else who shows up under it is refused.

use shared_model::identity::{ActorId, DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::extended;
use crate::clock::to_utc;

/// Who stands behind an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorOwner {
    /// A person on a device.
    Person(PersonId, DeviceId),
    /// The server itself.
    Server,
}

/// Binds the actor to `owner`, unless it is bound already. Returns whether it is `owner`'s.
///
/// A new actor locks the directory's version until the commit: bind it in a short transaction of its own,
/// before documents are locked.
pub async fn bind(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    actor: ActorId,
    owner: ActorOwner,
    now: Timestamp,
) -> sqlx::Result<bool> {
    if let Some(bound) = find(connection, organisation, actor).await? {
        return Ok(bound == owner);
    }
    let version = extended(connection, organisation).await?;
    let (person, device) = match owner {
        ActorOwner::Person(person, device) => (Some(person.as_uuid()), Some(device.as_uuid())),
        ActorOwner::Server => (None, None),
    };
    sqlx::query(
        "insert into actor (organization_id, actor_id, person_id, device_id, directory_version, first_seen)
         values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, actor_id) do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(actor.as_bytes().as_slice())
    .bind(person)
    .bind(device)
    .bind(version)
    .bind(to_utc(now))
    .execute(&mut *connection)
    .await?;
    // Somebody may have bound it between the two statements.
    Ok(find(connection, organisation, actor).await? == Some(owner))
}

/// The owner of an actor seen before.
pub async fn find(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    actor: ActorId,
) -> sqlx::Result<Option<ActorOwner>> {
    let row: Option<(Option<Uuid>, Option<Uuid>)> =
        sqlx::query_as("select person_id, device_id from actor where organization_id = $1 and actor_id = $2")
            .bind(organisation.as_uuid())
            .bind(actor.as_bytes().as_slice())
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|row| match row {
        (Some(person), Some(device)) => {
            ActorOwner::Person(PersonId::from_uuid(person), DeviceId::from_uuid(device))
        }
        _ => ActorOwner::Server,
    }))
}

/// The owners of those actors that were seen before.
pub async fn find_many(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    actors: &[ActorId],
) -> sqlx::Result<Vec<(ActorId, ActorOwner)>> {
    if actors.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&[u8]> = actors.iter().map(|actor| actor.as_bytes().as_slice()).collect();
    let rows: Vec<(Vec<u8>, Option<Uuid>, Option<Uuid>)> = sqlx::query_as(
        "select actor_id, person_id, device_id from actor where organization_id = $1 and actor_id = any ($2)",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let owned = |(id, person, device): (Vec<u8>, Option<Uuid>, Option<Uuid>)| {
        let owner = match (person, device) {
            (Some(person), Some(device)) => {
                ActorOwner::Person(PersonId::from_uuid(person), DeviceId::from_uuid(device))
            }
            _ => ActorOwner::Server,
        };
        Some((ActorId::from_bytes(id.try_into().ok()?), owner))
    };
    Ok(rows.into_iter().filter_map(owned).collect())
}
