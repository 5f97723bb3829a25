//! Reads the directory, whole or what changed.

use std::collections::HashSet;

use shared_model::directory::{Directory, DirectoryActor, DirectoryDevice, DirectoryPerson, DirectoryTeam};
use shared_model::identity::{ActorId, DeviceId, OrganisationId, PersonId, TeamId};
use shared_model::permission::Role;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::database::held_roles::{self, join_definition};
use crate::organisation::settings;

/// Entries changed after `since_version`; 0 reads everything. The version is read first, so a change that
/// commits meanwhile is at worst sent twice.
pub async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since_version: i64,
) -> sqlx::Result<Directory> {
    let version: i64 = sqlx::query_scalar("select version from directory_version where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(&mut *connection)
        .await?;
    if version == since_version {
        return Ok(Directory { version, ..Directory::default() });
    }
    // Whoever knows more than there is knows it from before a backup was restored.
    let since_version = if since_version > version { 0 } else { since_version };
    Ok(Directory {
        version,
        people: people(connection, organisation, since_version).await?,
        teams: teams(connection, organisation, since_version).await?,
        devices: devices(connection, organisation, since_version).await?,
        actors: actors(&mut *connection, organisation, since_version).await?,
        organisation: settings::of_directory(connection, organisation, since_version).await?,
    })
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    person_id: Uuid,
    display_name: String,
    active: bool,
    roles: Vec<String>,
    teams: Vec<Uuid>,
    first_name: Option<String>,
    first_landing: Option<String>,
}

async fn people(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
) -> sqlx::Result<Vec<DirectoryPerson>> {
    let rows: Vec<PersonRow> = sqlx::query_as(concat!(
        "select person_id, display_name, active,
                array(select role from person_grant
                      where person_grant.organization_id = person.organization_id
                        and person_grant.person_id = person.person_id
                      order by person_grant_id) as roles,
                array(select team_id from team_member
                      where team_member.organization_id = person.organization_id
                        and team_member.person_id = person.person_id
                      order by team_id) as teams,
                first.name as first_name, first.landing as first_landing
         from person
         left join lateral (
             select name, landing from person_grant ",
        join_definition!(),
        " where person_grant.organization_id = person.organization_id
               and person_grant.person_id = person.person_id
             order by person_grant_id limit 1) as first on true
         where person.organization_id = $1 and directory_version > $2 order by person_id"
    ))
    .bind(organisation.as_uuid())
    .bind(since)
    .fetch_all(connection)
    .await?;
    let person = |row: PersonRow| DirectoryPerson {
        id: PersonId::from_uuid(row.person_id),
        name: row.display_name,
        active: row.active,
        roles: row.roles.iter().filter_map(|role| Role::from_code(role)).collect(),
        teams: row.teams.into_iter().map(TeamId::from_uuid).collect(),
        custom_role: held_roles::custom_role(row.first_name, row.first_landing.as_deref()),
    };
    Ok(rows.into_iter().map(person).collect())
}

async fn teams(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
) -> sqlx::Result<Vec<DirectoryTeam>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select team_id, name from team
         where organization_id = $1 and directory_version > $2 order by team_id",
    )
    .bind(organisation.as_uuid())
    .bind(since)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, name)| DirectoryTeam { id: TeamId::from_uuid(id), name }).collect())
}

async fn devices(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
) -> sqlx::Result<Vec<DirectoryDevice>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select device_id, name from device
         where organization_id = $1 and directory_version > $2 order by device_id",
    )
    .bind(organisation.as_uuid())
    .bind(since)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, name)| DirectoryDevice { id: DeviceId::from_uuid(id), name }).collect())
}

async fn actors(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
) -> sqlx::Result<Vec<DirectoryActor>> {
    let rows: Vec<(Vec<u8>, Option<Uuid>, Option<Uuid>)> = sqlx::query_as(
        "select actor_id, person_id, device_id from actor
         where organization_id = $1 and directory_version > $2 order by directory_version",
    )
    .bind(organisation.as_uuid())
    .bind(since)
    .fetch_all(connection)
    .await?;
    let actor = |(id, person, device): (Vec<u8>, Option<Uuid>, Option<Uuid>)| {
        Some(DirectoryActor {
            id: ActorId::from_bytes(id.try_into().ok()?),
            person: person.map(PersonId::from_uuid),
            device: device.map(DeviceId::from_uuid),
            receipt: String::new(),
        })
    };
    Ok(rows.into_iter().filter_map(actor).collect())
}

/// Those of these people who no longer work here.
pub async fn inactive(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    people: &[PersonId],
) -> sqlx::Result<Vec<PersonId>> {
    let ids: Vec<Uuid> = people.iter().map(|person| person.as_uuid()).collect();
    let inactive: Vec<Uuid> = sqlx::query_scalar(
        "select person_id from person where organization_id = $1 and person_id = any ($2) and not active",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(inactive.into_iter().map(PersonId::from_uuid).collect())
}

/// Those of these people who are or were in the organisation.
pub async fn known_people(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    people: &[PersonId],
) -> sqlx::Result<HashSet<PersonId>> {
    if people.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = people.iter().map(|person| person.as_uuid()).collect();
    let known: Vec<Uuid> = sqlx::query_scalar(
        "select person_id from person where organization_id = $1 and person_id = any ($2)",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().map(PersonId::from_uuid).collect())
}

/// Those of these teams that are in the organisation.
pub async fn known_teams(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    teams: &[TeamId],
) -> sqlx::Result<HashSet<TeamId>> {
    if teams.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: Vec<Uuid> = teams.iter().map(|team| team.as_uuid()).collect();
    let known: Vec<Uuid> =
        sqlx::query_scalar("select team_id from team where organization_id = $1 and team_id = any ($2)")
            .bind(organisation.as_uuid())
            .bind(ids)
            .fetch_all(connection)
            .await?;
    Ok(known.into_iter().map(TeamId::from_uuid).collect())
}
