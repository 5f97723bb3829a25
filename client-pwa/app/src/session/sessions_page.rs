//! Where this person is signed in, and signing out there. It is asked of the server, so there is nothing to see here
//! without a network.

use shared_model::account::OpenSession;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{ApiProblem, DeviceList, ask};
use crate::hooks::use_layout;
use crate::locale::{day_and_time, t};
use crate::route::Route;
use crate::shell::Page;
use crate::widgets::{Dialog, Empty, Skeleton, Toast, icon, icon_sized, use_toast};

const PATH: &str = "/api/sessions";

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Vec<OpenSession>>, AttrValue>;

async fn read() -> Answer {
    let text = ask("GET", PATH, None).await.map_err(|_| t!("sessions-unreachable"))?;
    let mut sessions: Vec<OpenSession> =
        serde_json::from_slice(text.as_bytes()).map_err(|_| t!("sessions-unreachable"))?;
    sessions.sort_by_key(|session| !session.is_current);
    Ok(Some(sessions))
}

/// Ends what stands at this address. What has ended already counts as ended.
async fn end(path: &str) -> Result<(), AttrValue> {
    match ask("DELETE", path, None).await {
        Ok(_) => Ok(()),
        Err(ApiProblem::Refused(problem)) if problem.status == 404 => Ok(()),
        Err(_) => Err(t!("sessions-unreachable")),
    }
}

#[component]
pub fn SessionsPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let busy = use_state(|| false);
    let asking = use_state(|| false);
    let toast = use_toast();
    let is_phone = use_layout().is_phone();
    {
        let answer = answer.setter();
        use_effect_with((), move |()| spawn_local(async move { answer.set(read().await) }));
    }
    let end = {
        let (answer, busy, asking) = (answer.setter(), busy.clone(), asking.setter());
        Callback::from(move |path: String| {
            let (answer, setter, toast) = (answer.clone(), busy.setter(), toast.clone());
            busy.set(true);
            asking.set(false);
            spawn_local(async move {
                match end(&path).await {
                    Ok(()) => answer.set(read().await),
                    Err(text) => toast.show(Toast::new("circle-alert", text)),
                }
                setter.set(false);
            });
        })
    };
    let others = answer.as_ref().ok().and_then(Option::as_ref).is_some_and(|sessions| sessions.len() > 1);
    let ask_first = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(true))
    };
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(sessions)) => html! {
            <div class="stack" style="--gap:1rem;max-inline-size:48rem">
                <ul class="card list" style="border-radius:16px;overflow:hidden" aria-label={t!("sessions")}>
                    { for sessions.iter().map(|session| row(session, &end, *busy)) }
                </ul>
                if others {
                    <p class="t-14 muted">{ t!("sessions-hint") }</p>
                    <div><button type="button" class={classes!("btn", is_phone.then_some("btn--block"))} onclick={ask_first} disabled={*busy}>
                        { icon("power-off") }{ t!("sessions-end-others") }
                    </button></div>
                }
                <DeviceList />
            </div>
        },
    };
    html! {
        <Page title={t!("sessions")} subtitle={t!("sessions-subtitle")} back={is_phone.then_some(Route::More)}>
            { body }
            if *asking { { end_others(&asking, &end) } }
        </Page>
    }
}

fn row(session: &OpenSession, end: &Callback<String>, busy: bool) -> Html {
    let id = session.id;
    let onclick = end.reform(move |_: MouseEvent| format!("{PATH}/{id}"));
    let used = match session.is_current {
        true => t!("sessions-here"),
        false => t!("sessions-used", when = day_and_time(session.last_used_at).to_string()),
    };
    let since = t!("sessions-since", when = day_and_time(session.created_at).to_string());
    html! {
        <li key={id.to_string()} class="list__row">
            { icon_sized("monitor", 20) }
            <span class="grow">
                <b class="t-16" style="display:block">{ session.device_name.clone() }</b>
                <span class="t-14 muted" style="display:block">{ used }</span>
                <span class="t-14 muted" style="display:block">{ since }</span>
            </span>
            if !session.is_current {
                <button type="button" class="btn" {onclick} disabled={busy} aria-label={t!("sessions-end-on", device = session.device_name.clone())}>
                    { t!("sign-out") }
                </button>
            }
        </li>
    }
}

fn end_others(asking: &UseStateHandle<bool>, end: &Callback<String>) -> Html {
    let close = {
        let asking = asking.clone();
        Callback::from(move |()| asking.set(false))
    };
    let keep = close.reform(|_: MouseEvent| ());
    let end = end.reform(|_: MouseEvent| PATH.to_owned());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={keep}>{ t!("close") }</button>
            <button type="button" class="btn btn--primary" onclick={end}>{ t!("sessions-end-others") }</button>
        </>
    };
    html! {
        <Dialog title={t!("sessions-end-others-title")} onclose={close} {actions}>
            <p>{ t!("sessions-end-others-text") }</p>
        </Dialog>
    }
}
