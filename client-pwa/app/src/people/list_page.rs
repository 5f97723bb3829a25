//! Everybody who works for the organisation.

use std::rc::Rc;

use shared_model::custom_role::ListedRole;
use shared_model::people::{Member, Standing};
use shared_model::permission::RoleGrant;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::api;
use super::role_words::role_name;
use crate::hooks::use_layout;
use crate::locale::{day, t};
use crate::route::Route;
use crate::security::RuleField;
use crate::session::{ApiProblem, DeviceRule};
use crate::shell::Page;
use crate::widgets::{CardList, Empty, Search, Skeleton, avatar, icon, icon_with};

/// Everybody, and the roles that there are.
type People = (Vec<Member>, Vec<ListedRole>);

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Rc<People>>, AttrValue>;

async fn load() -> Result<People, ApiProblem> {
    Ok((api::people().await?, api::roles().await?))
}

#[component]
pub fn PeoplePage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let search = use_state(String::new);
    let is_phone = use_layout().is_phone();
    {
        let answer = answer.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let said = load().await;
                answer
                    .set(said.map(|people| Some(Rc::new(people))).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let oninput = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(people)) => list(people, &search),
    };
    let invite = html! {
        <Link<Route> to={Route::NewPerson} classes={classes!("btn", "btn--primary", is_phone.then_some("btn--xl btn--block"))}>
            { icon("plus") }{ t!("people-invite") }
        </Link<Route>>
    };
    let (actions, foot) = if is_phone {
        (Html::default(), Some(html! { <div class="actionbar">{ invite }</div> }))
    } else {
        (invite, None)
    };
    let tools = html! { <Search label={t!("people-search")} value={search.to_string()} {oninput} /> };
    html! {
        <Page title={t!("people")} back={is_phone.then_some(Route::More)} {tools} {actions} {foot}>
            <div class="stack" style="--gap:1rem">{ body }<RuleField /><DeviceRule /></div>
        </Page>
    }
}

fn list(people: &Rc<People>, search: &str) -> Html {
    let words: Vec<String> = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let matches = |member: &Member| {
        let text = format!("{} {}", member.display_name.to_lowercase(), member.email);
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let found: Vec<usize> = (0..people.0.len()).filter(|index| matches(&people.0[*index])).collect();
    let (count, people) = (found.len(), people.clone());
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| row(&people.0[found[index]], &people.1));
    if count == 0 {
        return html! { <Empty icon="users" title={t!("nothing-found")} /> };
    }
    html! {
        <div class="card list" style="border-radius:16px;overflow:hidden;max-inline-size:48rem" role="list" aria-label={t!("people")}>
            <CardList {count} {card} />
        </div>
    }
}

fn row(member: &Member, known: &[ListedRole]) -> Html {
    let named = |grant: &RoleGrant| known.iter().find(|role| role.role == grant.role).map(role_name);
    let roles: Vec<String> = member.roles.iter().filter_map(named).map(|name| name.to_string()).collect();
    html! {
        <div key={member.id.to_string()} role="listitem">
            <Link<Route> to={Route::Person { id: member.id }} classes="list__row">
                { avatar(&member.display_name, "av--40") }
                <span class="grow">
                    <span class="t-16 w-med clip" style="display:block">{ &member.display_name }</span>
                    <span class="t-14 muted clip" style="display:block">{ roles.join(", ") }{ " · " }{ &member.email }</span>
                </span>
                { standing(member) }
                { icon_with("chevron-right", 20, "muted") }
            </Link<Route>>
        </div>
    }
}

/// What is worth saying of where somebody stands: of those who work here, nothing.
pub(super) fn standing(member: &Member) -> Html {
    let (tone, icon_name, words) = match member.standing {
        Standing::Active => return Html::default(),
        Standing::Invited if member.email_problem.is_some() => {
            ("red", "triangle-alert", t!("people-email-failed"))
        }
        Standing::Invited => ("amber", "clock", t!("people-invited")),
        Standing::Disabled => ("neutral", "circle-x", t!("people-disabled")),
        Standing::Erased => ("neutral", "trash-2", t!("people-erased")),
    };
    html! { <span class="tag" data-tone={tone}>{ icon(icon_name) }{ words }</span> }
}

/// When somebody was here last.
pub(super) fn last_seen(member: &Member) -> AttrValue {
    match member.last_seen_at {
        Some(at) => t!("people-seen", when = day(at).to_string()),
        None => t!("people-never-seen"),
    }
}
