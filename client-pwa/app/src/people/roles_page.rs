//! Every role: the built-in ones, and those that the organisation made.

use std::rc::Rc;

use shared_model::custom_role::ListedRole;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::api;
use super::role_words::role_name;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::Route;
use crate::shell::Page;
use crate::widgets::{Empty, Skeleton, icon, icon_with};

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Rc<Vec<ListedRole>>>, AttrValue>;

#[component]
pub fn RolesPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let is_phone = use_layout().is_phone();
    {
        let answer = answer.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let said = api::roles().await;
                answer.set(said.map(|roles| Some(Rc::new(roles))).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(roles)) => {
            let (built_in, own): (Vec<&ListedRole>, _) =
                roles.iter().partition(|role| role.role.built_in().is_some());
            html! {
                <div class="stack" style="--gap:1.25rem;max-inline-size:48rem">
                    if !own.is_empty() { { group("own", t!("roles-own"), &own) } }
                    { group("built-in", t!("roles-built-in"), &built_in) }
                </div>
            }
        }
    };
    let make = html! {
        <Link<Route> to={Route::NewRole} classes={classes!("btn", "btn--primary", is_phone.then_some("btn--xl btn--block"))}>
            { icon("plus") }{ t!("roles-new") }
        </Link<Route>>
    };
    let (actions, foot) = match is_phone {
        true => (Html::default(), Some(html! { <div class="actionbar">{ make }</div> })),
        false => (make, None),
    };
    html! { <Page title={t!("roles")} back={is_phone.then_some(Route::More)} {actions} {foot}>{ body }</Page> }
}

fn group(id: &'static str, title: AttrValue, roles: &[&ListedRole]) -> Html {
    html! {
        <section aria-labelledby={id}>
            <div class="grouphead"><h2 {id}>{ title }</h2></div>
            <ul class="card list" style="border-radius:16px;overflow:hidden">{ for roles.iter().map(|role| row(role)) }</ul>
        </section>
    }
}

fn row(role: &ListedRole) -> Html {
    let has_rules = !role.read_only.is_empty() || role.hides_costs;
    html! {
        <li key={role.role.to_string()}>
            <Link<Route> to={Route::Role { role: role.role }} classes="list__row">
                <span class="grow">
                    <span class="t-16 w-med clip" style="display:block">{ role_name(role) }</span>
                    <span class="t-14 muted clip" style="display:block">{ t!("roles-holders", count = role.holders) }</span>
                </span>
                if has_rules { <span class="tag" data-tone="amber">{ icon("lock") }{ t!("roles-with-rules") }</span> }
                { icon_with("chevron-right", 20, "muted") }
            </Link<Route>>
        </li>
    }
}
