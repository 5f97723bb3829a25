//! Letting somebody in who lost phone, key and recovery codes.

use shared_model::identity::PersonId;
use shared_model::people::Member;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use crate::locale::t;
use crate::security::ProofDialog;
use crate::widgets::{Dialog, Toast, icon, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) id: PersonId,
    pub(super) onreset: Callback<Member>,
}

#[derive(Clone, Copy, PartialEq)]
enum Asking {
    Nothing,
    Sure,
    Proof,
}

#[component]
pub(super) fn FactorReset(props: &Props) -> Html {
    let asking = use_state_eq(|| Asking::Nothing);
    let toast = use_toast();
    let ask = |what: Asking| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(what))
    };
    let reset = {
        let (id, onreset, asking, toast) = (props.id, props.onreset.clone(), asking.setter(), toast);
        Callback::from(move |()| {
            let (onreset, asking, toast) = (onreset.clone(), asking.clone(), toast.clone());
            asking.set(Asking::Nothing);
            spawn_local(async move {
                match api::reset_factors(id).await {
                    Ok(member) => {
                        toast.show(Toast::new("check", t!("people-factors-reset")));
                        onreset.emit(member);
                    }
                    Err(refused) if refused.code() == "proof_required" => asking.set(Asking::Proof),
                    Err(refused) => toast.show(Toast::new("circle-alert", api::explain(&refused))),
                }
            });
        })
    };
    let onclose = ask(Asking::Nothing);
    let over = match *asking {
        Asking::Nothing => Html::default(),
        Asking::Proof => html! { <ProofDialog onproven={reset.clone()} {onclose} /> },
        Asking::Sure => {
            let close = onclose.reform(|_: MouseEvent| ());
            let go = reset.reform(|_: MouseEvent| ());
            let actions = html! {
                <>
                    <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
                    <button type="button" class="btn btn--primary" onclick={go}>{ t!("people-factors-go") }</button>
                </>
            };
            html! {
                <Dialog title={t!("people-factors-title")} {onclose} {actions}><p>{ t!("people-factors-text") }</p></Dialog>
            }
        }
    };
    let begin = ask(Asking::Sure).reform(|_: MouseEvent| ());
    html! {
        <>
            <button type="button" class="btn" onclick={begin}>{ icon("shield") }{ t!("people-factors") }</button>
            { over }
        </>
    }
}
