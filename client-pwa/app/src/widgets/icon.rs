//! An icon of the sprite. Always beside a word or inside something that has one, so it is hidden from readers.

use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Name of the symbol, without `i-`.
    pub name: AttrValue,
    /// Size in pixels of the design: 12, 14, 16, 18, 20, 24 or 32.
    #[prop_or(16)]
    pub size: u8,
    #[prop_or_default]
    pub class: Classes,
}

/// `<Icon name="search" size={20} />`
#[component]
pub fn Icon(props: &Props) -> Html {
    let size = (props.size != 16).then(|| format!("icon--{}", props.size));
    html! {
        <svg class={classes!("icon", size, props.class.clone())} aria-hidden="true">
            <use href={format!("#i-{}", props.name)} />
        </svg>
    }
}
