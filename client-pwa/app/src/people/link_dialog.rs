//! A link to be handed over, on a server that sends no email.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{FocusEvent, HtmlInputElement};
use yew::prelude::*;

use crate::browser;
use crate::locale::t;
use crate::widgets::{Dialog, Toast, icon, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// The address below this server's own.
    pub link: AttrValue,
    /// Whom it is for.
    pub name: AttrValue,
    pub onclose: Callback<()>,
}

#[component]
pub(super) fn LinkDialog(props: &Props) -> Html {
    let toast = use_toast();
    let address = format!("{}{}", browser::window().location().origin().unwrap_or_default(), props.link);
    let copy = {
        let address = address.clone();
        Callback::from(move |_: MouseEvent| {
            let (address, toast) = (address.clone(), toast.clone());
            spawn_local(async move {
                let written = browser::window().navigator().clipboard().write_text(&address);
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
        <Dialog title={t!("people-link-title", name = props.name.to_string())} onclose={props.onclose.clone()} {actions}>
            <p>{ t!("people-link-text") }</p>
            <input class="input mono" autocomplete="off" readonly=true value={address} aria-label={t!("people-link")} onfocus={select} />
        </Dialog>
    }
}
