//! Keys of programs, as both ends of `/api/api-keys` see them, and how far a key reaches. A key acts for the person who made it,
//! as an install of theirs, and never further than they may go themselves at that moment.

use serde::{Deserialize, Serialize};

use crate::identity::{DeviceId, PersonId};
use crate::instant::Timestamp;
use crate::permission::{Grant, GrantLimit, Grants, Permission};

/// How many days a key lasts unless another number is asked for.
pub const DEFAULT_LIFETIME_DAYS: u16 = 90;
/// Most days a key lasts: what nobody renews within a year nobody looks after.
pub const MAX_LIFETIME_DAYS: u16 = 365;

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Its id, which is also that of the install it writes as.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DeviceId,
    /// What people call it, beside what it writes too.
    pub name: String,
    /// The person it acts for.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub person: PersonId,
    /// What it may do, where that person may.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<Permission>,
    /// How far it reaches.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub reach: GrantLimit,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub created_at: Timestamp,
    /// When it stops working.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub expires_at: Timestamp,
    /// When it was used last, to within ten minutes; nothing before its first use.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub last_used_at: Option<Timestamp>,
}

/// `POST /api/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// At least one, by its code, for example `work_order:read`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<Permission>,
    /// How far it reaches: `{"limit": "organisation"}`, which is meant where nothing is said, or a `site` or a `team` with its `id`.
    #[serde(default = "whole_organisation")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub reach: GrantLimit,
    /// 1 to 365; 90 where nothing is said.
    #[serde(default = "default_lifetime")]
    pub expires_in_days: u16,
}

/// A new key. Not `Debug`, like all that carries a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedApiKey {
    /// The key.
    pub api_key: ApiKey,
    /// What the program sends as `Authorization: Bearer …`. Shown this once.
    pub secret: String,
}

const fn whole_organisation() -> GrantLimit {
    GrantLimit::Organisation
}

const fn default_lifetime() -> u16 {
    DEFAULT_LIFETIME_DAYS
}

/// May a program have this permission? None administers the organisation: it could make itself another key.
pub const fn is_for_programs(permission: Permission) -> bool {
    !matches!(permission, Permission::OrganisationAdmin | Permission::ServerWrite)
}

/// What a key with these permissions and this limit may do for `owner`, who may do that much now. Two limits that are neither
/// equal nor one within the other have no common name; a key does nothing there.
pub fn grants_of_key(owner: &Grants, permissions: &[Permission], reach: GrantLimit) -> Grants {
    let given = |permission: &Permission| permissions.contains(permission) && is_for_programs(*permission);
    let within = |grant: &Grant| {
        let permissions: Vec<Permission> = grant.permissions.iter().copied().filter(given).collect();
        let limit = narrower(grant.limit, reach).filter(|_| !permissions.is_empty())?;
        Some(Grant { permissions, read_only: grant.read_only.clone(), limit })
    };
    Grants { person: owner.person, grants: owner.grants.iter().filter_map(within).collect() }
}

fn narrower(held: GrantLimit, asked: GrantLimit) -> Option<GrantLimit> {
    match (held, asked) {
        (GrantLimit::Organisation, other) | (other, GrantLimit::Organisation) => Some(other),
        (held, asked) => (held == asked).then_some(held),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{DocumentId, TeamId};
    use crate::permission::{Role, Scope};

    const ME: PersonId = PersonId::from_bytes([1; 16]);
    const SITE: DocumentId = DocumentId::from_bytes([2; 16]);
    const ELSEWHERE: DocumentId = DocumentId::from_bytes([3; 16]);
    const TEAM: TeamId = TeamId::from_bytes([4; 16]);

    #[test]
    fn a_key_never_does_what_its_owner_or_its_permissions_do_not() {
        let limits =
            [GrantLimit::Organisation, GrantLimit::Site(SITE), GrantLimit::Team(TEAM), GrantLimit::Own];
        let reaches = [GrantLimit::Organisation, GrantLimit::Site(SITE), GrantLimit::Team(TEAM)];
        let places = [
            vec![Scope::Site(SITE)],
            vec![Scope::Site(ELSEWHERE)],
            vec![Scope::Team(TEAM)],
            vec![Scope::Site(SITE), Scope::Team(TEAM), Scope::Person(ME)],
            vec![Scope::Person(ME)],
            Vec::new(),
        ];
        let mut allowed = 0;
        for role in Role::ALL {
            for limit in limits {
                let owner = Grants { person: ME, grants: role.grants(limit) };
                for reach in reaches {
                    for permission in Permission::ALL {
                        let key = grants_of_key(&owner, &[*permission], reach);
                        let alone = Grants { person: ME, grants: vec![Grant::new(vec![*permission], reach)] };
                        for asked in Permission::ALL {
                            for scopes in &places {
                                let may = key.allow(*asked, scopes);
                                allowed += usize::from(may);
                                let both = owner.allow(*asked, scopes) && alone.allow(*asked, scopes);
                                assert!(!may || both, "{role:?} {limit:?} {reach:?} {asked:?} {scopes:?}");
                            }
                        }
                    }
                }
            }
        }
        assert!(allowed > 1_000, "and it does something: {allowed}");
    }

    #[test]
    fn no_key_administers() {
        let owner = Grants { person: ME, grants: Role::Admin.grants(GrantLimit::Organisation) };
        let key = grants_of_key(&owner, Permission::ALL, GrantLimit::Organisation);
        assert!(key.hold(Permission::WorkOrderVerify));
        assert!(!key.hold(Permission::OrganisationAdmin) && !key.hold(Permission::ServerWrite));
    }

    #[test]
    fn a_key_of_a_site_stays_there() {
        let owner = Grants { person: ME, grants: Role::Admin.grants(GrantLimit::Organisation) };
        let key = grants_of_key(&owner, &[Permission::AssetRead], GrantLimit::Site(SITE));
        assert!(key.allow(Permission::AssetRead, &[Scope::Site(SITE)]));
        assert!(!key.allow(Permission::AssetRead, &[Scope::Site(ELSEWHERE)]));
        let moved = Grants { person: ME, grants: Role::Supervisor.grants(GrantLimit::Site(ELSEWHERE)) };
        assert!(grants_of_key(&moved, &[Permission::AssetRead], GrantLimit::Site(SITE)).grants.is_empty());
    }
}
