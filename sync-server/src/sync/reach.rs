//! What a person may read, as conditions for the database. They let through at least what the rights allow;
//! `Grants` judges each document again afterwards.

use std::collections::BTreeSet;

use shared_model::document::DocumentKind;
use shared_model::permission::{GrantLimit, Grants, Permission, Scope};

/// Which documents somebody may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Kinds of which every document may be read.
    pub whole_kinds: Vec<String>,
    /// Kinds of which documents in some scopes may be read.
    pub scoped_kinds: Vec<String>,
    /// Those scopes.
    pub scopes: Vec<String>,
}

impl Reach {
    /// The reach of these rights over all kinds.
    pub fn of(grants: &Grants) -> Self {
        let mut reach = Self::default();
        let mut scopes = BTreeSet::new();
        for kind in DocumentKind::ALL {
            match scopes_of(grants, *kind, kind.read_permission()) {
                None => reach.whole_kinds.push(kind.code().to_owned()),
                Some(some) if some.is_empty() => {}
                Some(some) => {
                    reach.scoped_kinds.push(kind.code().to_owned());
                    scopes.extend(some);
                }
            }
        }
        reach.scopes = scopes.into_iter().collect();
        reach
    }
}

/// The scopes in which somebody may use a permission on documents of a kind; `None`: in all.
pub fn scopes_of(grants: &Grants, kind: DocumentKind, permission: Permission) -> Option<Vec<String>> {
    let catalogue = || Scope::Kind(kind).to_string();
    let mut scopes = BTreeSet::new();
    for grant in grants.grants.iter().filter(|grant| grant.permissions.contains(&permission)) {
        match grant.limit {
            GrantLimit::Organisation => return None,
            GrantLimit::Site(site) => scopes.extend([Scope::Site(site).to_string(), catalogue()]),
            GrantLimit::Team(team) => scopes.extend([Scope::Team(team).to_string(), catalogue()]),
            GrantLimit::Own => _ = scopes.insert(Scope::Person(grants.person).to_string()),
        }
    }
    Some(scopes.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_model::identity::{DocumentId, PersonId};
    use shared_model::permission::Role;

    fn grants(role: Role, limit: GrantLimit) -> Grants {
        Grants { person: PersonId::from_bytes([1; 16]), grants: role.grants(limit) }
    }

    #[test]
    fn a_contractor_reaches_their_own_work_orders_and_nothing_else() {
        let reach = Reach::of(&grants(Role::Contractor, GrantLimit::Own));
        assert!(reach.whole_kinds.is_empty());
        assert_eq!(reach.scoped_kinds, ["work_order"]);
        assert_eq!(reach.scopes, [Scope::Person(PersonId::from_bytes([1; 16])).to_string()]);
    }

    #[test]
    fn whatever_may_be_read_is_within_reach() {
        let site = DocumentId::from_bytes([2; 16]);
        for role in Role::ALL {
            for limit in [GrantLimit::Organisation, GrantLimit::Site(site), GrantLimit::Own] {
                let grants = grants(*role, limit);
                for kind in DocumentKind::ALL {
                    for scope in [Scope::Site(site), Scope::Kind(*kind), Scope::Person(grants.person)] {
                        let within = scopes_of(&grants, *kind, kind.read_permission())
                            .is_none_or(|some| some.contains(&scope.to_string()));
                        assert!(
                            within || !grants.read_document(*kind, &[scope]),
                            "{role:?} {limit:?} {scope}"
                        );
                    }
                }
            }
        }
    }
}
