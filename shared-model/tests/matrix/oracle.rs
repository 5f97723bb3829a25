//! What the matrix says, worked out without the code that judges: from the lists of the roles and plain words about limits.

use shared_model::document::DocumentKind;
use shared_model::features::{Command, Right};
use shared_model::identity::{ActorId, DocumentId, PersonId, RoleId, TeamId};
use shared_model::permission::{GrantLimit, Grants, Permission, Role, RoleDefinition, RoleKey};
use shared_model::record::RecordKind;
use shared_model::workspace::{Author, Touch, Workspace};

use super::cases::Case;
use super::scene::{NOW, Place, Scene};

/// How far a role is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Organisation,
    Site,
    Team,
    Own,
}

/// What of a document is the person's: nothing, or one thing alone, so that no limit is met by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Elsewhere,
    AtTheirSite,
    WithTheirTeam,
    NamingThem,
}

pub const LIMITS: [Limit; 4] = [Limit::Organisation, Limit::Site, Limit::Team, Limit::Own];
pub const PLACES: [Where; 4] =
    [Where::Elsewhere, Where::AtTheirSite, Where::WithTheirTeam, Where::NamingThem];

const SITE: DocumentId = DocumentId::from_bytes([0x51; 16]);
const OTHER_SITE: DocumentId = DocumentId::from_bytes([0x52; 16]);
const TEAM: TeamId = TeamId::from_bytes([0x71; 16]);
const OTHER_TEAM: TeamId = TeamId::from_bytes([0x72; 16]);
pub const ME: PersonId = PersonId::from_bytes([0x11; 16]);
pub const OTHER: PersonId = PersonId::from_bytes([0x12; 16]);

impl Limit {
    pub const fn grant(self) -> GrantLimit {
        match self {
            Self::Organisation => GrantLimit::Organisation,
            Self::Site => GrantLimit::Site(SITE),
            Self::Team => GrantLimit::Team(TEAM),
            Self::Own => GrantLimit::Own,
        }
    }
}

impl Where {
    pub const fn place(self) -> Place {
        let (mut site, mut team, mut person) = (OTHER_SITE, OTHER_TEAM, OTHER);
        match self {
            Self::Elsewhere => {}
            Self::AtTheirSite => site = SITE,
            Self::WithTheirTeam => team = TEAM,
            Self::NamingThem => person = ME,
        }
        Place { site, team, person }
    }
}

/// What somebody's role is: a built-in one, or one that the organisation made of these permissions.
#[derive(Clone, Copy)]
pub enum Held {
    BuiltIn(Role),
    Custom(PermissionSet),
}

/// Permissions by their place in [`Permission::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionSet(pub u64);

impl PermissionSet {
    pub fn of(permissions: impl IntoIterator<Item = Permission>) -> Self {
        let bit =
            |permission| Permission::ALL.iter().position(|one| *one == permission).map_or(0, |at| 1 << at);
        Self(permissions.into_iter().map(bit).fold(0, |all, one: u64| all | one))
    }

    pub fn list(self) -> Vec<Permission> {
        let all = Permission::ALL.iter().enumerate();
        all.filter(|(at, _)| self.0 & (1 << at) != 0).map(|(_, permission)| *permission).collect()
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(role) => role.fmt(f),
            Self::Custom(set) => {
                f.debug_list().entries(set.list().iter().map(|permission| permission.code())).finish()
            }
        }
    }
}

/// A person of one role, under one limit.
#[derive(Clone, Copy, Debug)]
pub struct Somebody {
    pub role: Held,
    pub limit: Limit,
}

/// How many people [`Somebody::all`] are.
pub const EVERYBODY: usize = Role::ALL.len() * LIMITS.len() + 2 * (Permission::ALL.len() - 1);

/// What becomes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    /// The document is not there for them.
    Unknown,
    NotPermitted,
}

impl Somebody {
    pub const fn of(role: Role, limit: Limit) -> Self {
        Self { role: Held::BuiltIn(role), limit }
    }

    /// Every built-in role under every limit, and every permission as a role of its own: alone, and beside all reading.
    pub fn all() -> impl Iterator<Item = Self> {
        let built_in = Role::ALL.iter().flat_map(|role| LIMITS.map(|limit| Self::of(*role, limit)));
        let given = Permission::ALL.iter().copied().filter(|one| *one != Permission::ServerWrite);
        built_in.chain(given.flat_map(|permission| {
            let reading = DocumentKind::ALL.iter().map(|kind| kind.read_permission());
            let beside = PermissionSet::of(reading.chain([permission]));
            [(PermissionSet::of([permission]), Limit::Organisation), (beside, Limit::Site)]
                .map(|(set, limit)| Self { role: Held::Custom(set), limit })
        }))
    }

    /// What the code under test is told about them.
    pub fn grants(self) -> Grants {
        let limit = self.limit.grant();
        let grants = match self.role {
            Held::BuiltIn(role) => role.grants(limit),
            Held::Custom(set) => {
                let definition = RoleDefinition { permissions: set.list(), ..RoleDefinition::default() };
                RoleKey::Custom(RoleId::from_bytes([0x21; 16])).grants(Some(&definition), limit)
            }
        };
        Grants { person: ME, grants }
    }

    /// May they do this with a document of this kind that stands there?
    pub fn may(self, permission: Permission, kind: DocumentKind, place: Where) -> bool {
        let names_them = kind == DocumentKind::WorkOrder && place == Where::NamingThem;
        let catalogue =
            matches!(kind, DocumentKind::Location | DocumentKind::Part | DocumentKind::ChecklistTemplate);
        let within = match self.limit {
            Limit::Organisation => true,
            Limit::Site => catalogue || place == Where::AtTheirSite,
            Limit::Team => catalogue || (kind == DocumentKind::WorkOrder && place == Where::WithTheirTeam),
            Limit::Own => names_them,
        };
        (within && self.limited().contains(&permission)) || (names_them && self.own().contains(&permission))
    }

    /// May they do this anywhere?
    pub fn holds(self, permission: Permission) -> bool {
        self.limited().contains(&permission) || self.own().contains(&permission)
    }

    /// What their limit bounds.
    pub fn limited(self) -> Vec<Permission> {
        match self.role {
            Held::BuiltIn(role) => permissions(role),
            Held::Custom(set) => set.list(),
        }
    }

    fn own(self) -> Vec<Permission> {
        match self.role {
            Held::BuiltIn(role) => of_their_own(role),
            Held::Custom(_) => Vec::new(),
        }
    }

    pub fn reads(self, kind: DocumentKind, place: Where) -> bool {
        let permission = match kind {
            DocumentKind::WorkOrder => Permission::WorkOrderRead,
            DocumentKind::Asset => Permission::AssetRead,
            DocumentKind::Location => Permission::LocationRead,
            DocumentKind::Part | DocumentKind::Storeroom => Permission::PartRead,
            DocumentKind::ChecklistTemplate => Permission::ChecklistRead,
        };
        self.may(permission, kind, place)
    }

    /// Money is seen by those who see money, and nothing else is kept from whoever reads the document.
    pub fn reads_record(self, record: RecordKind, owner: DocumentKind, place: Where) -> bool {
        let is_money = matches!(record, RecordKind::CostEntry | RecordKind::Price | RecordKind::LabourRate);
        self.reads(owner, place) && (!is_money || self.may(Permission::CostRead, owner, place))
    }

    /// What becomes of a command that takes these rights.
    pub fn answer(self, rights: &[Right], place: Where) -> Answer {
        for right in rights {
            let (readable, permitted) = match right {
                Right::On(permission, touch) => {
                    (self.reads(touch.kind, place), self.may(*permission, touch.kind, place))
                }
                Right::Somewhere(permission) => (true, self.holds(*permission)),
                Right::ServerOnly(touch) => (self.reads(touch.kind, place), false),
            };
            match (readable, permitted) {
                (false, _) => return Answer::Unknown,
                (true, false) => return Answer::NotPermitted,
                (true, true) => {}
            }
        }
        Answer::Done
    }
}

/// The list of a role that its limit bounds; `docs/security/permissions.md` is held against it.
pub fn permissions(role: Role) -> Vec<Permission> {
    let unlimited = role.grants(GrantLimit::Organisation).into_iter();
    unlimited
        .filter(|grant| grant.limit == GrantLimit::Organisation)
        .flat_map(|grant| grant.permissions)
        .collect()
}

/// The list that reaches no further than what names the person.
pub fn of_their_own(role: Role) -> Vec<Permission> {
    let own = role.grants(GrantLimit::Organisation).into_iter();
    own.filter(|grant| grant.limit == GrantLimit::Own).flat_map(|grant| grant.permissions).collect()
}

/// What a command takes, given by whoever is judged.
pub fn rights(scene: &Scene, command: &Command) -> Vec<Right> {
    let grants = Grants { person: scene.me, grants: Role::Admin.grants(GrantLimit::Organisation) };
    let author = Author::Person { grants, actor: ActorId::from_bytes([0xaa; 16]) };
    command.rights(&Workspace::new(author, NOW, 1, scene.documents.values().cloned()))
}

/// What the writes of a case take, where that is not what the command takes.
fn rights_of_writes(case: &Case, scene: &Scene, rights: Vec<Right>) -> Vec<Right> {
    let on = |permission, name: &str, kind| Right::On(permission, Touch { document: scene.id(name), kind });
    match case.name {
        // The engine leaves out a reading that is not its author's to keep; bytes that hold one are all or nothing.
        "work_order.answer with a reading" => {
            [rights, vec![on(Permission::WorkOrderExecute, "asset", DocumentKind::Asset)]].concat()
        }
        // The right must not depend on what else arrived meanwhile: to go on with work takes less than to reopen it, and
        // an event does not say which it is. What does not hold, the server sets right (`Correction`).
        "work_order.change_status, reopening" => {
            vec![on(Permission::WorkOrderExecute, "completed", DocumentKind::WorkOrder)]
        }
        _ => rights,
    }
}

/// Does the server take what a case writes, given by this person?
pub fn is_taken(somebody: Somebody, case: &Case, scene: &Scene, rights: Vec<Right>, place: Where) -> bool {
    let kind = DocumentKind::WorkOrder;
    // Whoever may reopen work may say that it goes on, for the same reason.
    let reopens = ["work_order.change_status to in_progress", "work_order.change_status, reopening"];
    let may_reopen = reopens.contains(&case.name)
        && somebody.reads(kind, place)
        && somebody.may(Permission::WorkOrderVerify, kind, place);
    may_reopen || somebody.answer(&rights_of_writes(case, scene, rights), place) == Answer::Done
}

pub fn is_server_only(rights: &[Right]) -> bool {
    rights.iter().any(|right| matches!(right, Right::ServerOnly(_)))
}
