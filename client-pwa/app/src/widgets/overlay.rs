//! Sheets and dialogs on the browser's own `<dialog>`: it keeps the focus inside, closes on Esc and gives the
//! focus back.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, Node};
use yew::prelude::*;

use super::icon_sized;
use crate::locale::t;

#[derive(Clone, PartialEq, Properties)]
pub struct SheetProps {
    pub title: AttrValue,
    #[prop_or_default]
    pub subtitle: AttrValue,
    pub onclose: Callback<()>,
    pub children: Children,
    /// Buttons at the bottom, under the thumb.
    #[prop_or_default]
    pub actions: Option<Html>,
}

/// A sheet from below on a phone, a panel in the middle at a desk.
#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    let close = props.onclose.reform(|_: MouseEvent| ());
    html! {
        <Modal class="sheet" label={props.title.clone()} onclose={props.onclose.clone()}>
            <div>
                <div class="sheet__grab"></div>
                <div class="sheet__head row">
                    <div class="grow">
                        <h1 style="font-size:1.375rem">{ props.title.clone() }</h1>
                        if !props.subtitle.is_empty() { <p class="t-14 muted">{ props.subtitle.clone() }</p> }
                    </div>
                    <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("close")} onclick={close}>
                        { icon_sized("x", 24) }
                    </button>
                </div>
            </div>
            <div class="sheet__body">{ props.children.clone() }</div>
            if let Some(actions) = &props.actions { <div class="actionbar rule">{ actions.clone() }</div> }
        </Modal>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    pub title: AttrValue,
    pub onclose: Callback<()>,
    pub children: Children,
    pub actions: Html,
}

/// A short question with its answers.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    html! {
        <Modal class="dialog" label={props.title.clone()} onclose={props.onclose.clone()}>
            <h2>{ props.title.clone() }</h2>
            { props.children.clone() }
            <div class="dialog__actions">{ props.actions.clone() }</div>
        </Modal>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ModalProps {
    class: &'static str,
    label: AttrValue,
    onclose: Callback<()>,
    children: Children,
}

#[component]
fn Modal(props: &ModalProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog
                && !dialog.open()
            {
                // It refuses only when it is open already.
                let _ = dialog.show_modal();
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
            }
        });
    }
    let oncancel = props.onclose.reform(|event: Event| event.prevent_default());
    let onclick = {
        let (node, onclose) = (node.clone(), props.onclose.clone());
        Callback::from(move |event: MouseEvent| {
            let outside = event.target().is_some_and(|target| {
                target
                    .dyn_ref::<Node>()
                    .is_some_and(|target| node.get().is_some_and(|dialog| dialog.is_same_node(Some(target))))
            });
            if outside {
                onclose.emit(());
            }
        })
    };
    html! {
        <dialog ref={node} class={props.class} aria-label={props.label.clone()} {oncancel} {onclick}>
            { props.children.clone() }
        </dialog>
    }
}
