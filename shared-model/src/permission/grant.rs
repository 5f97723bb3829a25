//! Roles and permissions inside limits, and what comes of them for one person.

use serde::{Deserialize, Deserializer, Serialize};

use super::{FieldName, Permission, RoleKey, Scope};
use crate::document::{DocumentKind, Field};
use crate::identity::{DocumentId, PersonId, TeamId};
use crate::record::RecordKind;

/// How far a grant reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "limit", content = "id", rename_all = "snake_case")]
pub enum GrantLimit {
    /// Everything in the organisation.
    Organisation,
    /// One site and the organisation's catalogues.
    Site(DocumentId),
    /// One team's documents and the organisation's catalogues.
    Team(TeamId),
    /// Only documents that name the person.
    Own,
}

/// A role inside a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// The role.
    pub role: RoleKey,
    /// How far it reaches.
    #[serde(flatten)]
    pub limit: GrantLimit,
}

/// Permissions inside a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What may be done.
    #[serde(deserialize_with = "known_permissions")]
    pub permissions: Vec<Permission>,
    /// Fields that are not written by this grant, whatever its permissions are.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known_fields")]
    pub read_only: Vec<FieldName>,
    /// Where.
    #[serde(flatten)]
    pub limit: GrantLimit,
}

/// A permission that only a newer version knows gives nothing here, and takes nothing of the others away.
fn known_permissions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Permission>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    Ok(codes.iter().filter_map(|code| Permission::from_code(code)).collect())
}

/// A field that only a newer version knows is not written here anyway.
fn known_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FieldName>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    Ok(codes.iter().filter_map(|code| FieldName::from_code(code)).collect())
}

impl Grant {
    /// These permissions and no rule about fields.
    pub const fn new(permissions: Vec<Permission>, limit: GrantLimit) -> Self {
        Self { permissions, read_only: Vec::new(), limit }
    }

    /// Is this field written by this grant in a document that is there?
    fn writes(&self, kind: DocumentKind, field: &Field) -> bool {
        self.permissions.contains(&field.permission) && !self.keeps(kind, field)
    }

    /// The same in a document that begins. Whoever may begin it writes its plain fields without the right to change them later.
    fn begins_with(&self, kind: DocumentKind, field: &Field) -> bool {
        let is_plain = field.permission == kind.edit_permission();
        let begins = is_plain && self.permissions.contains(&kind.create_permission());
        (begins || self.permissions.contains(&field.permission)) && !self.keeps(kind, field)
    }

    fn keeps(&self, kind: DocumentKind, field: &Field) -> bool {
        self.read_only.iter().any(|name| name.is_of(kind, field))
    }
}

/// All that one person may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The person.
    pub person: PersonId,
    /// Their grants; rights add up.
    pub grants: Vec<Grant>,
}

impl Grants {
    /// May this person use `permission` on a document with these scopes?
    pub fn allow(&self, permission: Permission, scopes: &[Scope]) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.permissions.contains(&permission) && self.limit_meets(grant.limit, scopes))
    }

    /// Does any grant hold `permission`, wherever it reaches? (Menus and landing pages.)
    pub fn hold(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| grant.permissions.contains(&permission))
    }

    /// Is there a rule about a field? Most people have none, and nothing is asked of them field by field.
    pub fn have_field_rules(&self) -> bool {
        self.grants.iter().any(|grant| !grant.read_only.is_empty())
    }

    /// May this person write this field in a document with these scopes?
    pub fn write_field(&self, kind: DocumentKind, field: &Field, scopes: &[Scope]) -> bool {
        self.grants.iter().any(|grant| grant.writes(kind, field) && self.limit_meets(grant.limit, scopes))
    }

    /// May this person write this field in some document?
    pub fn hold_field(&self, kind: DocumentKind, field: &Field) -> bool {
        self.grants.iter().any(|grant| grant.writes(kind, field))
    }

    /// May this person begin a document with something in this field? What a document is not begun without is no question.
    pub fn begin_with_field(&self, kind: DocumentKind, field: &Field) -> bool {
        FieldName::is_needed_to_begin(kind, field)
            || self.grants.iter().any(|grant| grant.begins_with(kind, field))
    }

    /// What of these rights this person does not have everywhere themselves, so that they cannot give it to anybody.
    pub fn lack(&self, given: &[Grant]) -> Option<Permission> {
        let everywhere: Vec<&Grant> =
            self.grants.iter().filter(|grant| grant.limit == GrantLimit::Organisation).collect();
        let lacks =
            |permission: &Permission| !everywhere.iter().any(|grant| grant.permissions.contains(permission));
        let permissions = given.iter().flat_map(|grant| &grant.permissions);
        permissions.copied().find(lacks).or_else(|| {
            let fields = FieldName::all().map(|name| (name.kind(), name.field()));
            let given_more = |(kind, field): &(DocumentKind, &Field)| {
                let begins = |grant: &Grant| grant.begins_with(*kind, field);
                let writes = |grant: &Grant| grant.writes(*kind, field);
                (given.iter().any(begins) && !everywhere.iter().any(|grant| begins(grant)))
                    || (given.iter().any(writes) && !everywhere.iter().any(|grant| writes(grant)))
            };
            fields.into_iter().find(given_more).map(|(_, field)| field.permission)
        })
    }

    /// The grants by which somebody decides about held work. They see what was wanted, so it takes reading everything there.
    pub fn deciding(&self) -> Self {
        let decides = |grant: &&Grant| {
            let holds = |permission: Permission| grant.permissions.contains(&permission);
            holds(Permission::DECIDE_DEPOSITS)
                && DocumentKind::ALL.iter().all(|kind| holds(kind.read_permission()))
        };
        Self { person: self.person, grants: self.grants.iter().filter(decides).cloned().collect() }
    }

    /// The same permissions without any limit: for what does not belong anywhere yet.
    pub fn everywhere(&self) -> Self {
        let unlimited = |grant: &Grant| Grant { limit: GrantLimit::Organisation, ..grant.clone() };
        Self { person: self.person, grants: self.grants.iter().map(unlimited).collect() }
    }

    /// These rights for a deed of `author`. What reaches no further than somebody's own documents stays behind: they are
    /// not the author's.
    pub fn in_the_name_of(&self, author: PersonId) -> Self {
        let grants = self.grants.iter().filter(|grant| grant.limit != GrantLimit::Own);
        Self { person: author, grants: grants.cloned().collect() }
    }

    /// May this person read a document of `kind` with these scopes?
    pub fn read_document(&self, kind: DocumentKind, scopes: &[Scope]) -> bool {
        self.allow(kind.read_permission(), scopes)
    }

    /// May this person read a record of `kind` that a readable document owns?
    pub fn read_record(&self, kind: RecordKind, scopes: &[Scope]) -> bool {
        kind.read_permission().is_none_or(|permission| self.allow(permission, scopes))
    }

    fn limit_meets(&self, limit: GrantLimit, scopes: &[Scope]) -> bool {
        match limit {
            GrantLimit::Organisation => true,
            GrantLimit::Site(site) => {
                scopes.iter().any(|s| matches!(s, Scope::Kind(_)) || *s == Scope::Site(site))
            }
            GrantLimit::Team(team) => {
                scopes.iter().any(|s| matches!(s, Scope::Kind(_)) || *s == Scope::Team(team))
            }
            GrantLimit::Own => scopes.contains(&Scope::Person(self.person)),
        }
    }
}
