//! Choosing a PIN: typed twice, long enough, no row.

use client_bridge::lock::{WeakPin, check_pin};
use yew::prelude::*;

use crate::locale::t;
use crate::widgets::{Field, TextField};

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
