//! Choosing a PIN: typed twice, long enough, no row.

use client_bridge::codec::Keys;
use client_bridge::lock::{WeakPin, check_pin};
use gloo_timers::future::TimeoutFuture;
use yew::prelude::*;

use super::profiles::Profile;
use super::vault::{NotPut, Vault};
use crate::browser;
use crate::locale::t;
use crate::widgets::{Field, TextField, Toast, Toaster};

/// Time for the browser to show that something is under way.
pub(super) const FRAME_MS: u32 = 50;
/// After how many idle minutes a device may lock itself.
pub(super) const IDLE_CHOICES: [u32; 5] = [1, 5, 15, 30, 60];

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What the button says.
    pub go: AttrValue,
    pub busy: bool,
    /// A PIN that was typed twice.
    pub onchosen: Callback<String>,
}

/// Two fields and a button.
#[component]
pub fn PinForm(props: &Props) -> Html {
    let (first, second) = (use_state(String::new), use_state(String::new));
    let problem = use_state(AttrValue::default);
    let onsubmit = {
        let (first, second, problem) = (first.to_string(), second.to_string(), problem.setter());
        let (busy, onchosen) = (props.busy, props.onchosen.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if busy {
                return;
            }
            match judge(&first, &second) {
                Some(words) => problem.set(words),
                None => onchosen.emit(first.clone()),
            }
        })
    };
    let typed = |state: &UseStateHandle<String>| {
        let (state, problem) = (state.setter(), problem.setter());
        Callback::from(move |text| {
            problem.set(AttrValue::default());
            state.set(text);
        })
    };
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true autocomplete="off">
            <Field id="pin-new" label={t!("lock-pin-new")} hint={t!("lock-pin-hint")}>
                <TextField id="pin-new" kind="password" autocomplete="off" value={(*first).clone()} oninput={typed(&first)} style="min-block-size:max(2.75rem,var(--control))" />
            </Field>
            <Field id="pin-again" label={t!("lock-pin-again")} problem={(*problem).clone()}>
                <TextField id="pin-again" kind="password" autocomplete="off" value={(*second).clone()} oninput={typed(&second)} invalid={!problem.is_empty()} style="min-block-size:max(2.75rem,var(--control))" />
            </Field>
            <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={props.busy.to_string()}>
                if props.busy { <span class="spinner" aria-hidden="true"></span> }
                { props.go.clone() }
            </button>
        </form>
    }
}

fn judge(first: &str, second: &str) -> Option<AttrValue> {
    match check_pin(first) {
        Err(WeakPin::Short) => Some(t!("lock-pin-short")),
        Err(WeakPin::Easy) => Some(t!("lock-pin-easy")),
        Ok(()) => (first != second).then(|| t!("lock-pin-differs")),
    }
}

/// Puts a lock on that this PIN opens, and says why if it could not.
pub(super) async fn put_on(profile: &Profile, pin: &str, idle_minutes: u32, toast: &Toaster) -> Option<Keys> {
    TimeoutFuture::new(FRAME_MS).await;
    match Vault::lock_with(profile, pin, idle_minutes).await {
        Ok(keys) => return Some(keys),
        Err(NotPut::Locked) => browser::reload(),
        Err(error) => {
            browser::log(&format!("The lock could not be stored: {error}"));
            toast.show(Toast::new("circle-alert", t!("lock-not-stored")));
        }
    }
    None
}
