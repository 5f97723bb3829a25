//! Signing out: with a warning when unsent work stays behind.

use yew::prelude::*;

use super::{change_profile, use_session};
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
    let waiting = sync.unsent() + sync.attention() + sync.unanswered;
    let busy = use_state_eq(|| false);
    let leave = {
        let (engine, busy, device) = (engine.clone(), busy.setter(), session.signed_in.device.id);
        Callback::from(move |_: MouseEvent| {
            busy.set(true);
            // It counts before another tab hears of it.
            change_profile(device, |profile| profile.signed_out = true);
            engine.sign_out();
        })
    };
    let stay = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={stay}>{ t!("stay-signed-in") }</button>
            <button type="button" class={classes!("btn", if waiting > 0 { "btn--danger" } else { "btn--primary" })} onclick={leave} aria-busy={busy.to_string()}>{ t!("sign-out") }</button>
        </>
    };
    html! {
        <Dialog title={t!("sign-out-title")} onclose={props.onclose.clone()} {actions}>
            if waiting > 0 {
                <p><b>{ t!("sign-out-unsent", count = waiting) }</b>{ " " }{ t!("sign-out-unsent-hint") }</p>
            } else {
                <p>{ t!("sign-out-hint") }</p>
            }
        </Dialog>
    }
}
