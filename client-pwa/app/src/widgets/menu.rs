//! A button that opens a short list of actions.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use super::icon;
use crate::browser;

const GAP_PX: f64 = 4.0;

/// One action.
#[derive(Clone, PartialEq)]
pub struct MenuItem {
    pub label: AttrValue,
    pub icon: AttrValue,
    pub onclick: Callback<()>,
    /// `menuitemradio` with this state, for a list to choose from.
    pub checked: Option<bool>,
    /// Attribute that gives the icon its colour, for example `("data-status", "on-hold")`.
    pub status: Option<AttrValue>,
}

impl MenuItem {
    /// A plain action.
    pub fn new(icon: &'static str, label: AttrValue, onclick: Callback<()>) -> Self {
        Self { label, icon: icon.into(), onclick, checked: None, status: None }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What the button says to screen readers.
    pub label: AttrValue,
    /// What the button looks like.
    pub children: Children,
    pub items: Vec<MenuItem>,
    #[prop_or(classes!("btn", "btn--ghost", "btn--icon"))]
    pub class: Classes,
    /// A heading above the items.
    #[prop_or_default]
    pub heading: Option<AttrValue>,
}

#[component]
pub fn Menu(props: &Props) -> Html {
    let open = use_state(|| false);
    let root = use_node_ref();
    let toggle = {
        let open = open.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            event.prevent_default();
            open.set(!*open);
        })
    };
    use_focus_first(&root, *open);
    let onfocusout = {
        let (open, root) = (open.setter(), root.clone());
        Callback::from(move |event: FocusEvent| {
            let next = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            if !root.get().is_some_and(|root| root.contains(next.as_ref())) {
                open.set(false);
            }
        })
    };
    let onkeydown = {
        let (open, root) = (open.clone(), root.clone());
        Callback::from(move |event: KeyboardEvent| on_key(&event, &open, &root))
    };
    html! {
        <div class="menu" ref={root} {onfocusout} {onkeydown}>
            <button type="button" class={props.class.clone()} aria-haspopup="menu" aria-expanded={open.to_string()}
                aria-label={props.label.clone()} title={props.label.clone()} onclick={toggle}>{ props.children.clone() }</button>
            if *open {
                <div class="menu__list pop" role="menu" popover="manual" aria-label={props.label.clone()}>
                    if let Some(heading) = &props.heading { <div class="pop__label">{ heading.clone() }</div> }
                    { for props.items.iter().map(|item| row(item, &open)) }
                </div>
            }
        </div>
    }
}

fn row(item: &MenuItem, open: &UseStateHandle<bool>) -> Html {
    let onclick = {
        let (open, chosen) = (open.setter(), item.onclick.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            open.set(false);
            chosen.emit(());
        })
    };
    let role = if item.checked.is_some() { "menuitemradio" } else { "menuitem" };
    html! {
        <button key={item.label.to_string()} type="button" class="pop__row" {role} {onclick}
            aria-checked={item.checked.map(|checked| checked.to_string())}>
            <span class={item.status.as_ref().map(|_| "status")} data-status={item.status.clone()}>
                { icon(&item.icon.clone()) }
            </span>
            <span>{ item.label.clone() }</span>
            if item.checked == Some(true) { <span class="push">{ icon("check") }</span> }
        </button>
    }
}

#[hook]
fn use_focus_first(root: &NodeRef, open: bool) {
    let root = root.clone();
    use_effect_with(open, move |open| {
        let list = open.then(|| root.cast::<Element>()).flatten().and_then(|root| {
            let list = root.query_selector("[role=menu]").ok()??.dyn_into::<HtmlElement>().ok()?;
            place(&list, &root);
            Some(list)
        });
        let first = list.and_then(|list| list.query_selector("[role^=menuitem]").ok().flatten());
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    });
}

/// Shows the list in the top layer, where no scrolling box cuts it off, beside its button and inside the window.
fn place(list: &HtmlElement, root: &Element) {
    // A browser without popovers shows the list where it stands.
    let _ = list.show_popover();
    let (button, size) = (root.get_bounding_client_rect(), list.get_bounding_client_rect());
    let window = browser::window();
    let length =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    let (width, height) = (length(window.inner_width()), length(window.inner_height()));
    let below = button.bottom() + GAP_PX;
    let above = (button.top() - GAP_PX - size.height()).max(GAP_PX);
    let top = if below + size.height() <= height { below } else { above };
    let left = button.left().min(width - size.width() - GAP_PX).max(GAP_PX);
    let _ = list.style().set_property("top", &format!("{top}px"));
    let _ = list.style().set_property("left", &format!("{left}px"));
}

fn on_key(event: &KeyboardEvent, open: &UseStateHandle<bool>, root: &NodeRef) {
    if !**open {
        return;
    }
    let Some(current) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let next = match event.key().as_str() {
        "Escape" => {
            open.set(false);
            root.cast::<Element>().and_then(|root| root.first_element_child())
        }
        "ArrowDown" => current.next_element_sibling(),
        "ArrowUp" => current.previous_element_sibling(),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        let _ = next.focus();
    }
}
