//! Roles, permissions and fields in words.

use shared_model::custom_role::ListedRole;
use shared_model::permission::{FieldName, Landing, Permission, RoleKey};
use yew::prelude::*;

use crate::locale::{self, t};

/// Permissions under the headings that people look for, each with the key of its heading.
pub(super) const GROUPS: &[(&str, &[Permission])] = &[
    (
        "work-orders",
        &[
            Permission::WorkOrderRead,
            Permission::WorkOrderCreate,
            Permission::WorkOrderEdit,
            Permission::WorkOrderAssign,
            Permission::WorkOrderExecute,
            Permission::WorkOrderVerify,
            Permission::CommentWrite,
            Permission::ConflictResolve,
        ],
    ),
    ("roles-checklists", &[Permission::ChecklistRead, Permission::ChecklistEdit]),
    ("assets", &[Permission::AssetRead, Permission::AssetEdit]),
    ("roles-locations", &[Permission::LocationRead, Permission::LocationEdit]),
    (
        "parts",
        &[Permission::PartRead, Permission::PartEdit, Permission::StockIssue, Permission::StockAdjust],
    ),
    ("roles-costs", &[Permission::CostRead, Permission::CostWrite]),
    ("roles-organisation", &[Permission::OrganisationAdmin, Permission::ImportRun]),
];

/// What a role is called.
pub(super) fn role_name(role: &ListedRole) -> AttrValue {
    match role.role {
        RoleKey::BuiltIn(built_in) => locale::text(&format!("role-{}", built_in.code()), None),
        RoleKey::Custom(_) if role.is_retired => t!("roles-retired-name", name = role.name.clone()),
        RoleKey::Custom(_) => role.name.clone().into(),
    }
}

/// What a permission lets do.
pub(super) fn permission_name(permission: Permission) -> AttrValue {
    locale::text(&format!("may-{}", permission.code().replace([':', '_'], "-")), None)
}

/// What people call a field that there can be a rule about.
pub(super) fn field_name(field: FieldName) -> AttrValue {
    locale::text(&format!("rule-{}", field.key().replace('_', "-")), None)
}

/// The key of the heading above the fields of a kind of document.
pub(super) fn fields_heading(field: FieldName) -> AttrValue {
    locale::text(&format!("rules-of-{}", field.kind().code().replace('_', "-")), None)
}

/// The name of a page on which people begin.
pub(super) fn landing_name(landing: Landing) -> AttrValue {
    let key = match landing {
        Landing::MyWork => "my-work",
        Landing::Board => "live-board",
        Landing::WorkOrders => "work-orders",
        Landing::Assets => "assets",
        Landing::Parts => "parts",
    };
    locale::text(key, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_that_a_role_can_have_stands_under_one_heading() {
        let mut grouped: Vec<Permission> = GROUPS.iter().flat_map(|(_, all)| *all).copied().collect();
        grouped.sort_unstable();
        let all: Vec<Permission> =
            Permission::ALL.iter().copied().filter(|one| *one != Permission::ServerWrite).collect();
        assert_eq!(grouped, all);
    }
}
