//! Who may do what: permissions, the built-in roles, and grants limited to sites, teams or own records.
//!
//! Rights are judged per operation against a document's [`Scope`]s; the same table serves the gate, the
//! server, the engine on the device and the screens (which only hide what they would refuse).

mod field_rule;
mod grant;
mod role;
mod scope;

pub use field_rule::FieldName;
pub use grant::{Grant, GrantLimit, Grants, RoleGrant};
pub use role::{Landing, NotARole, RoleDefinition, RoleKey};
pub use scope::{NotAScope, Scope};

use serde::{Deserialize, Serialize};

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

/// The built-in roles. An organisation makes others itself ([`RoleDefinition`]).
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
        let grant = |permissions: &[Permission], limit| Grant::new(permissions.to_vec(), limit);
        let own = self.own_permissions();
        let own = (!own.is_empty()).then(|| grant(own, GrantLimit::Own));
        std::iter::once(grant(self.permissions(), limit)).chain(own).collect()
    }

    /// Where people of this role begin their day.
    pub const fn landing(self) -> Landing {
        match self {
            Self::Admin | Self::Manager | Self::Supervisor => Landing::Board,
            Self::Storekeeper => Landing::Parts,
            Self::Office | Self::Requester => Landing::AllWork,
            Self::Technician | Self::Contractor => Landing::MyWork,
        }
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

impl Landing {
    /// What it takes to open the page.
    pub const fn permission(self) -> Permission {
        match self {
            Self::MyWork | Self::AllWork => Permission::WorkOrderRead,
            Self::Board => Permission::WorkOrderAssign,
            Self::Assets => Permission::AssetRead,
            Self::Parts => Permission::PartRead,
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

#[cfg(test)]
mod tests;
