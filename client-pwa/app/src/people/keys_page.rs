//! Keys of programs: what each may do, when it was used and when it ends.

use std::rc::Rc;

use shared_model::api_key::ApiKey;
use shared_model::directory::DirectoryTeam;
use shared_model::identity::DeviceId;
use shared_model::permission::GrantLimit;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::api;
use super::role_words::permission_name;
use crate::clock;
use crate::engine_client::use_engine;
use crate::features;
use crate::hooks::{use_layout, use_watched};
use crate::locale::{day, t};
use crate::route::Route;
use crate::session::ApiProblem;
use crate::shell::Page;
use crate::widgets::{Dialog, Empty, Skeleton, Toast, icon, use_toast};

type Known = (Vec<ApiKey>, Vec<DirectoryTeam>);

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Rc<Known>>, AttrValue>;

async fn load() -> Result<Known, ApiProblem> {
    Ok((api::keys().await?, api::teams().await?))
}

#[component]
pub fn KeysPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let asked = use_state(|| 0_u32);
    let leaving = use_state(|| None::<ApiKey>);
    let toast = use_toast();
    let is_phone = use_layout().is_phone();
    {
        let answer = answer.setter();
        use_effect_with(*asked, move |_| {
            spawn_local(async move {
                let said = load().await;
                answer.set(said.map(|known| Some(Rc::new(known))).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let onrevoke = {
        let leaving = leaving.setter();
        Callback::from(move |key| leaving.set(Some(key)))
    };
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(known)) if known.0.is_empty() => {
            html! { <Empty icon="file-lock" title={t!("keys-none")} text={t!("keys-none-text")} /> }
        }
        Ok(Some(known)) => html! {
            <ul class="card list" style="border-radius:16px;overflow:hidden;max-inline-size:48rem">
                { for known.0.iter().map(|key| html! { <KeyRow key={key.id.to_string()} api_key={key.clone()} known={known.clone()} onrevoke={onrevoke.clone()} /> }) }
            </ul>
        },
    };
    let stay = {
        let leaving = leaving.setter();
        Callback::from(move |()| leaving.set(None))
    };
    let revoke = {
        let (asked, number, stay) = (asked.setter(), *asked, stay.clone());
        Callback::from(move |id: DeviceId| {
            stay.emit(());
            let (asked, toast) = (asked.clone(), toast.clone());
            spawn_local(async move {
                match api::revoke_key(id).await {
                    Ok(()) => toast.show(Toast::new("check", t!("keys-revoked"))),
                    Err(problem) => toast.show(Toast::new("circle-alert", api::explain(&problem))),
                }
                asked.set(number + 1);
            });
        })
    };
    let make = html! {
        <Link<Route> to={Route::NewApiKey} classes={classes!("btn", "btn--primary", is_phone.then_some("btn--xl btn--block"))}>
            { icon("plus") }{ t!("keys-new") }
        </Link<Route>>
    };
    let (actions, foot) = match is_phone {
        true => (Html::default(), Some(html! { <div class="actionbar">{ make }</div> })),
        false => (make, None),
    };
    html! {
        <Page title={t!("api-keys")} back={is_phone.then_some(Route::More)} {actions} {foot}>
            { body }
            if let Some(key) = &*leaving { { question(key, &stay, &revoke) } }
        </Page>
    }
}

fn question(key: &ApiKey, stay: &Callback<()>, revoke: &Callback<DeviceId>) -> Html {
    let id = key.id;
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={stay.reform(|_: MouseEvent| ())}>{ t!("keep-it") }</button>
            <button type="button" class="btn btn--primary" onclick={revoke.reform(move |_: MouseEvent| id)}>{ t!("keys-revoke") }</button>
        </>
    };
    html! {
        <Dialog title={t!("keys-revoke-title", name = key.name.clone())} onclose={stay.clone()} {actions}>
            <p>{ t!("keys-revoke-text") }</p>
        </Dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct RowProps {
    api_key: ApiKey,
    known: Rc<Known>,
    onrevoke: Callback<ApiKey>,
}

#[component]
fn KeyRow(props: &RowProps) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let key = &props.api_key;
    let reach = match key.reach {
        GrantLimit::Organisation | GrantLimit::Own => t!("people-reach-everything"),
        GrantLimit::Team(id) => {
            let name = props.known.1.iter().find(|team| team.id == id).map(|team| team.name.clone());
            t!("people-reach-team", name = name.unwrap_or_default())
        }
        GrantLimit::Site(id) => {
            let name = engine.rows().find(id).map(|entry| features::name(&entry.row));
            t!("people-reach-site", name = name.unwrap_or_default())
        }
    };
    let has_ended = key.expires_at <= clock::now();
    let used = key
        .last_used_at
        .map_or_else(|| t!("keys-never-used"), |at| t!("keys-used", when = day(at).to_string()));
    let ends = day(key.expires_at).to_string();
    let ends = if has_ended { t!("keys-ended", when = ends) } else { t!("keys-ends", when = ends) };
    let may: Vec<String> = key.permissions.iter().map(|one| permission_name(*one).to_string()).collect();
    let onclick = {
        let key = key.clone();
        props.onrevoke.reform(move |_: MouseEvent| key.clone())
    };
    html! {
        <li class="list__row row--wrap">
            <div class="grow stack" style="--gap:.125rem">
                <span class="row" style="--gap:.5rem"><b class="t-16 w-med">{ &key.name }</b>if has_ended { <span class="tag" data-tone="red">{ icon("clock") }{ ends.clone() }</span> }</span>
                <span class="t-14 muted">{ directory.person(key.person) }{ " · " }{ reach }{ " · " }{ used }if !has_ended { <>{ " · " }{ ends }</> }</span>
                <span class="t-14">{ may.join(" · ") }</span>
            </div>
            <button type="button" class="btn" aria-label={t!("keys-revoke-named", name = key.name.clone())} {onclick}>{ t!("keys-revoke") }</button>
        </li>
    }
}
