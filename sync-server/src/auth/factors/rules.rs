//! Whom an organisation asks for a second factor. It is asked for at the next sign-in: a device that is in the field goes on with
//! the session it has.

use shared_model::identity::{OrganisationId, SessionId};
use shared_model::permission::Permission;
use shared_model::second_factor::{FactorRule, SecurityRules};
use sqlx::PgConnection;

use super::relying_party::Owner;
use super::standing;
use crate::database::held_roles;

/// What an organisation asks for.
pub(super) async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<SecurityRules> {
    let rule: Option<String> =
        sqlx::query_scalar("select second_factor_required_for from security_rule where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_optional(connection)
            .await?;
    // What only a newer version knows asks for more than nothing.
    let rule =
        rule.map_or(FactorRule::Nobody, |code| FactorRule::from_code(&code).unwrap_or(FactorRule::Everybody));
    Ok(SecurityRules { second_factor_required_for: rule })
}

/// Asks for something else from now on.
pub(super) async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    rules: SecurityRules,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into security_rule (organization_id, second_factor_required_for) values ($1, $2)
         on conflict (organization_id) do update
             set second_factor_required_for = excluded.second_factor_required_for",
    )
    .bind(organisation.as_uuid())
    .bind(rules.second_factor_required_for.code())
    .execute(connection)
    .await?;
    Ok(())
}

/// Must this person have a second factor?
pub(super) async fn is_required(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    match read(connection, owner.organisation).await?.second_factor_required_for {
        FactorRule::Nobody => Ok(false),
        FactorRule::Everybody => Ok(true),
        FactorRule::Administrators => {
            let grants = held_roles::grants(connection, owner.organisation, owner.person).await?;
            Ok(grants.allow(Permission::OrganisationAdmin, &[]))
        }
    }
}

/// Must they, and have they none?
pub(in super::super) async fn is_due(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: shared_model::identity::PersonId,
) -> sqlx::Result<bool> {
    let owner = Owner { organisation, person };
    if !is_required(connection, owner).await? {
        return Ok(false);
    }
    Ok(!standing::has_any(connection, owner).await?)
}

/// A person has what was asked for, and the session that set it up waits for nothing any more. Others that wait end: whoever holds
/// them has shown a password and nothing else.
pub(super) async fn settle(
    connection: &mut PgConnection,
    owner: Owner,
    session: SessionId,
) -> sqlx::Result<()> {
    sqlx::query(
        "with others as (
             delete from session
             where organization_id = $1 and person_id = $2 and awaits_factor and session_id <> $3)
         update session set awaits_factor = false
         where organization_id = $1 and session_id = $3 and awaits_factor",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(session.as_uuid())
    .execute(connection)
    .await?;
    Ok(())
}
