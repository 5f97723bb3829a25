//! One role: what it lets do in plain words, and the rules that take single fields away. Of a built-in role only the rules
//! change.

use std::rc::Rc;

use shared_model::custom_role::{ListedRole, NewRole, RoleChange};
use shared_model::identity::RoleId;
use shared_model::permission::{FieldName, Landing, Permission, Role, RoleKey};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::permission_list::{PermissionList, is_found};
use super::role_change::{Content, preview};
use super::role_words::{field_name, fields_heading, landing_name, role_name};
use crate::fresh_id;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::session::ApiProblem;
use crate::shell::Page;
use crate::widgets::{
    Empty, Field, FilterChip, Search, SelectField, Skeleton, TextField, Toast, icon, icon_sized, use_toast,
};

const FORM: &str = "role";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The role to change; none: a new one.
    #[prop_or_default]
    pub role: Option<RoleKey>,
}

/// What stands in the form.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    description: String,
    landing: Landing,
    content: Content,
}

impl Draft {
    fn of(role: &ListedRole) -> Self {
        Self {
            name: role.name.clone(),
            description: role.description.clone(),
            landing: role.landing,
            content: content(role),
        }
    }

    /// A role to begin with: what is reached only with one's own work is left to the limit of a grant.
    fn upon(role: &ListedRole) -> Content {
        let mut begun = content(role);
        begun.permissions.extend(&role.own_permissions);
        begun.permissions.retain(|permission| {
            !(role.hides_costs && shared_model::permission::RoleDefinition::is_money(*permission))
        });
        Content { hides_costs: false, ..begun }
    }
}

fn content(role: &ListedRole) -> Content {
    let ListedRole { permissions, read_only, hides_costs, .. } = role;
    Content { permissions: permissions.clone(), read_only: read_only.clone(), hides_costs: *hides_costs }
}

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Rc<Vec<ListedRole>>>, AttrValue>;

#[component]
pub fn RolePage(props: &Props) -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let asked = use_state(|| 0_u32);
    {
        let answer = answer.setter();
        use_effect_with(*asked, move |_| {
            spawn_local(async move {
                let said = api::roles().await;
                answer.set(said.map(|roles| Some(Rc::new(roles))).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let back = Route::Roles;
    let roles = match &*answer {
        Err(text) => {
            return html! { <Page title={t!("roles")} {back}><Empty icon="cloud-off" title={text.clone()} /></Page> };
        }
        Ok(None) => {
            return html! { <Page title={t!("roles")} {back}><Skeleton label={t!("loading")} /></Page> };
        }
        Ok(Some(roles)) => roles.clone(),
    };
    let known = props.role.and_then(|key| roles.iter().find(|role| role.role == key).cloned());
    if props.role.is_some() && known.is_none() {
        return html! { <Page title={t!("roles")} {back}><Empty icon="map-pin" title={t!("roles-missing")} /></Page> };
    }
    let reload = {
        let (asked, number) = (asked.setter(), *asked);
        Callback::from(move |()| asked.set(number + 1))
    };
    // After another version came the form begins anew.
    let key = known.as_ref().map(|role| role.version).unwrap_or_default();
    html! { <RoleForm {key} {known} {roles} {reload} /> }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    known: Option<ListedRole>,
    roles: Rc<Vec<ListedRole>>,
    reload: Callback<()>,
}

#[component]
fn RoleForm(props: &FormProps) -> Html {
    let known = props.known.as_ref();
    let draft = use_state(|| known.map_or_else(|| fresh_draft(&props.roles), Draft::of));
    let search = use_state(String::new);
    let busy = use_state_eq(|| false);
    let (toast, goes) = (use_toast(), use_replace());
    // A second try after a lost answer makes no second role.
    let fresh = use_memo((), |()| fresh_id::role());
    let phone = use_layout().is_phone();
    let ended = {
        let (busy, reload, is_new) = (busy.setter(), props.reload.clone(), known.is_none());
        Callback::from(move |answer: Result<ListedRole, ApiProblem>| {
            busy.set(false);
            match answer {
                Ok(role) => {
                    toast.show(Toast::new("check", t!("people-saved")));
                    if is_new { goes.emit(Route::Role { role: role.role }) } else { reload.emit(()) }
                }
                Err(problem) => toast.show(Toast::new("circle-alert", explain(&problem))),
            }
        })
    };
    let send = {
        let (props, busy, fresh) = (props.clone(), busy.setter(), *fresh);
        Callback::from(move |(draft, is_retired): (Draft, Option<bool>)| {
            busy.set(true);
            let (known, ended) = (props.known.clone(), ended.clone());
            spawn_local(async move { ended.emit(save(known, draft, is_retired, fresh).await) });
        })
    };
    let onsubmit = {
        let (send, draft) = (send.clone(), draft.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            send.emit(((*draft).clone(), None));
        })
    };
    let built_in = known.and_then(|role| role.role.built_in());
    // Whoever administers the organisation has all rights.
    let is_fixed = built_in == Some(Role::Admin);
    let button = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)} disabled={*busy}>{ icon_sized("check", 20) }{ t!("save") }</button> }
    };
    let foot =
        (phone && !is_fixed).then(|| html! { <div class="actionbar">{ button("btn--xl grow") }</div> });
    let actions = if phone || is_fixed { Html::default() } else { button("") };
    let before = known.map(content).unwrap_or_default();
    let holders = known.map_or(0, |role| role.holders);
    let onsearch = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    html! {
        <Page title={known.map_or_else(|| t!("roles-new"), role_name)} back={Route::Roles} {foot} {actions} class="detail">
            <form id={FORM} class="formpage stack form" style="--gap:1.25rem" novalidate=true {onsubmit}>
                if built_in.is_some() { <p class="t-14 muted">{ t!("roles-built-in-hint") }</p> } else { { words(props, &draft) } }
                <Search label={t!("roles-search")} value={search.to_string()} oninput={onsearch} />
                { permissions(&draft, built_in.is_some(), known, &search) }
                if !is_fixed { { rules(&draft, built_in, &search) } }
                { hidden(&draft, built_in) }
                if known.is_some() && !is_fixed { { preview(&before, &draft.content, holders) } }
                if let Some(role) = known { { retire(role, &send, *busy) } }
            </form>
        </Page>
    }
}

/// Work in a narrow circle, for want of something better to begin with.
fn fresh_draft(roles: &[ListedRole]) -> Draft {
    let technician = roles.iter().find(|role| role.role == Role::Technician);
    Draft {
        name: String::new(),
        description: String::new(),
        landing: Landing::MyWork,
        content: technician.map(Draft::upon).unwrap_or_default(),
    }
}

fn change<T: 'static>(
    draft: &UseStateHandle<Draft>,
    change: impl Fn(&mut Draft, T) + 'static,
) -> Callback<T> {
    let draft = draft.clone();
    Callback::from(move |value| {
        let mut next = (*draft).clone();
        change(&mut next, value);
        draft.set(next);
    })
}

/// Name, description, what it begins with, and where its people begin.
fn words(props: &FormProps, draft: &UseStateHandle<Draft>) -> Html {
    let landings: Vec<(AttrValue, AttrValue)> =
        Landing::ALL.iter().map(|each| (each.code().into(), landing_name(*each))).collect();
    let onlanding = change(draft, |draft, code: AttrValue| {
        draft.landing = Landing::from_code(&code).unwrap_or(draft.landing);
    });
    let upon = {
        let roles = props.roles.clone();
        change(draft, move |draft, key: AttrValue| {
            if let Some(role) = roles.iter().find(|role| role.role.to_string() == key.as_str()) {
                draft.content = Draft::upon(role);
                draft.landing = role.landing;
            }
        })
    };
    let starts: Vec<(AttrValue, AttrValue)> =
        props.roles.iter().map(|role| (role.role.to_string().into(), role_name(role))).collect();
    html! {
        <>
            <Field id="role-name" label={t!("field-name")}>
                <TextField id="role-name" value={draft.name.clone()} oninput={change(draft, |draft, text| draft.name = text)} autocomplete="off" />
            </Field>
            <Field id="role-description" label={t!("description")}>
                <TextField id="role-description" value={draft.description.clone()} oninput={change(draft, |draft, text| draft.description = text)} autocomplete="off" />
            </Field>
            if props.known.is_none() {
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

fn permissions(
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
fn rules(draft: &UseStateHandle<Draft>, built_in: Option<Role>, search: &str) -> Html {
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
fn hidden(draft: &UseStateHandle<Draft>, built_in: Option<Role>) -> Html {
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

fn retire(role: &ListedRole, send: &Callback<(Draft, Option<bool>)>, busy: bool) -> Html {
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

async fn save(
    known: Option<ListedRole>,
    draft: Draft,
    is_retired: Option<bool>,
    fresh: RoleId,
) -> Result<ListedRole, ApiProblem> {
    let Draft { name, description, landing, content: Content { permissions, read_only, hides_costs } } =
        draft;
    let Some(known) = known else {
        let new = NewRole { id: fresh, name, description, permissions, read_only, landing };
        return api::create_role(&new).await;
    };
    let rules = RoleChange { version: known.version, read_only: Some(read_only), ..RoleChange::default() };
    let change = match known.role {
        RoleKey::BuiltIn(_) => RoleChange { hides_costs: Some(hides_costs), ..rules },
        RoleKey::Custom(_) => RoleChange {
            name: Some(name),
            description: Some(description),
            permissions: Some(permissions),
            landing: Some(landing),
            is_retired,
            ..rules
        },
    };
    api::change_role(known.role, &change).await
}

fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "value" => t!("roles-value"),
        _ => api::explain(problem),
    }
}
