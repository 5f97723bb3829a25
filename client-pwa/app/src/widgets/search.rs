//! A search box that answers with every letter.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::icon_sized;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub label: AttrValue,
    pub value: AttrValue,
    pub oninput: Callback<String>,
    #[prop_or_default]
    pub style: AttrValue,
    #[prop_or_default]
    pub class: Classes,
}

#[component]
pub fn Search(props: &Props) -> Html {
    let oninput =
        props.oninput.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    html! {
        <label class={classes!("search", props.class.clone())} style={props.style.clone()}>
            { icon_sized("search", 20) }
            <span class="sr">{ props.label.clone() }</span>
            <input type="search" placeholder={props.label.clone()} value={props.value.clone()} {oninput}
                autocomplete="off" enterkeyhint="search" />
        </label>
    }
}
