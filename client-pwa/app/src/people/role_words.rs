//! Roles, permissions and fields in words.

use shared_model::custom_role::ListedRole;
use shared_model::permission::{FieldName, Landing, Permission, RoleKey};
use yew::prelude::*;

use crate::locale::{self, t};

/// Permissions that a person can have, those about one noun beside each other.
pub(super) fn by_noun() -> Vec<&'static [Permission]> {
    let noun = |permission: &Permission| permission.code().split(':').next();
    let given = Permission::ALL.chunk_by(move |one, next| noun(one) == noun(next));
    given.filter(|group| !group.contains(&Permission::ServerWrite)).collect()
}

/// The heading above the permissions about one noun.
pub(super) fn noun_name(permission: Permission) -> AttrValue {
    let noun = permission.code().split(':').next().unwrap_or_default();
    locale::text(&format!("noun-{}", noun.replace('_', "-")), None)
}

/// What a role is called.
pub(super) fn role_name(role: &ListedRole) -> AttrValue {
    match role.role {
        RoleKey::BuiltIn(built_in) => locale::text(&format!("role-{}", built_in.code()), None),
        RoleKey::Custom(_) if role.is_retired => t!("roles-retired-name", name = role.name.clone()),
        RoleKey::Custom(_) => role.name.clone().into(),
    }
}

/// What a permission lets do.
pub fn permission_name(permission: Permission) -> AttrValue {
    locale::text(&format!("may-{}", permission.code().replace([':', '_'], "-")), None)
}

/// What people call a field that there can be a rule about.
pub fn field_name(field: FieldName) -> AttrValue {
    locale::text(&format!("rule-{}", field.key().replace('_', "-")), None)
}

/// The key of the heading above the fields of a kind of document.
pub(super) fn fields_heading(field: FieldName) -> AttrValue {
    locale::text(&format!("rules-of-{}", field.kind().code().replace('_', "-")), None)
}

/// The name of a page on which people begin.
pub(super) fn landing_name(landing: Landing) -> AttrValue {
    locale::text(&format!("landing-{}", landing.code().replace('_', "-")), None)
}
