//! One role: what it lets do in plain words, and the rules that take single fields away. Of a built-in role only the rules
//! change.

use std::rc::Rc;

use shared_model::custom_role::{ListedRole, NewRole, RoleChange};
use shared_model::identity::RoleId;
use shared_model::permission::{Landing, Role, RoleKey};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::role_change::{Content, preview};
use super::role_fields::{self, Draft};
use super::role_words::role_name;
use crate::fresh_id;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::session::ApiProblem;
use crate::shell::Page;
use crate::widgets::{Empty, Search, Skeleton, Toast, icon_sized, use_toast};

const FORM: &str = "role";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The role to change; none: a new one.
    #[prop_or_default]
    pub role: Option<RoleKey>,
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
    let before = known.map(role_fields::content).unwrap_or_default();
    let holders = known.map_or(0, |role| role.holders);
    let onsearch = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    html! {
        <Page title={known.map_or_else(|| t!("roles-new"), role_name)} back={Route::Roles} {foot} {actions} class="detail">
            <form id={FORM} data-draft="" class="formpage stack form" style="--gap:1.25rem" novalidate=true {onsubmit}>
                if built_in.is_some() { <p class="t-14 muted">{ t!("roles-built-in-hint") }</p> } else { { role_fields::words(&props.roles, known.is_none(), &draft) } }
                <Search label={t!("roles-search")} value={search.to_string()} oninput={onsearch} />
                { role_fields::permissions(&draft, built_in.is_some(), known, &search) }
                if !is_fixed { { role_fields::rules(&draft, built_in, &search) } }
                { role_fields::hidden(&draft, built_in) }
                if known.is_some() && !is_fixed { { preview(&before, &draft.content, holders) } }
                if let Some(role) = known { { role_fields::retire(role, &send, *busy) } }
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
