//! Roles as whoever administers them sees them, and where they are written down.

use std::collections::BTreeMap;

use shared_model::custom_role::ListedRole;
use shared_model::identity::{OrganisationId, RoleId};
use shared_model::permission::{Grant, GrantLimit, Landing, Role, RoleKey};
use sqlx::PgConnection;

use crate::database::held_roles::{known_fields, known_permissions};

#[derive(sqlx::FromRow)]
struct RoleRow {
    role: String,
    name: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<String>>,
    landing: Option<String>,
    read_only: Option<Vec<String>>,
    hides_costs: Option<bool>,
    is_retired: Option<bool>,
    version: Option<i64>,
    holders: i64,
}

impl RoleRow {
    fn listed(self) -> sqlx::Result<ListedRole> {
        let unknown = || sqlx::Error::Decode(format!("role_definition: {}", self.role).into());
        let role = RoleKey::from_code(&self.role).ok_or_else(unknown)?;
        let (permissions, own_permissions, landing) = match role.built_in() {
            Some(role) => {
                (of_limit(role, GrantLimit::Organisation), of_limit(role, GrantLimit::Own), role.landing())
            }
            None => {
                let landing = self.landing.as_deref().and_then(Landing::from_code);
                let permissions = known_permissions(self.permissions.as_deref().unwrap_or_default());
                (permissions, Vec::new(), landing.unwrap_or(Landing::MyWork))
            }
        };
        Ok(ListedRole {
            role,
            name: self.name.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            permissions,
            own_permissions,
            read_only: known_fields(self.read_only.as_deref().unwrap_or_default()),
            hides_costs: self.hides_costs.unwrap_or_default(),
            landing,
            is_retired: self.is_retired.unwrap_or_default(),
            holders: u32::try_from(self.holders).unwrap_or(u32::MAX),
            version: self.version.unwrap_or_default(),
        })
    }
}

/// What a built-in role lets do within its limit, and with what names the person only.
fn of_limit(role: Role, limit: GrantLimit) -> Vec<shared_model::permission::Permission> {
    let grants = role.grants(GrantLimit::Organisation).into_iter();
    grants.filter(|grant: &Grant| grant.limit == limit).flat_map(|grant| grant.permissions).collect()
}

/// The built-in roles, and after them the organisation's own by name; with `only`, that role if there is one.
pub(super) async fn roles(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    only: Option<RoleKey>,
) -> sqlx::Result<Vec<ListedRole>> {
    let built_in: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    let rows: Vec<RoleRow> = sqlx::query_as(
        "select named.role, name, description, permissions, landing, read_only, hides_costs, is_retired, version,
                coalesce(held.holders, 0) as holders
         from (select role, place from unnest($2::text[]) with ordinality as built_in (role, place)
               union all
               select role, null from role_definition where organization_id = $1 and role <> all ($2)) as named
         left join role_definition on role_definition.organization_id = $1 and role_definition.role = named.role
         left join (
             select role, count(distinct person.person_id) as holders
             from person_grant join person on person.organization_id = person_grant.organization_id
                                          and person.person_id = person_grant.person_id
             where person_grant.organization_id = $1 and person.active group by role) held on held.role = named.role
         where $3::text is null or named.role = $3
         order by named.place nulls last, lower(name), named.role",
    )
    .bind(organisation.as_uuid())
    .bind(built_in)
    .bind(only.map(|role| role.to_string()))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(RoleRow::listed).collect()
}

/// What the roles are called that the organisation made itself.
pub(super) async fn names(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<BTreeMap<RoleId, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select role, name from role_definition where organization_id = $1 and name is not null",
    )
    .bind(organisation.as_uuid())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|(id, name)| Some((id.parse().ok()?, name))).collect())
}

/// Writes a role down as it is now. Of a built-in one only the rules are kept.
pub(super) async fn store(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    role: &ListedRole,
) -> sqlx::Result<()> {
    let is_custom = role.role.built_in().is_none();
    let permissions: Vec<&str> = role.permissions.iter().map(|permission| permission.code()).collect();
    let read_only: Vec<String> = role.read_only.iter().map(|field| field.code()).collect();
    sqlx::query(
        "insert into role_definition (organization_id, role, name, description, permissions, landing, read_only,
                                      hides_costs, is_retired, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (organization_id, role) do update
         set name = excluded.name, description = excluded.description, permissions = excluded.permissions,
             landing = excluded.landing, read_only = excluded.read_only, hides_costs = excluded.hides_costs,
             is_retired = excluded.is_retired, version = excluded.version",
    )
    .bind(organisation.as_uuid())
    .bind(role.role.to_string())
    .bind(is_custom.then_some(&role.name))
    .bind(&role.description)
    .bind(is_custom.then_some(permissions))
    .bind(is_custom.then_some(role.landing.code()))
    .bind(read_only)
    .bind(role.hides_costs)
    .bind(role.is_retired)
    .bind(role.version)
    .execute(connection)
    .await?;
    Ok(())
}

/// Everybody who has the role is otherwise than before: their devices hear of it with this version of the directory.
pub(super) async fn touch_holders(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    role: RoleKey,
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update person set directory_version = $3
         where organization_id = $1 and exists (
             select from person_grant where person_grant.organization_id = person.organization_id
                                        and person_grant.person_id = person.person_id
                                        and person_grant.role = $2)",
    )
    .bind(organisation.as_uuid())
    .bind(role.to_string())
    .bind(version)
    .execute(connection)
    .await?;
    Ok(())
}
