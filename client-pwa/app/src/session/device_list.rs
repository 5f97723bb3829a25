//! The devices of a person, how each stands, and what can be done with one that was lost: signing out there, or having it
//! erased. It is asked of the server, so there is nothing to see here without a network.

use shared_model::account::{Device, DeviceState};
use shared_model::identity::{DeviceId, PersonId};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{ApiProblem, ask, call};
use crate::locale::{day_and_time, t};
use crate::widgets::{Dialog, Toast, icon_sized, use_toast};

const PATH: &str = "/api/devices";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Whose; nobody: one's own.
    #[prop_or_default]
    pub person: Option<PersonId>,
}

#[derive(Clone, Copy, PartialEq)]
enum Deed {
    SignOut(DeviceId),
    Wipe(DeviceId),
    TakeBack(DeviceId),
}

impl Deed {
    async fn done(self) -> Result<(), ApiProblem> {
        let (method, path) = match self {
            Self::SignOut(id) => ("DELETE", format!("{PATH}/{id}/sessions")),
            Self::Wipe(id) => ("POST", format!("{PATH}/{id}/wipe")),
            Self::TakeBack(id) => ("DELETE", format!("{PATH}/{id}/wipe")),
        };
        ask(method, &path, None).await.map(drop)
    }
}

async fn read(person: Option<PersonId>) -> Result<Vec<Device>, ApiProblem> {
    let path = person.map_or_else(|| PATH.to_owned(), |person| format!("{PATH}?person={person}"));
    call("GET", &path, None::<()>).await
}

#[component]
pub fn DeviceList(props: &Props) -> Html {
    let devices = use_state(|| None::<Vec<Device>>);
    let asking = use_state(|| None::<Device>);
    let busy = use_state_eq(|| false);
    let toast = use_toast();
    {
        let devices = devices.setter();
        use_effect_with(props.person, move |person| {
            let person = *person;
            spawn_local(async move { devices.set(read(person).await.ok()) });
        });
    }
    let act = {
        let (person, devices, asking, busy) = (props.person, devices.setter(), asking.setter(), busy.clone());
        Callback::from(move |deed: Deed| {
            busy.set(true);
            asking.set(None);
            let (devices, busy, toast) = (devices.clone(), busy.setter(), toast.clone());
            spawn_local(async move {
                match deed.done().await {
                    Ok(()) => devices.set(read(person).await.ok()),
                    Err(_) => toast.show(Toast::new("circle-alert", t!("sessions-unreachable"))),
                }
                busy.set(false);
            });
        })
    };
    let Some(list) = devices.as_ref().filter(|list| !list.is_empty()) else { return Html::default() };
    html! {
        <section class="stack" style="--gap:.5rem" aria-labelledby="devices-title">
            <h2 id="devices-title" class="t-16">{ t!("devices") }</h2>
            <ul class="card list" style="border-radius:16px;overflow:hidden" aria-labelledby="devices-title">
                { for list.iter().map(|device| row(device, &act, &asking, *busy)) }
            </ul>
            <p class="t-14 muted">{ t!("devices-hint") }</p>
            if let Some(device) = &*asking { { wipe_question(device, &asking, &act) } }
        </section>
    }
}

fn row(device: &Device, act: &Callback<Deed>, asking: &UseStateHandle<Option<Device>>, busy: bool) -> Html {
    let id = device.id;
    let name = device.name.clone();
    let on = |deed: Deed| act.reform(move |_: MouseEvent| deed);
    let onwipe = {
        let (asking, device) = (asking.setter(), device.clone());
        Callback::from(move |_: MouseEvent| asking.set(Some(device.clone())))
    };
    let buttons = match device.state {
        DeviceState::WipeAsked { .. } => html! {
            <button type="button" class="btn" onclick={on(Deed::TakeBack(id))} disabled={busy} aria-label={t!("devices-keep-on", device = name)}>{ t!("devices-keep") }</button>
        },
        DeviceState::Active if !device.is_current => html! {
            <>
                if device.signed_in {
                    <button type="button" class="btn" onclick={on(Deed::SignOut(id))} disabled={busy} aria-label={t!("devices-sign-out-on", device = name.clone())}>{ t!("sign-out") }</button>
                }
                <button type="button" class="btn" onclick={onwipe} disabled={busy} aria-label={t!("devices-wipe-on", device = name)}>{ t!("devices-wipe") }</button>
            </>
        },
        DeviceState::Active | DeviceState::Revoked | DeviceState::Wiped { .. } => Html::default(),
    };
    html! {
        <li key={id.to_string()} class="list__row row--wrap">
            { icon_sized("smartphone", 20) }
            <span class="grow">
                <b class="t-16" style="display:block">{ device.name.clone() }</b>
                <span class="t-14 muted" style="display:block">{ state(device) }</span>
            </span>
            { buttons }
        </li>
    }
}

fn state(device: &Device) -> AttrValue {
    let when = |at| day_and_time(at).to_string();
    match device.state {
        DeviceState::Active if device.is_current => t!("sessions-here"),
        DeviceState::Active => t!("devices-active", when = when(device.last_seen_at)),
        DeviceState::Revoked => t!("devices-revoked"),
        DeviceState::WipeAsked { at } => t!("devices-wipe-asked", when = when(at)),
        DeviceState::Wiped { at, handed_in } => t!("devices-wiped", when = when(at), count = handed_in),
    }
}

fn wipe_question(device: &Device, asking: &UseStateHandle<Option<Device>>, act: &Callback<Deed>) -> Html {
    let close = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(None))
    };
    let keep = close.reform(|_: MouseEvent| ());
    let id = device.id;
    let wipe = act.reform(move |_: MouseEvent| Deed::Wipe(id));
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={keep}>{ t!("close") }</button>
            <button type="button" class="btn btn--danger" onclick={wipe}>{ t!("devices-wipe") }</button>
        </>
    };
    html! {
        <Dialog title={t!("devices-wipe-title", device = device.name.clone())} onclose={close} {actions}>
            <p>{ t!("devices-wipe-text") }</p>
        </Dialog>
    }
}
