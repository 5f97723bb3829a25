//! An organisation that wants its devices locked: nothing is stored before there is a PIN.

use client_bridge::codec::Keys;
use client_bridge::lock::IDLE_MINUTES;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::frame::frame;
use super::pin_form::{PinForm, put_on};
use super::profiles::Profile;
use crate::browser;
use crate::locale::t;
use crate::widgets::use_toast;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub profile: Profile,
    pub idle_minutes: Option<u32>,
    pub onset: Callback<Keys>,
}

#[component]
pub fn SetPinPage(props: &Props) -> Html {
    use_effect_with((), |()| browser::document().set_title(&t!("lock-document-title")));
    let busy = use_state_eq(|| false);
    let toast = use_toast();
    let onchosen = {
        let (props, busy) = (props.clone(), busy.setter());
        Callback::from(move |pin: String| {
            busy.set(true);
            let (props, busy, toast) = (props.clone(), busy.clone(), toast.clone());
            spawn_local(async move {
                let minutes = props.idle_minutes.unwrap_or(IDLE_MINUTES);
                if let Some(keys) = put_on(&props.profile, &pin, minutes, &toast).await {
                    props.onset.emit(keys);
                }
                busy.set(false);
            });
        })
    };
    frame(html! {
        <>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("lock-required-title") }</h1>
            <p>{ t!("lock-required-text") }</p>
            <PinForm go={t!("lock-turn-on")} busy={*busy} {onchosen} />
        </>
    })
}
