//! The roles of people as tables keep them, each beside what the organisation says about it. Whoever asks what somebody may do
//! reads a grant and its definition in one statement, because that is asked before every push.

use shared_model::directory::CustomRole;
use shared_model::identity::{DocumentId, OrganisationId, PersonId, TeamId};
use shared_model::permission::{
    FieldName, Grant, GrantLimit, Grants, Landing, Permission, RoleDefinition, RoleGrant, RoleKey,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// The columns of [`HeldRole`], from `person_grant` and `role_definition`.
macro_rules! held_columns {
    () => {
        "person_grant.role, person_grant.limit_kind, person_grant.limit_id, role_definition.permissions as role_permissions,
         role_definition.read_only as role_read_only, role_definition.hides_costs as role_hides_costs"
    };
}

/// What stands beside a `person_grant`: nothing for a built-in role without a rule.
macro_rules! join_definition {
    () => {
        "left join role_definition on role_definition.organization_id = person_grant.organization_id
                                  and role_definition.role = person_grant.role"
    };
}
pub(crate) use {held_columns, join_definition};

/// One role of a person; nothing of a person without any.
#[derive(sqlx::FromRow)]
pub(crate) struct HeldRole {
    role: Option<String>,
    limit_kind: Option<String>,
    limit_id: Option<Uuid>,
    role_permissions: Option<Vec<String>>,
    role_read_only: Option<Vec<String>>,
    role_hides_costs: Option<bool>,
}

impl HeldRole {
    fn grants(&self) -> sqlx::Result<Vec<Grant>> {
        let (Some(role), Some(kind)) = (&self.role, &self.limit_kind) else { return Ok(Vec::new()) };
        let RoleGrant { role, limit } = parse_grant(role, kind, self.limit_id)?;
        let definition = self.role_hides_costs.map(|hides_costs| RoleDefinition {
            permissions: known_permissions(self.role_permissions.as_deref().unwrap_or_default()),
            read_only: known_fields(self.role_read_only.as_deref().unwrap_or_default()),
            hides_costs,
        });
        Ok(role.grants(definition.as_ref(), limit))
    }
}

/// What these roles let their person do.
pub(crate) fn to_grants<'a>(
    person: PersonId,
    roles: impl IntoIterator<Item = &'a HeldRole>,
) -> sqlx::Result<Grants> {
    let grants: Vec<Vec<Grant>> = roles.into_iter().map(HeldRole::grants).collect::<sqlx::Result<_>>()?;
    Ok(Grants { person, grants: grants.concat() })
}

/// All that a person may do.
pub async fn grants(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<Grants> {
    let roles: Vec<HeldRole> = sqlx::query_as(concat!(
        "select ",
        held_columns!(),
        " from person_grant ",
        join_definition!(),
        " where person_grant.organization_id = $1 and person_id = $2 order by person_grant_id"
    ))
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_all(connection)
    .await?;
    to_grants(person, &roles)
}

/// The roles of a person, the first first, and what that one is called where the organisation made it.
pub(crate) async fn names(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<(Vec<RoleKey>, Option<CustomRole>)> {
    let rows: Vec<(String, Option<String>, Option<String>)> = sqlx::query_as(concat!(
        "select person_grant.role, name, landing from person_grant ",
        join_definition!(),
        " where person_grant.organization_id = $1 and person_id = $2 order by person_grant_id"
    ))
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_all(connection)
    .await?;
    let first = rows.first().and_then(|(_, name, landing)| custom_role(name.clone(), landing.as_deref()));
    Ok((rows.iter().filter_map(|(role, ..)| RoleKey::from_code(role)).collect(), first))
}

/// A role that the organisation made, by its columns.
pub(crate) fn custom_role(name: Option<String>, landing: Option<&str>) -> Option<CustomRole> {
    name.map(|name| CustomRole { name, landing: landing.and_then(Landing::from_code) })
}

/// How far something reaches, as tables keep it.
pub(crate) fn limit_columns(limit: GrantLimit) -> (&'static str, Option<Uuid>) {
    match limit {
        GrantLimit::Organisation => ("organisation", None),
        GrantLimit::Site(site) => ("site", Some(site.as_uuid())),
        GrantLimit::Team(team) => ("team", Some(team.as_uuid())),
        GrantLimit::Own => ("own", None),
    }
}

/// A row the table's checks let in but this binary does not understand is refused, not guessed at.
pub(crate) fn parse_grant(role: &str, limit_kind: &str, limit_id: Option<Uuid>) -> sqlx::Result<RoleGrant> {
    let corrupt = || sqlx::Error::Decode(format!("person_grant: {role} limited to {limit_kind}").into());
    let role = RoleKey::from_code(role).ok_or_else(corrupt)?;
    let limit = parse_limit(limit_kind, limit_id).ok_or_else(corrupt)?;
    Ok(RoleGrant { role, limit })
}

/// The limit of these columns, if they say one.
pub(crate) fn parse_limit(kind: &str, id: Option<Uuid>) -> Option<GrantLimit> {
    match (kind, id) {
        ("organisation", None) => Some(GrantLimit::Organisation),
        ("own", None) => Some(GrantLimit::Own),
        ("site", Some(id)) => Some(GrantLimit::Site(DocumentId::from_uuid(id))),
        ("team", Some(id)) => Some(GrantLimit::Team(TeamId::from_uuid(id))),
        _ => None,
    }
}

/// A permission that only a newer version knows gives nothing here.
pub(crate) fn known_permissions(codes: &[String]) -> Vec<Permission> {
    codes.iter().filter_map(|code| Permission::from_code(code)).collect()
}

/// A field that only a newer version knows is written by nobody here.
pub(crate) fn known_fields(codes: &[String]) -> Vec<FieldName> {
    codes.iter().filter_map(|code| FieldName::from_code(code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_model::permission::Role;

    #[test]
    fn every_limit_survives_its_columns() {
        let id = Uuid::from_u128(7);
        for limit in [
            GrantLimit::Organisation,
            GrantLimit::Own,
            GrantLimit::Site(DocumentId::from_uuid(id)),
            GrantLimit::Team(TeamId::from_uuid(id)),
        ] {
            let (kind, id) = limit_columns(limit);
            let parsed = parse_grant("technician", kind, id).unwrap();
            assert_eq!(parsed, RoleGrant { role: Role::Technician.into(), limit });
        }
    }

    #[test]
    fn an_unknown_role_gives_no_right() {
        assert!(parse_grant("emperor", "organisation", None).is_err());
        assert!(parse_grant("admin", "site", None).is_err());
        let id = Uuid::from_u128(7).to_string();
        let held = HeldRole {
            role: Some(id),
            limit_kind: Some("organisation".to_owned()),
            limit_id: None,
            role_permissions: None,
            role_read_only: None,
            role_hides_costs: None,
        };
        assert!(held.grants().unwrap().is_empty(), "nobody has said what it lets do");
    }
}
