//! The form of a role: its words, what it lets do, the fields it takes away, and what it hides.

use std::rc::Rc;

use shared_model::custom_role::ListedRole;
use shared_model::permission::{FieldName, Landing, Permission, Role, RoleDefinition};
use yew::prelude::*;

use super::draft::change;
use super::permission_list::{PermissionList, is_found};
use super::role_change::Content;
use super::role_words::{field_name, fields_heading, landing_name, role_name};
use crate::locale::t;
use crate::widgets::{Field, FilterChip, SelectField, TextField, icon};

/// What stands in the form.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    pub name: String,
    pub description: String,
    pub landing: Landing,
    pub content: Content,
}

impl Draft {
    pub(super) fn of(role: &ListedRole) -> Self {
        Self {
            name: role.name.clone(),
            description: role.description.clone(),
            landing: role.landing,
            content: content(role),
        }
    }

    /// A role to begin with: what is reached only with one's own work is left to the limit of a grant.
    pub(super) fn upon(role: &ListedRole) -> Content {
        let mut begun = content(role);
        begun.permissions.extend(&role.own_permissions);
        begun.permissions.retain(|permission| !(role.hides_costs && RoleDefinition::is_money(*permission)));
        Content { hides_costs: false, ..begun }
    }
}

pub(super) fn content(role: &ListedRole) -> Content {
    let ListedRole { permissions, read_only, hides_costs, .. } = role;
    Content { permissions: permissions.clone(), read_only: read_only.clone(), hides_costs: *hides_costs }
}

/// Name, description, what it begins with, and where its people begin.
pub(super) fn words(roles: &Rc<Vec<ListedRole>>, is_new: bool, draft: &UseStateHandle<Draft>) -> Html {
    let landings: Vec<(AttrValue, AttrValue)> =
        Landing::ALL.iter().map(|each| (each.code().into(), landing_name(*each))).collect();
    let onlanding = change(draft, |draft, code: AttrValue| {
        draft.landing = Landing::from_code(&code).unwrap_or(draft.landing);
    });
    let upon = {
        let roles = roles.clone();
        change(draft, move |draft, key: AttrValue| {
            if let Some(role) = roles.iter().find(|role| role.role.to_string() == key.as_str()) {
                draft.content = Draft::upon(role);
                draft.landing = role.landing;
            }
        })
    };
    let starts: Vec<(AttrValue, AttrValue)> =
        roles.iter().map(|role| (role.role.to_string().into(), role_name(role))).collect();
    html! {
        <>
            <Field id="role-name" label={t!("field-name")}>
                <TextField id="role-name" value={draft.name.clone()} oninput={change(draft, |draft, text| draft.name = text)} autocomplete="off" />
            </Field>
            <Field id="role-description" label={t!("description")}>
                <TextField id="role-description" value={draft.description.clone()} oninput={change(draft, |draft, text| draft.description = text)} autocomplete="off" />
            </Field>
            if is_new {
                <Field id="role-upon" label={t!("roles-upon")} hint={t!("roles-upon-hint")}>
                    <SelectField id="role-upon" options={starts} chosen={Role::Technician.code()} onchoose={upon} />
                </Field>
            }
            <Field id="role-landing" label={t!("roles-landing")}>
                <SelectField id="role-landing" options={landings} chosen={draft.landing.code()} onchoose={onlanding} />
            </Field>
        </>
    }
}

pub(super) fn permissions(
    draft: &UseStateHandle<Draft>,
    is_built_in: bool,
    known: Option<&ListedRole>,
    search: &str,
) -> Html {
    let onchange = change(draft, |draft, chosen| draft.content.permissions = chosen);
    let own = known.map(|role| role.own_permissions.clone()).unwrap_or_default();
    let all: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|one| *one != Permission::ServerWrite).collect();
    let offered = if is_built_in { draft.content.permissions.clone() } else { all };
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("roles-permissions")}>
            <h2 class="t-16">{ t!("roles-permissions") }</h2>
            <PermissionList {offered} chosen={draft.content.permissions.clone()} search={search.to_owned()}
                onchange={(!is_built_in).then_some(onchange)} />
            if !own.is_empty() {
                <p class="t-14 w-str">{ t!("roles-own-work") }</p>
                <PermissionList offered={own.clone()} chosen={own} search={search.to_owned()} />
            }
        </section>
    }
}

/// Fields that are taken away although the permission is there.
pub(super) fn rules(draft: &UseStateHandle<Draft>, built_in: Option<Role>, search: &str) -> Html {
    let begins = built_in == Some(Role::Requester);
    let content = &draft.content;
    let is_asked = |field: &FieldName| {
        let held = content.permissions.contains(&field.field().permission)
            || (begins && field.field().permission == field.kind().edit_permission())
                && content.permissions.contains(&field.kind().create_permission());
        held && is_found(&format!("{} {}", field_name(*field), fields_heading(*field)), search)
    };
    let asked: Vec<FieldName> = FieldName::all().filter(is_asked).collect();
    let chip = |field: &FieldName| {
        let field = *field;
        let pressed = content.read_only.contains(&field);
        let onclick = change(draft, move |draft, ()| {
            let read_only = &mut draft.content.read_only;
            match read_only.iter().position(|other| *other == field) {
                Some(index) => _ = read_only.remove(index),
                None => read_only.push(field),
            }
            read_only.sort_unstable();
        });
        html! { <FilterChip key={field.code()} label={field_name(field)} icon={pressed.then(|| AttrValue::from("lock"))} {pressed} {onclick} /> }
    };
    let group = |fields: &[FieldName]| {
        let heading = fields_heading(fields[0]);
        html! {
            <div key={fields[0].code()} class="stack" role="group" aria-label={heading.clone()} style="--gap:.5rem">
                <p class="t-14 w-str">{ heading }</p>
                <div class="row row--wrap" style="--gap:.5rem">{ for fields.iter().map(chip) }</div>
            </div>
        }
    };
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("roles-rules")}>
            <h2 class="t-16">{ t!("roles-rules") }</h2>
            <p class="t-14 muted">{ t!("roles-rules-hint") }</p>
            { for asked.chunk_by(|one, next| one.kind() == next.kind()).map(group) }
        </section>
    }
}

/// What can be hidden, and why nothing else can.
pub(super) fn hidden(draft: &UseStateHandle<Draft>, built_in: Option<Role>) -> Html {
    let sees_money = draft.content.permissions.contains(&Permission::CostRead);
    let toggle = change(draft, |draft, _: Event| draft.content.hides_costs = !draft.content.hides_costs);
    let is_asked = built_in.is_some_and(|role| role != Role::Admin) && sees_money;
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("roles-hidden")}>
            <h2 class="t-16">{ t!("roles-hidden") }</h2>
            if is_asked {
                <label class="row t-15" style="--gap:.625rem;min-block-size:var(--control)">
                    <input type="checkbox" class="switch" role="switch" checked={draft.content.hides_costs} onchange={toggle} />{ t!("roles-hide-costs") }
                </label>
            } else {
                <p class="t-15">{ if sees_money { t!("roles-costs-shown") } else { t!("roles-costs-hidden") } }</p>
            }
            <p class="t-14 muted">{ t!("roles-hidden-hint") }</p>
        </section>
    }
}

pub(super) fn retire(role: &ListedRole, send: &Callback<(Draft, Option<bool>)>, busy: bool) -> Html {
    if role.role.built_in().is_some() {
        return html! {};
    }
    // What is in the form and not saved stays unsaved.
    let (retired, draft) = (!role.is_retired, Draft::of(role));
    let onclick = send.reform(move |_: MouseEvent| (draft.clone(), Some(retired)));
    let words = if retired { t!("roles-retire") } else { t!("roles-bring-back") };
    html! {
        <div class="stack" style="--gap:.375rem">
            <div><button type="button" class="btn" {onclick} disabled={busy}>{ icon(if retired { "circle-x" } else { "check" }) }{ words }</button></div>
            <p class="t-14 muted">{ t!("roles-retire-hint") }</p>
        </div>
    }
}
