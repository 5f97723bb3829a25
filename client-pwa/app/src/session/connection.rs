//! Is there a network? Whoever signs in needs one once.

use yew::prelude::*;

use crate::browser;
use crate::hooks::use_now;
use crate::locale::t;
use crate::widgets::icon_sized;

const LOOK_MS: u32 = 5_000;

#[component]
pub(super) fn Connection() -> Html {
    use_now(LOOK_MS);
    let (icon, words) = if browser::online() { ("wifi", t!("online")) } else { ("cloud-off", t!("offline")) };
    html! { <p class="t-12 muted row" style="--gap:.375rem">{ icon_sized(icon, 14) }{ words }</p> }
}
