//! A locked database: its PIN or passkey opens it, here or in another tab. Without a network it works as well.

use client_bridge::codec::{DataKey, Keys};
use client_bridge::lock::{Lock, Shut};
use client_bridge::{ToApp, ToEngine};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};
use yew::prelude::*;

use super::frame::frame;
use super::obey::{Obeyed, obey};
use super::pin_form::FRAME_MS;
use super::profiles::{self, Profile};
use super::vault;
use super::{device_passkey, wiped};
use crate::browser;
use crate::locale::t;
use crate::widgets::{Field, TextField, avatar, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub profile: Profile,
    pub lock: Lock,
    /// The data key, or all keys as another tab has them.
    pub onopen: Callback<Opened>,
    /// Somebody else wants to work.
    pub onswitch: Callback<()>,
    /// It was to be erased, and nothing of it is left.
    pub onwiped: Callback<u64>,
    /// The PIN is forgotten: begin anew.
    pub onforgotten: Callback<()>,
}

/// What unlocking gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opened {
    Key(DataKey),
    Elsewhere(Keys),
}

#[derive(Clone, PartialEq)]
enum Step {
    Asking(AttrValue),
    Busy,
    Forgotten,
}

#[component]
pub fn UnlockPage(props: &Props) -> Html {
    let pin = use_state(String::new);
    let step = use_state(|| Step::Asking(AttrValue::default()));
    use_effect_with((), |()| browser::document().set_title(&t!("lock-document-title")));
    use_elsewhere(&props.profile, &props.onopen);
    let is_to_wipe = use_orders(props);
    let onsubmit = {
        let (profile, pin, step, onopen) =
            (props.profile.clone(), pin.clone(), step.clone(), props.onopen.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *step == Step::Busy || pin.is_empty() {
                return;
            }
            step.set(Step::Busy);
            let (profile, pin, step, onopen) = (profile.clone(), pin.clone(), step.setter(), onopen.clone());
            spawn_local(async move {
                TimeoutFuture::new(FRAME_MS).await;
                match vault::try_pin(&profile, &pin).await {
                    Ok((_, key)) => onopen.emit(Opened::Key(key)),
                    Err(shut) => {
                        pin.set(String::new());
                        step.set(Step::Asking(explain(shut)));
                    }
                }
            });
        })
    };
    if *step == Step::Forgotten {
        return forgotten(props, &step);
    }
    let by_passkey = by_passkey(props, &step);
    let onforgotten = {
        let step = step.setter();
        Callback::from(move |_: MouseEvent| step.set(Step::Forgotten))
    };
    let onswitch = props.onswitch.reform(|_: MouseEvent| ());
    let oninput = {
        let pin = pin.setter();
        Callback::from(move |text| pin.set(text))
    };
    let problem = if let Step::Asking(problem) = &*step { problem.clone() } else { AttrValue::default() };
    let busy = *step == Step::Busy;
    frame(html! {
        <>
            <h1 class="row" style="font-size:2rem;letter-spacing:-.03em;--gap:.75rem">
                { avatar(&spaced(&props.profile.initials), "av--40") }<span>{ t!("lock-title") }</span>
            </h1>
            { waiting(&props.profile) }
            if is_to_wipe {
                <div class="banner" data-tone="amber" style="border-radius:12px">{ icon("triangle-alert") }<p>{ t!("lock-wipe-waits") }</p></div>
            }
            <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true autocomplete="off">
                <Field id="pin" label={t!("lock-pin")} problem={problem.clone()}>
                    <TextField id="pin" kind="password" autocomplete="off" value={(*pin).clone()} {oninput} invalid={!problem.is_empty()} style="min-block-size:max(2.75rem,var(--control))" />
                </Field>
                <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                    if busy { <span class="spinner" aria-hidden="true"></span> }
                    { t!("lock-open") }
                </button>
                { by_passkey }
                <div class="row row--wrap" style="--gap:.5rem">
                    <button type="button" class="btn btn--ghost" onclick={onswitch}>{ t!("somebody-else") }</button>
                    <button type="button" class="btn btn--ghost" onclick={onforgotten}>{ t!("lock-forgotten") }</button>
                </div>
            </form>
        </>
    })
}

/// Two letters as the words they begin, so that they are drawn as for a name.
pub(super) fn spaced(initials: &str) -> String {
    initials.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// What of this profile the server does not have.
pub(super) fn waiting(profile: &Profile) -> Html {
    if profile.waiting == 0 {
        return Html::default();
    }
    html! {
        <div class="banner" data-tone="neutral" style="border-radius:12px">
            { icon("smartphone") }
            <p><b>{ t!("sign-in-waiting", count = profile.waiting) }</b>{ " " }{ t!("lock-waiting-hint") }</p>
        </div>
    }
}

/// Why a PIN opened nothing.
pub(super) fn explain(shut: Option<Shut>) -> AttrValue {
    match shut {
        Some(Shut::Wrong) => t!("lock-wrong"),
        Some(Shut::Wait(millis)) => t!("lock-wait", seconds = millis.unsigned_abs().div_ceil(1_000)),
        None => t!("lock-unreadable"),
    }
}

/// A device that is to be erased hears of it while it is locked, too; true when it has work to hand in first.
#[hook]
fn use_orders(props: &Props) -> bool {
    let waits = use_state_eq(|| false);
    let (setter, onwiped) = (waits.setter(), props.onwiped.clone());
    use_effect_with(props.profile.clone(), move |profile| {
        let profile = profile.clone();
        spawn_local(async move {
            match obey(&profile).await {
                Obeyed::NotAsked => {}
                Obeyed::HasWork => setter.set(true),
                Obeyed::Erased => {
                    wiped::forget(profile.device, 0);
                    onwiped.emit(0);
                }
            }
        });
    });
    *waits
}

/// A tab that is open tells the keys, and so does one that opens later; but none that was open when it was locked, and still has to
/// save something.
#[hook]
fn use_elsewhere(profile: &Profile, onopen: &Callback<Opened>) {
    let (onopen, device) = (onopen.clone(), profile.device);
    use_effect_with(profile.database(), move |name| {
        let channel = BroadcastChannel::new(name);
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let message = event.data().as_string().and_then(|text| ToApp::parse(&text));
            let locked = || profiles::of(device).map_or(0, |profile| profile.locked);
            if let Some(ToApp::Unlocked { keys, locked_before }) = message
                && keys.seals.is_some()
                && locked_before == locked()
            {
                onopen.emit(Opened::Elsewhere(keys));
            }
        });
        if let Ok(channel) = &channel {
            channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // Where nobody listens nobody answers.
            let _ = channel.post_message(&ToEngine::KeysWanted.encode().into());
        }
        move || {
            if let Ok(channel) = channel {
                channel.set_onmessage(None);
                channel.close();
            }
            drop(listener);
        }
    });
}

fn by_passkey(props: &Props, step: &UseStateHandle<Step>) -> Html {
    let Some((credential, salt)) = props.lock.passkey() else { return Html::default() };
    let onclick = {
        let (profile, lock, step) = (props.profile.clone(), props.lock.clone(), step.clone());
        let onopen = props.onopen.clone();
        Callback::from(move |_: MouseEvent| {
            if *step == Step::Busy {
                return;
            }
            step.set(Step::Busy);
            let (profile, lock, step) = (profile.clone(), lock.clone(), step.setter());
            let onopen = onopen.clone();
            let (credential, salt) = (credential.clone(), salt.clone());
            spawn_local(async move {
                let secret = device_passkey::secret(&credential, &salt).await;
                match secret.ok().and_then(|secret| lock.open_with_passkey(secret).ok()) {
                    Some(key) => {
                        vault::put_back(&profile, &lock).await;
                        onopen.emit(Opened::Key(key));
                    }
                    None => step.set(Step::Asking(t!("lock-passkey-failed"))),
                }
            });
        })
    };
    html! {
        <button type="button" class="btn btn--lg btn--block" style="min-block-size:3rem" {onclick}>{ icon("lock-keyhole") }{ t!("lock-open-passkey") }</button>
    }
}

/// What a forgotten PIN means, before anybody begins anew.
fn forgotten(props: &Props, step: &UseStateHandle<Step>) -> Html {
    let back = {
        let step = step.setter();
        Callback::from(move |_: MouseEvent| step.set(Step::Asking(AttrValue::default())))
    };
    let go = props.onforgotten.reform(|_: MouseEvent| ());
    frame(html! {
        <>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("lock-forgotten") }</h1>
            <p>{ t!("lock-forgotten-text") }</p>
            if props.profile.waiting > 0 {
                <div class="banner" data-tone="amber" style="border-radius:12px">
                    { icon("triangle-alert") }<p>{ t!("lock-forgotten-waiting", count = props.profile.waiting) }</p>
                </div>
            }
            <button type="button" class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" onclick={go}>{ t!("lock-begin-anew") }</button>
            <div><button type="button" class="btn btn--ghost" onclick={back}>{ icon("arrow-left") }{ t!("back") }</button></div>
        </>
    })
}
