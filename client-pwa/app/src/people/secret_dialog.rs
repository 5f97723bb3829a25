//! What is shown once and handed over: a link, on a server that sends no email, or the secret of a key.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{FocusEvent, HtmlInputElement};
use yew::prelude::*;

use crate::browser;
use crate::locale::t;
use crate::widgets::{Dialog, Toast, icon, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub title: AttrValue,
    /// What to do with it.
    pub text: AttrValue,
    /// What it is called.
    pub label: AttrValue,
    pub secret: AttrValue,
    pub onclose: Callback<()>,
}

#[component]
pub(super) fn SecretDialog(props: &Props) -> Html {
    let toast = use_toast();
    let copy = {
        let secret = props.secret.clone();
        Callback::from(move |_: MouseEvent| {
            let (secret, toast) = (secret.clone(), toast.clone());
            spawn_local(async move {
                let written = browser::window().navigator().clipboard().write_text(&secret);
                let said = if JsFuture::from(written).await.is_ok() {
                    Toast::new("check", t!("people-link-copied"))
                } else {
                    Toast::new("circle-alert", t!("people-link-not-copied"))
                };
                toast.show(said);
            });
        })
    };
    let select =
        Callback::from(|event: FocusEvent| event.target_unchecked_into::<HtmlInputElement>().select());
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="button" class="btn btn--primary" onclick={copy}>{ icon("copy") }{ t!("people-link-copy") }</button>
        </>
    };
    html! {
        <Dialog title={props.title.clone()} onclose={props.onclose.clone()} {actions}>
            <p>{ props.text.clone() }</p>
            <input class="input mono" autocomplete="off" readonly=true value={props.secret.clone()} aria-label={props.label.clone()} onfocus={select} />
        </Dialog>
    }
}
