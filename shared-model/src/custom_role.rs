//! Roles as whoever administers the organisation sees them, as both ends of `/api/roles` do: the built-in ones with their
//! rules, and those that the organisation made itself. What they let do is in [`permission`](crate::permission).

use serde::{Deserialize, Serialize};

use crate::identity::RoleId;
use crate::permission::{FieldName, Landing, Permission, RoleDefinition, RoleKey};

/// Most bytes of a description.
pub const MAX_DESCRIPTION_BYTES: usize = 2_000;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedRole {
    /// The code of a built-in role, or the id of another.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub role: RoleKey,
    /// What the organisation calls it; empty for a built-in role.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it lets do inside the limit of a grant, before its rules.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<Permission>,
    /// What it lets do with documents that name the person, however wide the limit is.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub own_permissions: Vec<Permission>,
    /// Fields that it does not let write.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub read_only: Vec<FieldName>,
    /// Prices, rates and costs are hidden from it.
    pub hides_costs: bool,
    /// Where its people begin their day.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub landing: Landing,
    /// It is given to nobody any more; whoever has it keeps it.
    pub is_retired: bool,
    /// How many people have it.
    pub holders: u32,
    /// Rises with every change; a change names the one that it was made upon.
    pub version: i64,
}

impl ListedRole {
    /// What it lets do, as rights are worked out.
    pub fn definition(&self) -> RoleDefinition {
        RoleDefinition {
            permissions: self.permissions.clone(),
            read_only: self.read_only.clone(),
            hides_costs: self.hides_costs,
        }
    }
}

/// `POST /api/roles`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRole {
    /// Chosen by the caller, so that sending this twice makes one role.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: RoleId,
    /// Unique in the organisation.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// At least one, by its code, for example `work_order:read`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<Permission>,
    /// Fields that it does not let write, by their code, for example `work_order/priority`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub read_only: Vec<FieldName>,
    /// `my_work`, `board`, `all_work`, `assets` or `parts`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub landing: Landing,
}

/// `PATCH /api/roles/{id}`: what is named becomes so, the rest stays. Of a built-in role only its rules change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleChange {
    /// The version that the change was made upon.
    #[serde(default)]
    pub version: i64,
    /// Unique in the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All permissions, in place of those it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub permissions: Option<Vec<Permission>>,
    /// All fields that it does not let write, in place of those it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub read_only: Option<Vec<FieldName>>,
    /// Of a built-in role: are prices, rates and costs hidden from it?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hides_costs: Option<bool>,
    /// Where its people begin their day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub landing: Option<Landing>,
    /// True: it is given to nobody any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_retired: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::Role;

    #[test]
    fn what_a_listed_role_lets_do_is_all_that_is_listed() {
        let read_only: Vec<FieldName> = vec![FieldName::from_code("work_order/priority").unwrap()];
        let listed = ListedRole {
            role: Role::Technician.into(),
            name: String::new(),
            description: String::new(),
            permissions: vec![Permission::WorkOrderRead],
            own_permissions: vec![Permission::WorkOrderExecute],
            read_only: read_only.clone(),
            hides_costs: true,
            landing: Landing::MyWork,
            is_retired: false,
            holders: 0,
            version: 1,
        };
        let expected =
            RoleDefinition { permissions: vec![Permission::WorkOrderRead], read_only, hides_costs: true };
        assert_eq!(listed.definition(), expected);
    }
}
