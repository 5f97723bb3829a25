//! Writing down what somebody is to be. Everything here bumps the directory, whose row stays locked until the commit: of two
//! who take each other's rights away at the same time, the second sees what the first did.

use shared_model::custom_role::ListedRole;
use shared_model::identity::{OrganisationId, PersonId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::people::{Language, Member, MemberChange, NewMember};
use shared_model::permission::{GrantLimit, Grants, Role};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{checks, guard, role_rows};
use crate::auth::Caller;
use crate::auth::account_link;
use crate::database::people::{self, NewPerson, PASSWORD_ISSUER};
use crate::error::{ApiError, ApiResult};

/// Creates somebody who has no password yet.
pub(super) async fn create(
    connection: &mut PgConnection,
    caller: &Caller,
    new: &NewMember,
    now: Timestamp,
) -> ApiResult<()> {
    let organisation = caller.organisation_id;
    let person = NewPerson {
        id: new.id,
        email: checks::email(&new.email)?,
        display_name: checks::name("display_name", &new.display_name)?,
    };
    let language = checks::language(&new.language)?;
    let roles = checks::roles(connection, organisation, &new.roles).await?;
    guard::gives_roles(connection, caller, (&[], &roles)).await?;
    checks::teams(connection, organisation, &new.teams).await?;
    people::create(connection, organisation, &person, now)
        .await
        .map_err(|error| checks::taken(error, "person_email_key", email_taken()))?;
    set_columns(
        connection,
        organisation,
        new.id,
        &Columns { language: Some(language), ..Columns::default() },
    )
    .await?;
    set_teams(connection, organisation, new.id, &new.teams).await?;
    people::set_grants(connection, organisation, new.id, &roles, now).await?;
    Ok(())
}

/// Changes what is named.
pub(super) async fn apply(
    connection: &mut PgConnection,
    caller: &Caller,
    known: &Member,
    change: &MemberChange,
    now: Timestamp,
) -> ApiResult<()> {
    let (organisation, person) = (caller.organisation_id, known.id);
    let MemberChange { display_name, email, language, active, roles, teams } = change;
    let columns = Columns {
        name: display_name.as_deref().map(|name| checks::name("display_name", name)).transpose()?,
        email: email.as_deref().map(checks::email).transpose()?.filter(|email| *email != known.email),
        language: language.as_deref().map(checks::language).transpose()?,
    };
    people::touch(connection, organisation, person).await?;
    set_columns(connection, organisation, person, &columns).await?;
    if let Some(email) = &columns.email {
        guard::stands_above(connection, caller, organisation, person).await?;
        move_identity(connection, organisation, person, email).await?;
    }
    if let Some(teams) = teams {
        checks::teams(connection, organisation, teams).await?;
        set_teams(connection, organisation, person, teams).await?;
    }
    if let Some(roles) = roles {
        let roles = checks::roles(connection, organisation, roles).await?;
        guard::gives_roles(connection, caller, (&known.roles, &roles)).await?;
        people::set_grants(connection, organisation, person, &roles, now).await?;
    }
    if let Some(active) = active {
        people::set_active(connection, organisation, person, *active).await?;
    }
    check_somebody_administers(connection, organisation).await
}

/// An organisation that nobody can administer could only be helped from the server's own machine. It takes all rights: whoever
/// lacks one gives it to nobody.
pub(super) async fn check_somebody_administers(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> ApiResult<()> {
    let all = Role::Admin.grants(GrantLimit::Organisation);
    let has_all = |role: &ListedRole| {
        let grants = guard::grants_of(role, GrantLimit::Organisation);
        Grants { person: PersonId::from_uuid(Uuid::nil()), grants }.lack(&all).is_none()
    };
    let roles = role_rows::roles(connection, organisation, None).await?;
    let roles: Vec<String> =
        roles.iter().filter(|role| has_all(role)).map(|role| role.role.to_string()).collect();
    let is_somebody: bool = sqlx::query_scalar(
        "select exists (
             select from person
             join person_grant on person_grant.organization_id = person.organization_id
                              and person_grant.person_id = person.person_id
             join credential on credential.organization_id = person.organization_id
                            and credential.person_id = person.person_id
             where person.organization_id = $1 and person.active and limit_kind = 'organisation'
               and role = any ($2))",
    )
    .bind(organisation.as_uuid())
    .bind(roles)
    .fetch_one(connection)
    .await?;
    if is_somebody {
        return Ok(());
    }
    Err(ApiError::conflict(
        "last_admin",
        "Nobody would be left who administers the organisation. Give somebody else that role first.",
    ))
}

fn email_taken() -> ApiError {
    ApiError::conflict("email_taken", "Somebody in your organisation has this address already.")
        .with("field", "email")
}

/// Columns of a person that become so; the rest stays.
#[derive(Default)]
struct Columns {
    name: Option<String>,
    email: Option<String>,
    language: Option<Language>,
}

async fn set_columns(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    columns: &Columns,
) -> ApiResult<()> {
    sqlx::query(
        "update person set display_name = coalesce($3, display_name), email = coalesce($4, email),
                           language = coalesce($5, language)
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(&columns.name)
    .bind(&columns.email)
    .bind(columns.language.map(Language::code))
    .execute(connection)
    .await
    .map_err(|error| checks::taken(error, "person_email_key", email_taken()))?;
    Ok(())
}

/// The address is also what a password belongs to. Links that went to the old one open nothing any more.
async fn move_identity(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    email: &str,
) -> ApiResult<()> {
    sqlx::query(
        "update identity set subject = $3 where organization_id = $1 and person_id = $2 and issuer = $4",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(email)
    .bind(PASSWORD_ISSUER)
    .execute(&mut *connection)
    .await
    .map_err(|error| checks::taken(error, "identity_pkey", email_taken()))?;
    account_link::withdraw(connection, organisation, person).await?;
    Ok(())
}

async fn set_teams(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    teams: &[TeamId],
) -> sqlx::Result<()> {
    let teams: Vec<Uuid> = teams.iter().map(|team| team.as_uuid()).collect();
    sqlx::query(
        "delete from team_member where organization_id = $1 and person_id = $2 and team_id <> all ($3)",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(&teams)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "insert into team_member (organization_id, team_id, person_id)
         select $1, team_id, $2 from unnest($3::uuid[]) as wanted (team_id) on conflict do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(&teams)
    .execute(&mut *connection)
    .await?;
    Ok(())
}
