//! An icon of the sprite. Always beside a word or inside something that has one, so it is hidden from readers.
//!
//! Functions, not components: there are hundreds on a page, and none has a state.

use yew::prelude::*;

/// An icon as large as its text, by the name of its symbol without `i-`.
pub fn icon(name: &str) -> Html {
    draw(name, "icon")
}

/// An icon of a size of the design: 12, 14, 18, 20, 24 or 32 pixels.
pub fn icon_sized(name: &str, size: u8) -> Html {
    icon_with(name, size, "")
}

/// An icon of a size with a class beside its own.
pub fn icon_with(name: &str, size: u8, class: &'static str) -> Html {
    draw(name, &format!("icon icon--{size} {class}"))
}

fn draw(name: &str, class: &str) -> Html {
    let (class, href) = (class.trim_end().to_owned(), format!("#i-{name}"));
    html! { <svg {class} aria-hidden="true"><use {href} /></svg> }
}
