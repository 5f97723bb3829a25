//! Signing out: with a warning when unsent work stays behind.

use yew::prelude::*;

use super::{profile_of, use_session};
use crate::engine_client::use_engine;
use crate::hooks::use_watched;
use crate::locale::t;
use crate::widgets::Dialog;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onclose: Callback<()>,
}

/// Asks once, says what stays on the device, and signs out.
#[component]
pub fn SignOut(props: &Props) -> Html {
    let session = use_session();
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let device = session.signed_in.device.id;
    // Until the engine says it, what was known when the app was last open.
    let before = if sync.is_told { 0 } else { profile_of(device).map_or(0, |profile| profile.waiting) };
    let waiting = before + sync.unsent() + sync.attention() + sync.held() + sync.unanswered;
    let busy = use_state_eq(|| false);
    let leave = {
        let (engine, busy) = (engine.clone(), busy.clone());
        Callback::from(move |_: MouseEvent| {
            if !*busy {
                busy.set(true);
                engine.sign_out();
            }
        })
    };
    // What it waits for may never be saved.
    let onclose = {
        let (engine, busy, onclose) = (engine.clone(), *busy, props.onclose.clone());
        Callback::from(move |()| {
            if !busy || engine.stay() {
                onclose.emit(());
            }
        })
    };
    let stay = onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={stay}>{ t!("stay-signed-in") }</button>
            <button type="button" class={classes!("btn", if waiting > 0 { "btn--danger" } else { "btn--primary" })} onclick={leave} aria-busy={busy.to_string()}>{ t!("sign-out") }</button>
        </>
    };
    html! {
        <Dialog title={t!("sign-out-title")} {onclose} {actions}>
            if waiting > 0 {
                <p><b>{ t!("sign-out-unsent", count = waiting) }</b>{ " " }{ t!("sign-out-unsent-hint") }</p>
            } else {
                <p>{ t!("sign-out-hint") }</p>
            }
        </Dialog>
    }
}
