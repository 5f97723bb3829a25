//! A filter that is on or off.

use yew::prelude::*;

use super::icon;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub label: AttrValue,
    pub pressed: bool,
    pub onclick: Callback<()>,
    #[prop_or_default]
    pub icon: Option<AttrValue>,
    /// How many there are behind it.
    #[prop_or_default]
    pub count: Option<usize>,
    /// Tone of the count.
    #[prop_or_default]
    pub tone: Option<AttrValue>,
}

#[component]
pub fn FilterChip(props: &Props) -> Html {
    let onclick = props.onclick.reform(|_: MouseEvent| ());
    html! {
        <button type="button" class="chip" aria-pressed={props.pressed.to_string()} {onclick}>
            if let Some(symbol) = &props.icon { { icon(symbol) } }
            { props.label.clone() }
            if let Some(count) = props.count { <>{ " " }<span class="count" data-tone={props.tone.clone()}>{ count }</span></> }
        </button>
    }
}
