//! Recovery codes, shown this once.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::browser;
use crate::locale::t;
use crate::widgets::{Dialog, Toast, icon, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) codes: Vec<String>,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn CodesDialog(props: &Props) -> Html {
    let toast = use_toast();
    let copy = {
        let text = props.codes.join("\n");
        Callback::from(move |_: MouseEvent| {
            let (text, toast) = (text.clone(), toast.clone());
            spawn_local(async move {
                let written =
                    JsFuture::from(browser::window().navigator().clipboard().write_text(&text)).await;
                toast.show(match written {
                    Ok(_) => Toast::new("check", t!("people-link-copied")),
                    Err(_) => Toast::new("circle-alert", t!("recovery-codes-not-copied")),
                });
            });
        })
    };
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={copy}>{ icon("copy") }{ t!("people-link-copy") }</button>
            <button type="button" class="btn btn--primary" onclick={close}>{ t!("recovery-codes-kept") }</button>
        </>
    };
    html! {
        // Only the button closes it: the codes are not shown again.
        <Dialog title={t!("recovery-codes")} onclose={Callback::noop()} {actions}>
            <p>{ t!("recovery-codes-text") }</p>
            <ul class="mono t-16" aria-label={t!("recovery-codes")} style="display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.5rem;list-style:none;padding:0;user-select:all">
                { for props.codes.iter().map(|code| html! { <li key={code.clone()}>{ code }</li> }) }
            </ul>
        </Dialog>
    }
}
