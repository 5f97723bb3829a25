//! Who may do what: permissions, the built-in roles, and grants limited to sites, teams or own records.
//!
//! Rights are judged per operation against a document's [`Scope`]s; the same table serves the gate, the
//! server, the engine on the device and the screens (which only hide what they would refuse).

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::identity::{DocumentId, PersonId, TeamId};
use crate::record::RecordKind;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// One thing a person may do. The code (`work_order:verify`) is what custom roles, the API and the
        /// audit trail spell.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable code of this permission.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The permission with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

permissions! {
    /// Read work orders in scope.
    WorkOrderRead = "work_order:read",
    /// Create work orders.
    WorkOrderCreate = "work_order:create",
    /// Change title, description, priority, dates, assets, tags, checklists attached.
    WorkOrderEdit = "work_order:edit",
    /// Assign people and teams.
    WorkOrderAssign = "work_order:assign",
    /// Do the work: status up to completed, checklist answers, parts used, labour.
    WorkOrderExecute = "work_order:execute",
    /// Verify, close, reopen and cancel.
    WorkOrderVerify = "work_order:verify",
    /// Write comments on work orders.
    CommentWrite = "comment:write",
    /// Read checklist templates.
    ChecklistRead = "checklist:read",
    /// Write checklist templates.
    ChecklistEdit = "checklist:edit",
    /// Read assets.
    AssetRead = "asset:read",
    /// Create and change assets.
    AssetEdit = "asset:edit",
    /// Read locations and sites.
    LocationRead = "location:read",
    /// Create and change locations and sites.
    LocationEdit = "location:edit",
    /// Read parts, storerooms and stock.
    PartRead = "part:read",
    /// Create and change parts and storerooms.
    PartEdit = "part:edit",
    /// Issue parts to work and return them.
    StockIssue = "stock:issue",
    /// Receive, transfer, count and scrap stock.
    StockAdjust = "stock:adjust",
    /// See prices, rates and costs.
    CostRead = "cost:read",
    /// Enter prices, rates and costs.
    CostWrite = "cost:write",
    /// Keep two versions or choose one in the reconciliation inbox.
    ConflictResolve = "conflict:resolve",
    /// Administer people, roles, teams and settings.
    OrganisationAdmin = "organisation:admin",
    /// Run imports.
    ImportRun = "import:run",
    /// Facts that only the server writes (numbers, discrepancies); no role holds it.
    ServerWrite = "server:write",
}

impl Permission {
    /// Decide about held work of people who are shut out: for whoever verifies work. A permission of its own would have to
    /// be known to every device first, which reads the rights of its person.
    pub const DECIDE_DEPOSITS: Self = Self::WorkOrderVerify;
    /// Delete documents: for whoever administers the place they belong to. No permission of its own, for the same reason.
    pub const DELETE_DOCUMENTS: Self = Self::OrganisationAdmin;
}

/// The built-in roles. Custom roles are lists of permissions kept by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administers the organisation.
    Admin,
    /// Sees everything including cost and key figures.
    Manager,
    /// Plans, assigns and verifies.
    Supervisor,
    /// Does the work.
    Technician,
    /// Keeps the stock.
    Storekeeper,
    /// Reconciles records and costs.
    Office,
    /// Asks for work.
    Requester,
    /// Works for another company; sees only what is assigned to them.
    Contractor,
}

impl Role {
    /// Every built-in role.
    pub const ALL: &[Self] = &[
        Self::Admin,
        Self::Manager,
        Self::Supervisor,
        Self::Technician,
        Self::Storekeeper,
        Self::Office,
        Self::Requester,
        Self::Contractor,
    ];

    /// The stable code of this role.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Technician => "technician",
            Self::Storekeeper => "storekeeper",
            Self::Office => "office",
            Self::Requester => "requester",
            Self::Contractor => "contractor",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.code() == code)
    }

    /// What this role lets somebody do inside a limit. Some of it reaches no further than their own records,
    /// however wide the limit is.
    pub fn grants(self, limit: GrantLimit) -> Vec<Grant> {
        let grant = |permissions: &[Permission], limit| Grant { permissions: permissions.to_vec(), limit };
        let own = self.own_permissions();
        let own = (!own.is_empty()).then(|| grant(own, GrantLimit::Own));
        std::iter::once(grant(self.permissions(), limit)).chain(own).collect()
    }

    /// What this role may do inside its limit.
    const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Admin | Self::Manager => FULL,
            Self::Supervisor => SUPERVISOR,
            Self::Technician => TECHNICIAN,
            Self::Storekeeper => STOREKEEPER,
            Self::Office => OFFICE,
            Self::Requester => REQUESTER,
            Self::Contractor => CONTRACTOR,
        }
    }

    /// What this role may do with documents that name the person, and with no others.
    const fn own_permissions(self) -> &'static [Permission] {
        match self {
            Self::Requester => REQUESTER_OWN,
            Self::Admin
            | Self::Manager
            | Self::Supervisor
            | Self::Technician
            | Self::Storekeeper
            | Self::Office
            | Self::Contractor => &[],
        }
    }
}

use Permission as P;

const FULL: &[P] = &[
    P::WorkOrderRead,
    P::WorkOrderCreate,
    P::WorkOrderEdit,
    P::WorkOrderAssign,
    P::WorkOrderExecute,
    P::WorkOrderVerify,
    P::CommentWrite,
    P::ChecklistRead,
    P::ChecklistEdit,
    P::AssetRead,
    P::AssetEdit,
    P::LocationRead,
    P::LocationEdit,
    P::PartRead,
    P::PartEdit,
    P::StockIssue,
    P::StockAdjust,
    P::CostRead,
    P::CostWrite,
    P::ConflictResolve,
    P::OrganisationAdmin,
    P::ImportRun,
];
const SUPERVISOR: &[P] = &[
    P::WorkOrderRead,
    P::WorkOrderCreate,
    P::WorkOrderEdit,
    P::WorkOrderAssign,
    P::WorkOrderExecute,
    P::WorkOrderVerify,
    P::CommentWrite,
    P::ChecklistRead,
    P::ChecklistEdit,
    P::AssetRead,
    P::AssetEdit,
    P::LocationRead,
    P::PartRead,
    P::StockIssue,
    P::CostRead,
    P::ConflictResolve,
];
const TECHNICIAN: &[P] = &[
    P::WorkOrderRead,
    P::WorkOrderCreate,
    P::WorkOrderEdit,
    P::WorkOrderAssign,
    P::WorkOrderExecute,
    P::CommentWrite,
    P::ChecklistRead,
    P::AssetRead,
    P::AssetEdit,
    P::LocationRead,
    P::PartRead,
    P::StockIssue,
    P::ConflictResolve,
];
const STOREKEEPER: &[P] = &[
    P::WorkOrderRead,
    P::CommentWrite,
    P::AssetRead,
    P::LocationRead,
    P::PartRead,
    P::PartEdit,
    P::StockIssue,
    P::StockAdjust,
    P::CostRead,
    P::CostWrite,
];
const OFFICE: &[P] = &[
    P::WorkOrderRead,
    P::WorkOrderEdit,
    P::CommentWrite,
    P::ChecklistRead,
    P::AssetRead,
    P::LocationRead,
    P::PartRead,
    P::CostRead,
    P::CostWrite,
    P::ConflictResolve,
    P::ImportRun,
];
/// Assets and locations are there to choose from.
const REQUESTER: &[P] = &[P::WorkOrderCreate, P::AssetRead, P::LocationRead];
const REQUESTER_OWN: &[P] = &[P::WorkOrderRead, P::CommentWrite];
const CONTRACTOR: &[P] = &[P::WorkOrderRead, P::WorkOrderExecute, P::CommentWrite, P::ConflictResolve];

/// Where a document belongs; derived from its own fields only. A document is readable when a grant meets
/// any of its scopes. Text form: `site:…`, `team:…`, `person:…`, `kind:part`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Belongs to a site (a root location).
    Site(DocumentId),
    /// Assigned to a team.
    Team(TeamId),
    /// Assigned to, or asked for by, a person.
    Person(PersonId),
    /// A catalogue of the whole organisation (parts, checklist templates, locations).
    Kind(DocumentKind),
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Site(id) => write!(f, "site:{id}"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Kind(kind) => write!(f, "kind:{}", kind.code()),
        }
    }
}

/// A text that is not a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a scope")]
pub struct NotAScope(String);

impl std::str::FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotAScope(text.to_owned());
        let (head, tail) = text.split_once(':').ok_or_else(refuse)?;
        match head {
            "site" => tail.parse().map(Self::Site).map_err(|_| refuse()),
            "team" => tail.parse().map(Self::Team).map_err(|_| refuse()),
            "person" => tail.parse().map(Self::Person).map_err(|_| refuse()),
            "kind" => DocumentKind::from_code(tail).map(Self::Kind).ok_or_else(refuse),
            _ => Err(refuse()),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, NotAScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

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
    pub role: Role,
    /// How far it reaches.
    #[serde(flatten)]
    pub limit: GrantLimit,
}

/// Permissions inside a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What may be done.
    pub permissions: Vec<Permission>,
    /// Where.
    #[serde(flatten)]
    pub limit: GrantLimit,
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

#[cfg(test)]
mod tests {
    use super::*;

    const ME: PersonId = PersonId::from_bytes([1; 16]);
    const SITE: DocumentId = DocumentId::from_bytes([2; 16]);

    /// Kinds of which this role reads a document with these scopes, with the widest limit there is.
    fn reads(role: Role, scope: impl Fn(DocumentKind) -> Scope) -> Vec<DocumentKind> {
        let grants = Grants { person: ME, grants: role.grants(GrantLimit::Organisation) };
        let kinds = DocumentKind::ALL.iter().copied();
        kinds.filter(|kind| grants.read_document(*kind, &[scope(*kind)])).collect()
    }

    #[test]
    fn every_role_reads_what_it_needs() {
        use DocumentKind as K;
        let no_lists = vec![K::WorkOrder, K::Asset, K::Location, K::Part, K::Storeroom];
        for role in Role::ALL {
            let (everything, own) = match role {
                Role::Admin | Role::Manager | Role::Supervisor | Role::Technician | Role::Office => {
                    (K::ALL.to_vec(), K::ALL.to_vec())
                }
                Role::Storekeeper => (no_lists.clone(), no_lists.clone()),
                Role::Requester => (vec![K::Asset, K::Location], vec![K::WorkOrder, K::Asset, K::Location]),
                Role::Contractor => (vec![K::WorkOrder], vec![K::WorkOrder]),
            };
            assert_eq!(reads(*role, |_| Scope::Site(SITE)), everything, "{role:?} at a site");
            assert_eq!(reads(*role, Scope::Kind), everything, "{role:?} in the catalogues");
            assert_eq!(reads(*role, |_| Scope::Person(ME)), own, "{role:?} with their own");
        }
    }

    #[test]
    fn no_limit_takes_a_requester_beyond_what_they_asked_for() {
        let theirs = PersonId::from_bytes([3; 16]);
        for limit in [GrantLimit::Organisation, GrantLimit::Site(SITE), GrantLimit::Own] {
            let grants = Grants { person: ME, grants: Role::Requester.grants(limit) };
            for permission in [Permission::WorkOrderRead, Permission::CommentWrite] {
                assert!(grants.allow(permission, &[Scope::Site(SITE), Scope::Person(ME)]), "{limit:?}");
                for scopes in [vec![Scope::Site(SITE), Scope::Person(theirs)], Vec::new()] {
                    assert!(!grants.allow(permission, &scopes), "{limit:?} {scopes:?}");
                }
            }
            assert!(grants.hold(Permission::WorkOrderCreate), "{limit:?}");
        }
    }

    #[test]
    fn rights_over_ones_own_documents_are_nobody_elses() {
        let theirs = PersonId::from_bytes([3; 16]);
        let lend =
            |role: Role, limit| Grants { person: ME, grants: role.grants(limit) }.in_the_name_of(theirs);
        let lent = lend(Role::Supervisor, GrantLimit::Site(SITE));
        assert_eq!(lent.person, theirs);
        assert!(lent.allow(Permission::WorkOrderExecute, &[Scope::Site(SITE)]));
        let own = lend(Role::Contractor, GrantLimit::Own);
        assert!(!own.hold(Permission::WorkOrderExecute), "not even on documents of the author");
    }

    #[test]
    fn whoever_decides_about_held_work_reads_everything_there() {
        for role in Role::ALL {
            for grant in role.grants(GrantLimit::Organisation) {
                let reads = |kind: &DocumentKind| grant.permissions.contains(&kind.read_permission());
                let decides = grant.permissions.contains(&Permission::DECIDE_DEPOSITS);
                assert!(!decides || DocumentKind::ALL.iter().all(reads), "{role:?}");
            }
        }
    }
}
