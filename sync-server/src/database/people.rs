//! People, teams and grants of one organisation. Every change bumps the directory in the same transaction,
//! so call these inside a tenant transaction.

use chrono::{DateTime, Utc};
use shared_model::identity::{OrganisationId, PersonId, SessionId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::permission::RoleGrant;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth::account_link;
use crate::auth::api_key::{self, Revoked};
use crate::auth::factors;
use crate::clock::to_utc;
use crate::database::held_roles::limit_columns;
use crate::{directory, email};

/// The issuer of identities that are proven with a password kept here.
pub const PASSWORD_ISSUER: &str = "password";

/// A person to be created.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Id.
    pub id: PersonId,
    /// E-mail address; stored in lower case.
    pub email: String,
    /// The name others see.
    pub display_name: String,
}

/// Somebody who can sign in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Account {
    /// E-mail address.
    pub email: String,
    /// Codes of built-in roles and names of others, by name.
    pub roles: Vec<String>,
}

/// Creates a person who can be assigned work but not sign in yet.
pub async fn create(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: &NewPerson,
    now: Timestamp,
) -> sqlx::Result<()> {
    let version = directory::changed(connection, organisation).await?;
    sqlx::query(
        "insert into person (organization_id, person_id, email, display_name, directory_version, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(organisation.as_uuid())
    .bind(person.id.as_uuid())
    .bind(normalise_email(&person.email))
    .bind(person.display_name.trim())
    .bind(version)
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// The person with this e-mail address.
pub async fn find_by_email(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    email: &str,
) -> sqlx::Result<Option<PersonId>> {
    let id: Option<Uuid> =
        sqlx::query_scalar("select person_id from person where organization_id = $1 and email = $2")
            .bind(organisation.as_uuid())
            .bind(normalise_email(email))
            .fetch_optional(connection)
            .await?;
    Ok(id.map(PersonId::from_uuid))
}

/// Everybody who can sign in, in the order of their addresses.
pub async fn accounts(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Vec<Account>> {
    sqlx::query_as(
        "select email, array(select distinct coalesce(role_definition.name, held.role) from person_grant as held
                             left join role_definition on role_definition.organization_id = held.organization_id
                                                      and role_definition.role = held.role
                             where held.organization_id = person.organization_id
                               and held.person_id = person.person_id order by 1) as roles
         from person
         where organization_id = $1 and active
           and exists (select from credential where credential.organization_id = person.organization_id
                                                and credential.person_id = person.person_id)
         order by email",
    )
    .bind(organisation.as_uuid())
    .fetch_all(connection)
    .await
}

/// Lets a person sign in with their e-mail and the password this hash was made of; replaces an older one. Whoever
/// signed in with that is signed out everywhere: a password is changed because somebody else may know it.
pub async fn set_password(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    password_hash: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    replace_password(connection, organisation, person, password_hash, None, now).await
}

/// The same by somebody who is signed in: where they are, they stay.
pub(crate) async fn replace_password(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    password_hash: &str,
    stays: Option<SessionId>,
    now: Timestamp,
) -> sqlx::Result<()> {
    // The person's row before all else of theirs ([`keep`]). Sockets look at their sessions again when rights may have changed.
    touch(&mut *connection, organisation, person).await?;
    sqlx::query(
        "insert into identity (organization_id, issuer, subject, person_id)
         select organization_id, $3, email, person_id from person
         where organization_id = $1 and person_id = $2
         on conflict (organization_id, issuer, subject) do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(PASSWORD_ISSUER)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into credential (organization_id, person_id, password_hash, changed_at)
         values ($1, $2, $3, $4)
         on conflict (organization_id, person_id)
         do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(password_hash)
    .bind(to_utc(now))
    .execute(&mut *connection)
    .await?;
    withdraw_links(connection, organisation, person).await?;
    end_sessions(connection, organisation, person, stays).await
}

/// Has this person a password?
pub async fn has_password(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from credential where organization_id = $1 and person_id = $2)")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .fetch_one(connection)
        .await
}

/// Of two who change how the same person signs in at the same time, the second sees what the first did.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query("select from person where organization_id = $1 and person_id = $2 for no key update")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// How somebody signs in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct SignsInAs {
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) password_changed_at: DateTime<Utc>,
}

/// How this person signs in; `None` when they do not, or not any more.
pub(crate) async fn signs_in_as(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<Option<SignsInAs>> {
    sqlx::query_as(
        "select email, display_name, changed_at as password_changed_at
         from person join credential on credential.organization_id = person.organization_id
                                    and credential.person_id = person.person_id
         where person.organization_id = $1 and person.person_id = $2 and active",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_optional(connection)
    .await
}

/// What somebody who is to be let in is held against.
pub(crate) struct Kept {
    pub(crate) password_hash: Option<String>,
    pub(crate) password_changed_at: Option<DateTime<Utc>>,
}

/// Keeps somebody as they are until this transaction has ended; `None`: they do not work here. Whoever changes them or their
/// password writes the person's row before all else of theirs, so they wait, and find what was opened meanwhile. Like theirs, a lock
/// of the directory comes before this one.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<Option<Kept>> {
    let active: Option<bool> = sqlx::query_scalar(
        "select active from person where organization_id = $1 and person_id = $2 for share",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_optional(&mut *connection)
    .await?;
    if active != Some(true) {
        return Ok(None);
    }
    // A statement of its own sees what the one before waited for.
    let found: Option<(String, DateTime<Utc>)> = sqlx::query_as(
        "select password_hash, changed_at from credential where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_optional(connection)
    .await?;
    let (password_hash, password_changed_at) = found.unzip();
    Ok(Some(Kept { password_hash, password_changed_at }))
}

/// What their password is checked against.
pub(crate) async fn password_hash(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select password_hash from credential where organization_id = $1 and person_id = $2")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .fetch_optional(connection)
        .await
}

/// Links that went out open nothing any more, and none that waits goes out.
async fn withdraw_links(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    account_link::withdraw(&mut *connection, organisation, person).await?;
    email::withdraw(connection, organisation, person).await
}

async fn end_sessions(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    but: Option<SessionId>,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from session
         where organization_id = $1 and person_id = $2 and ($3::uuid is null or session_id <> $3)",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(but.map(SessionId::as_uuid))
    .execute(connection)
    .await?;
    Ok(())
}

/// Nobody signs in as this person any more: addresses, passwords, second factors, links, sessions, keys, roles
/// and teams go.
pub(crate) async fn forget_ways_in(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    withdraw_links(&mut *connection, organisation, person).await?;
    api_key::revoke(&mut *connection, organisation, Revoked::AllOf(person)).await?;
    end_sessions(&mut *connection, organisation, person, None).await?;
    factors::remove_all(&mut *connection, organisation, person).await?;
    const WAYS_IN: [&str; 4] = [
        "delete from identity where organization_id = $1 and person_id = $2",
        "delete from credential where organization_id = $1 and person_id = $2",
        "delete from person_grant where organization_id = $1 and person_id = $2",
        "delete from team_member where organization_id = $1 and person_id = $2",
    ];
    for delete in WAYS_IN {
        let delete = sqlx::query(delete).bind(organisation.as_uuid()).bind(person.as_uuid());
        delete.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Lets a person work, or not: who is inactive is signed out everywhere at once.
pub async fn set_active(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    active: bool,
) -> sqlx::Result<()> {
    let version = directory::changed(connection, organisation).await?;
    sqlx::query(
        "update person set active = $3, directory_version = $4
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(active)
    .bind(version)
    .execute(&mut *connection)
    .await?;
    if !active {
        // Whoever is let in again signs in again, and makes new keys.
        withdraw_links(&mut *connection, organisation, person).await?;
        api_key::revoke(&mut *connection, organisation, Revoked::AllOf(person)).await?;
        end_sessions(connection, organisation, person, None).await?;
    }
    Ok(())
}

/// Replaces all grants of a person. They stay in this order: the first role decides where its person lands.
pub async fn set_grants(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    grants: &[RoleGrant],
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("delete from person_grant where organization_id = $1 and person_id = $2")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .execute(&mut *connection)
        .await?;
    let mut ids: Vec<Uuid> = grants.iter().map(|_| crate::random::uuid(now)).collect();
    ids.sort_unstable();
    for (grant, grant_id) in grants.iter().zip(ids) {
        let (kind, id) = limit_columns(grant.limit);
        sqlx::query(
            "insert into person_grant
                 (organization_id, person_grant_id, person_id, role, limit_kind, limit_id)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(organisation.as_uuid())
        .bind(grant_id)
        .bind(person.as_uuid())
        .bind(grant.role.to_string())
        .bind(kind)
        .bind(id)
        .execute(&mut *connection)
        .await?;
    }
    touch(connection, organisation, person).await
}

/// Creates a team.
pub async fn create_team(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    team: TeamId,
    name: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    let version = directory::changed(connection, organisation).await?;
    sqlx::query(
        "insert into team (organization_id, team_id, name, directory_version, created_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(organisation.as_uuid())
    .bind(team.as_uuid())
    .bind(name.trim())
    .bind(version)
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a person into a team.
pub async fn join_team(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    team: TeamId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into team_member (organization_id, team_id, person_id) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(team.as_uuid())
    .bind(person.as_uuid())
    .execute(&mut *connection)
    .await?;
    touch(connection, organisation, person).await
}

/// E-mail addresses are compared in lower case.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Marks a person's directory entry as changed.
pub async fn touch(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    let version = directory::changed(connection, organisation).await?;
    sqlx::query("update person set directory_version = $3 where organization_id = $1 and person_id = $2")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .bind(version)
        .execute(connection)
        .await?;
    Ok(())
}
