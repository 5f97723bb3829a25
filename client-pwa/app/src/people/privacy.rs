//! What the law lets a person ask for: all that is known of them as a file, and that it goes.

use shared_model::people::{Member, Standing};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use crate::locale::t;
use crate::session;
use crate::widgets::{Dialog, Toast, icon, use_toast};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) member: Member,
    /// They are somebody else now.
    pub(super) onchange: Callback<Member>,
}

#[component]
pub(super) fn Privacy(props: &Props) -> Html {
    let asking = use_state(|| false);
    let ask = {
        let asking = asking.setter();
        Callback::from(move |_: MouseEvent| asking.set(true))
    };
    let close = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(false))
    };
    let toast = use_toast();
    let file = {
        let id = props.member.id;
        let failed = move |problem| toast.show(Toast::new("circle-alert", api::explain(&problem)));
        let (path, name) = (format!("/api/people/{id}/personal-data"), format!("personal-data-{id}.json"));
        session::download(path.into(), name.into(), Callback::from(failed))
    };
    let may_erase = props.member.standing == Standing::Disabled;
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("people-privacy")}>
            <h2 class="t-16">{ t!("people-privacy") }</h2>
            <div class="row row--wrap" style="--gap:.5rem">
                <button type="button" class="btn" onclick={file}>{ icon("download") }{ t!("people-data") }</button>
                if may_erase {
                    <button type="button" class="btn" onclick={ask}>{ icon("trash-2") }{ t!("people-erase") }</button>
                }
            </div>
            if !may_erase && props.member.standing != Standing::Erased { <p class="t-14 muted">{ t!("people-erase-hint") }</p> }
            if *asking { <EraseDialog member={props.member.clone()} onchange={props.onchange.clone()} onclose={close} /> }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct DialogProps {
    member: Member,
    onchange: Callback<Member>,
    onclose: Callback<()>,
}

/// Says what it means, and does it.
#[component]
fn EraseDialog(props: &DialogProps) -> Html {
    let busy = use_state(|| false);
    let toast = use_toast();
    let confirm = {
        let (props, busy) = (props.clone(), busy.setter());
        Callback::from(move |_: MouseEvent| {
            let (props, toast) = (props.clone(), toast.clone());
            busy.set(true);
            spawn_local(async move {
                let said = match api::erase(props.member.id).await {
                    Ok(member) => {
                        props.onchange.emit(member);
                        Toast::new("check", t!("people-erase-done"))
                    }
                    Err(problem) => Toast::new("circle-alert", api::explain(&problem)),
                };
                props.onclose.emit(());
                toast.show(said);
            });
        })
    };
    let back = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={back}>{ t!("back") }</button>
            <button type="button" class="btn btn--danger" disabled={*busy} onclick={confirm}>{ t!("people-erase") }</button>
        </>
    };
    let title = t!("people-erase-title", name = props.member.display_name.clone());
    html! { <Dialog {title} onclose={props.onclose.clone()} {actions}><p>{ t!("people-erase-text") }</p></Dialog> }
}
