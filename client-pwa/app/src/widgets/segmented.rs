//! One of a few, side by side: a radio group with arrow keys.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::icon;
use wasm_bindgen::JsCast;

/// One choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub value: AttrValue,
    pub label: AttrValue,
    pub icon: Option<AttrValue>,
    /// Tone while it is chosen.
    pub tone: Option<AttrValue>,
}

impl Segment {
    /// A choice without icon or tone.
    pub fn new(value: impl Into<AttrValue>, label: impl Into<AttrValue>) -> Self {
        Self { value: value.into(), label: label.into(), icon: None, tone: None }
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub segments: Vec<Segment>,
    pub chosen: Option<AttrValue>,
    /// The chosen value; the same again takes the choice back where `clearable`.
    pub onchoose: Callback<Option<AttrValue>>,
    #[prop_or_default]
    pub labelled_by: Option<AttrValue>,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub clearable: bool,
    #[prop_or_default]
    pub disabled: bool,
}

#[component]
pub fn Segmented(props: &Props) -> Html {
    let focusable = props.chosen.clone().or_else(|| props.segments.first().map(|first| first.value.clone()));
    let segments = props.segments.iter().map(|segment| {
        let checked = props.chosen.as_ref() == Some(&segment.value);
        let (value, clearable) = (segment.value.clone(), props.clearable);
        let onclick = props.onchoose.reform(move |_: MouseEvent| {
            if checked && clearable { None } else { Some(value.clone()) }
        });
        let tabindex = if focusable.as_ref() == Some(&segment.value) { "0" } else { "-1" };
        html! {
            <button key={segment.value.to_string()} type="button" role="radio" aria-checked={checked.to_string()}
                data-tone={checked.then(|| segment.tone.clone()).flatten()} {tabindex} {onclick}
                disabled={props.disabled}>
                if let Some(symbol) = &segment.icon { { icon(symbol) } }
                { segment.label.clone() }
            </button>
        }
    });
    html! {
        <div class={classes!("seg", props.class.clone())} role="radiogroup" aria-labelledby={props.labelled_by.clone()}
            aria-label={props.label.clone()} onkeydown={Callback::from(|event: KeyboardEvent| move_focus(&event))}>
            { for segments }
        </div>
    }
}

/// Arrow keys move between the choices, as in any radio group; Space and Enter choose.
pub fn move_focus(event: &KeyboardEvent) {
    let forward = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => true,
        "ArrowLeft" | "ArrowUp" => false,
        _ => return,
    };
    let Some(current) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return;
    };
    let Some(group) = current.parent_element() else { return };
    let next = if forward {
        current.next_element_sibling().or_else(|| group.first_element_child())
    } else {
        current.previous_element_sibling().or_else(|| group.last_element_child())
    };
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        let _ = next.focus();
    }
}
