//! The lock of this device: putting it on, another PIN, a passkey, after how long, and taking it off.

use client_bridge::codec::Keys;
use client_bridge::lock::{IDLE_MINUTES, Lock};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::pin_form::{FRAME_MS, IDLE_CHOICES, PinForm, put_on};
use super::profiles::{self, Profile};
use super::{device_passkey, passkey, unlock_page, use_session, vault};
use crate::browser;
use crate::engine_client::{Engine, use_engine};
use crate::hooks::{use_layout, use_watched};
use crate::locale::t;
use crate::route::Route;
use crate::shell::Page;
use crate::widgets::{Field, SelectField, TextField, Toast, icon, use_toast};

/// What is asked for, with the present PIN.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    OtherPin,
    Off,
}

#[component]
pub fn LockPage() -> Html {
    let engine = use_engine();
    let session = use_session();
    let sync = use_watched(engine.sync());
    let device = session.signed_in.device.id;
    let profile = use_state(|| profiles::of(device));
    let asked = use_state(|| None::<Asked>);
    let is_phone = use_layout().is_phone();
    let onchanged = {
        let (profile, asked) = (profile.setter(), asked.setter());
        Callback::from(move |()| {
            profile.set(profiles::of(device));
            asked.set(None);
        })
    };
    let required = session.signed_in.device_lock.is_some();
    let body = match (*profile).clone() {
        None => Html::default(),
        Some(profile) => match profile.lock.clone() {
            None if sync.sealing => html! { <p role="status">{ t!("lock-opening") }</p> },
            None => html! { <TurnOn {profile} {onchanged} /> },
            Some(lock) => html! {
                <>
                    if sync.sealing { <p class="t-14 muted" role="status">{ t!("lock-sealing") }</p> }
                    { standing(&engine, &profile, &lock, &asked, required, &onchanged) }
                </>
            },
        },
    };
    html! {
        <Page title={t!("lock-device")} subtitle={t!("lock-subtitle")} back={is_phone.then_some(Route::More)}>
            <div class="stack" style="--gap:1rem;max-inline-size:36rem">{ body }</div>
        </Page>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PartProps {
    profile: Profile,
    onchanged: Callback<()>,
}

/// Nothing is locked: what a lock does, and the PIN for it.
#[component]
fn TurnOn(props: &PartProps) -> Html {
    let (engine, toast) = (use_engine(), use_toast());
    let busy = use_state_eq(|| false);
    let onchosen = {
        let (props, busy) = (props.clone(), busy.setter());
        Callback::from(move |pin: String| {
            busy.set(true);
            let (props, busy, engine, toast) = (props.clone(), busy.clone(), engine.clone(), toast.clone());
            spawn_local(async move {
                if let Some(keys) = put_on(&props.profile, &pin, IDLE_MINUTES, &toast).await {
                    engine.seal(keys);
                    toast.show(Toast::new("lock", t!("lock-is-on")));
                }
                busy.set(false);
                props.onchanged.emit(());
            });
        })
    };
    html! {
        <>
            <p>{ t!("lock-about") }</p>
            <PinForm go={t!("lock-turn-on")} busy={*busy} {onchosen} />
        </>
    }
}

/// A lock is on: what can be done with it.
fn standing(
    engine: &Engine,
    profile: &Profile,
    lock: &Lock,
    asked: &UseStateHandle<Option<Asked>>,
    required: bool,
    onchanged: &Callback<()>,
) -> Html {
    let ask = |what: Asked| {
        let asked = asked.setter();
        Callback::from(move |_: MouseEvent| asked.set(Some(what)))
    };
    let lock_now = {
        let engine = engine.clone();
        Callback::from(move |_: MouseEvent| engine.lock())
    };
    html! {
        <>
            <button type="button" class="btn btn--primary btn--lg" onclick={lock_now}>{ icon("lock") }{ t!("lock-now") }</button>
            <IdleField profile={profile.clone()} lock={lock.clone()} onchanged={onchanged.clone()} />
            <PasskeyField profile={profile.clone()} lock={lock.clone()} onchanged={onchanged.clone()} />
            <div class="row row--wrap" style="--gap:.5rem">
                <button type="button" class="btn" onclick={ask(Asked::OtherPin)}>{ t!("lock-other-pin") }</button>
                if !required { <button type="button" class="btn" onclick={ask(Asked::Off)}>{ t!("lock-turn-off") }</button> }
            </div>
            if required { <p class="t-14 muted">{ t!("lock-required") }</p> }
            if let Some(what) = **asked {
                <WithPin {what} profile={profile.clone()} onchanged={onchanged.clone()} />
            }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LockProps {
    profile: Profile,
    lock: Lock,
    onchanged: Callback<()>,
}

#[component]
fn IdleField(props: &LockProps) -> Html {
    let engine = use_engine();
    let onchoose = {
        let props = props.clone();
        Callback::from(move |value: AttrValue| {
            let Ok(minutes) = value.parse() else { return };
            let mut lock = props.lock.clone();
            lock.idle_minutes = minutes;
            keep(&props, lock, &engine);
        })
    };
    let chosen = props.lock.idle_minutes;
    let mut minutes = IDLE_CHOICES.to_vec();
    if !minutes.contains(&chosen) {
        minutes.push(chosen);
        minutes.sort_unstable();
    }
    let options = minutes.into_iter().map(|each| (each.to_string().into(), t!("lock-minutes", count = each)));
    html! {
        <Field id="lock-idle" label={t!("lock-idle")}>
            <SelectField id="lock-idle" options={options.collect::<Vec<(AttrValue, AttrValue)>>()} chosen={chosen.to_string()} {onchoose} />
        </Field>
    }
}

#[component]
fn PasskeyField(props: &LockProps) -> Html {
    let (engine, toast) = (use_engine(), use_toast());
    let busy = use_state_eq(|| false);
    if !passkey::are_possible() {
        return Html::default();
    }
    if props.lock.passkey().is_some() {
        let forget = {
            let props = props.clone();
            Callback::from(move |_: MouseEvent| {
                let mut lock = props.lock.clone();
                lock.forget_passkey();
                keep(&props, lock, &engine);
            })
        };
        return html! {
            <div class="row row--wrap" style="--gap:.5rem">
                <span class="row" style="--gap:.375rem">{ icon("check") }{ t!("lock-passkey-there") }</span>
                <button type="button" class="btn" onclick={forget}>{ t!("lock-passkey-forget") }</button>
            </div>
        };
    }
    let make = {
        let (props, busy) = (props.clone(), busy.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(key) = engine.keys().seals.filter(|_| !*busy) else { return };
            busy.set(true);
            let (props, busy, toast, engine) = (props.clone(), busy.setter(), toast.clone(), engine.clone());
            spawn_local(async move {
                match device_passkey::make(&t!("lock-passkey-name")).await {
                    Ok(made) => {
                        let mut lock = props.lock.clone();
                        lock.set_passkey(
                            &made.credential,
                            &made.salt,
                            made.secret,
                            &key,
                            vault::random().nonce,
                        );
                        keep(&props, lock, &engine);
                    }
                    Err(error) => {
                        browser::log(&format!("no passkey was made: {error:?}"));
                        toast.show(Toast::new("circle-alert", t!("lock-passkey-none")));
                    }
                }
                busy.set(false);
            });
        })
    };
    html! {
        <div class="stack" style="--gap:.375rem">
            <div><button type="button" class="btn" onclick={make} aria-busy={busy.to_string()}>{ icon("lock-keyhole") }{ t!("lock-passkey-add") }</button></div>
            <p class="t-14 muted">{ t!("lock-passkey-hint") }</p>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct WithPinProps {
    what: Asked,
    profile: Profile,
    onchanged: Callback<()>,
}

/// Changing or taking off asks for the present PIN: whoever finds the device open must not lock its person out.
#[component]
fn WithPin(props: &WithPinProps) -> Html {
    let (engine, toast) = (use_engine(), use_toast());
    let present = use_state(String::new);
    let problem = use_state(AttrValue::default);
    let busy = use_state_eq(|| false);
    let oninput = {
        let (present, problem) = (present.setter(), problem.setter());
        Callback::from(move |text| {
            problem.set(AttrValue::default());
            present.set(text);
        })
    };
    let go = {
        let (props, present, problem, busy) =
            (props.clone(), present.to_string(), problem.setter(), busy.clone());
        Callback::from(move |new: Option<String>| {
            if *busy {
                return;
            }
            busy.set(true);
            let (props, present, problem, busy) =
                (props.clone(), present.clone(), problem.clone(), busy.setter());
            let (engine, toast) = (engine.clone(), toast.clone());
            spawn_local(async move {
                TimeoutFuture::new(FRAME_MS).await;
                match change(&props.profile, &present, new.as_deref(), &engine).await {
                    Ok(words) => {
                        toast.show(Toast::new("lock", words));
                        props.onchanged.emit(());
                    }
                    Err(words) => problem.set(words),
                }
                busy.set(false);
            });
        })
    };
    let pin = html! {
        <Field id="pin-present" label={t!("lock-pin-present")} problem={(*problem).clone()}>
            <TextField id="pin-present" kind="password" autocomplete="off" value={(*present).clone()} {oninput} invalid={!problem.is_empty()} />
        </Field>
    };
    match props.what {
        Asked::OtherPin => html! {
            <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("lock-other-pin")}>
                { pin }
                <PinForm go={t!("lock-other-pin-go")} busy={*busy} onchosen={go.reform(Some)} />
            </section>
        },
        Asked::Off => {
            let off = go.reform(|_: MouseEvent| None);
            html! {
                <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("lock-turn-off")}>
                    <p>{ t!("lock-turn-off-text") }</p>
                    { pin }
                    <button type="button" class="btn btn--danger" onclick={off} aria-busy={busy.to_string()}>{ t!("lock-turn-off-go") }</button>
                </section>
            }
        }
    }
}

/// Another PIN, or none: then the data key lies open until nothing is sealed under it any more.
async fn change(
    profile: &Profile,
    present: &str,
    new: Option<&str>,
    engine: &Engine,
) -> Result<AttrValue, AttrValue> {
    let (mut lock, key) = vault::try_pin(profile, present).await.map_err(unlock_page::explain)?;
    match new {
        Some(pin) => lock.set_pin(pin, &key, vault::random()),
        None => lock.lay_open(key),
    }
    vault::keep_copy(profile, &lock);
    engine.keep_lock(lock);
    if new.is_none() {
        engine.seal(Keys { seals: None, before: Some(key), bare: true });
    }
    // Whoever leaves the page before would need the present PIN.
    engine.lock_kept().await;
    Ok(if new.is_some() { t!("lock-pin-changed") } else { t!("lock-is-off") })
}

fn keep(props: &LockProps, lock: Lock, engine: &Engine) {
    vault::keep_copy(&props.profile, &lock);
    engine.keep_lock(lock);
    props.onchanged.emit(());
}
