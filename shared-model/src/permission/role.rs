//! Roles that an organisation makes itself, and what it says about the built-in ones.

use serde::{Deserialize, Serialize};

use super::{FieldName, Grant, GrantLimit, Permission, Role};
use crate::codes::codes;
use crate::identity::RoleId;

codes! {
    /// Where people of a role begin their day.
    Landing {
        /// What is theirs to do.
        MyWork = "my_work",
        /// All work by its state.
        Board = "board",
        /// All work as a list.
        AllWork = "all_work",
        /// The machines.
        Assets = "assets",
        /// The stock.
        Parts = "parts",
    }
}

/// Names a role: a built-in one by its code, another by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RoleKey {
    /// A built-in role.
    BuiltIn(Role),
    /// A role that the organisation made.
    Custom(RoleId),
}

impl RoleKey {
    /// The role with this code or id.
    pub fn from_code(text: &str) -> Option<Self> {
        let custom = || text.parse().ok().map(Self::Custom);
        Role::from_code(text).map(Self::BuiltIn).or_else(custom)
    }

    /// The built-in role, if it is one.
    pub const fn built_in(self) -> Option<Role> {
        match self {
            Self::BuiltIn(role) => Some(role),
            Self::Custom(_) => None,
        }
    }

    /// What it lets somebody do inside a limit. Of a role that nothing is known of, nothing.
    pub fn grants(self, definition: Option<&RoleDefinition>, limit: GrantLimit) -> Vec<Grant> {
        let grants = match (self, definition) {
            (Self::BuiltIn(role), _) => role.grants(limit),
            (Self::Custom(_), Some(definition)) => vec![Grant::new(definition.permissions.clone(), limit)],
            (Self::Custom(_), None) => Vec::new(),
        };
        grants.into_iter().map(|grant| definition.map_or(grant.clone(), |known| known.ruled(grant))).collect()
    }
}

impl std::fmt::Display for RoleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(role) => f.write_str(role.code()),
            Self::Custom(id) => id.fmt(f),
        }
    }
}

impl From<RoleKey> for String {
    fn from(key: RoleKey) -> Self {
        key.to_string()
    }
}

impl From<Role> for RoleKey {
    fn from(role: Role) -> Self {
        Self::BuiltIn(role)
    }
}

impl PartialEq<Role> for RoleKey {
    fn eq(&self, other: &Role) -> bool {
        *self == Self::BuiltIn(*other)
    }
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” names no role")]
pub struct NotARole(String);

impl std::str::FromStr for RoleKey {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        Self::from_code(text).ok_or_else(|| NotARole(text.to_owned()))
    }
}

impl TryFrom<String> for RoleKey {
    type Error = NotARole;

    fn try_from(text: String) -> Result<Self, NotARole> {
        text.parse()
    }
}

/// What an organisation says about a role. A built-in role has its permissions from here, and rules at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleDefinition {
    /// What it lets do.
    pub permissions: Vec<Permission>,
    /// Fields that it does not let write, whatever its permissions are.
    pub read_only: Vec<FieldName>,
    /// Prices, rates and costs are not there for it, whatever its permissions are.
    pub hides_costs: bool,
}

impl RoleDefinition {
    /// Can this be hidden from a role without hiding the document it belongs to? What everybody merges cannot; what stands
    /// in records of its own can.
    pub const fn is_money(permission: Permission) -> bool {
        matches!(permission, Permission::CostRead | Permission::CostWrite)
    }

    fn ruled(&self, mut grant: Grant) -> Grant {
        grant.permissions.retain(|permission| !(self.hides_costs && Self::is_money(*permission)));
        grant.read_only.clone_from(&self.read_only);
        grant
    }
}
