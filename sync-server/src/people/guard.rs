//! Nobody gives what they do not have: not by a role, and not by taking somebody's place.

use axum::http::StatusCode;
use shared_model::custom_role::ListedRole;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::permission::{Grant, GrantLimit, RoleGrant};
use sqlx::PgConnection;

use super::role_rows;
use crate::auth::Caller;
use crate::database::held_roles;
use crate::error::{ApiError, ApiResult};

/// Refuses unless the caller has all of these rights, everywhere.
pub(super) fn gives(caller: &Caller, grants: &[Grant]) -> ApiResult<()> {
    match caller.grants.lack(grants) {
        None => Ok(()),
        Some(permission) => Err(beyond(permission.code())),
    }
}

/// Refuses unless these are roles that the caller may give. Those that somebody has already (`held`) are not given anew.
pub(super) async fn gives_roles(
    connection: &mut PgConnection,
    caller: &Caller,
    (held, wanted): (&[RoleGrant], &[RoleGrant]),
) -> ApiResult<()> {
    let roles = role_rows::roles(connection, caller.organisation_id, None).await?;
    for new in wanted.iter().filter(|grant| !held.contains(grant)) {
        let had = held.iter().any(|grant| grant.role == new.role);
        let role = roles.iter().find(|role| role.role == new.role).filter(|role| had || !role.is_retired);
        let role = role.ok_or_else(|| {
            ApiError::wrong_value("roles", "One of these roles is not there, or is given to nobody any more.")
        })?;
        gives(caller, &grants_of(role, new.limit))?;
    }
    Ok(())
}

/// Refuses to touch the way in of somebody who may do what the caller may not: whoever gets it would have their rights.
pub(super) async fn stands_above(
    connection: &mut PgConnection,
    caller: &Caller,
    organisation: OrganisationId,
    person: PersonId,
) -> ApiResult<()> {
    if person == caller.person_id {
        return Ok(());
    }
    let theirs = held_roles::grants(connection, organisation, person).await?;
    gives(caller, &theirs.grants)
}

/// What a role lets do inside a limit.
pub(super) fn grants_of(role: &ListedRole, limit: GrantLimit) -> Vec<Grant> {
    role.role.grants(Some(&role.definition()), limit)
}

fn beyond(permission: &'static str) -> ApiError {
    let title = "You cannot give a right that you do not have everywhere yourself, nor let in whoever has one. \
                 Somebody who has it can.";
    ApiError::new(StatusCode::FORBIDDEN, "beyond_your_rights", title).with("permission", permission)
}
