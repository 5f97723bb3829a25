//! Deleting an order that should never have been: asked once, decided by the server.

use std::rc::Rc;

use shared_model::features::work_order::WorkOrder;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::locale::t;
use crate::route::Route;
use crate::session::{self, ApiProblem};
use crate::widgets::{Dialog, Toast, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
    pub onclose: Callback<()>,
}

/// Says what it means, and does it.
#[component]
pub fn DeleteDialog(props: &Props) -> Html {
    let busy = use_state(|| false);
    let (toast, navigator) = (use_toast(), use_navigator());
    let confirm = {
        let (path, busy) = (format!("/api/documents/{}", props.order.id), busy.clone());
        let onclose = props.onclose.clone();
        Callback::from(move |_: MouseEvent| {
            let (path, onclose) = (path.clone(), onclose.clone());
            let (toast, navigator) = (toast.clone(), navigator.clone());
            busy.set(true);
            spawn_local(async move {
                let outcome = session::ask("DELETE", &path, None).await;
                onclose.emit(());
                let is_gone = outcome.is_ok() || outcome.as_ref().is_err_and(is_gone);
                let (icon, text) = match is_gone {
                    true => ("trash-2", t!("delete-order-done")),
                    false => ("circle-alert", t!("delete-order-not")),
                };
                toast.show(Toast::new(icon, text));
                if let Some(navigator) = navigator.filter(|_| is_gone) {
                    navigator.replace(&Route::WorkOrders);
                }
            });
        })
    };
    let back = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={back}>{ t!("back") }</button>
            <button type="button" class="btn btn--danger" disabled={*busy} onclick={confirm}>{ t!("delete-order") }</button>
        </>
    };
    let title = t!("delete-order-title", number = props.order.number.clone());
    html! { <Dialog {title} onclose={props.onclose.clone()} {actions}><p>{ t!("delete-order-text") }</p></Dialog> }
}

/// Somebody else was first.
fn is_gone(problem: &ApiProblem) -> bool {
    problem.code() == "not_found"
}
