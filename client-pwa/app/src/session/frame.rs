//! What stands around a form for people who are not signed in.

use yew::prelude::*;

use super::connection::Connection;
use crate::locale::t;
use crate::widgets::{icon, icon_sized};

/// The form at one side, what the product promises at the other.
pub(super) fn frame(form: Html) -> Html {
    html! {
        <main class="cols cols--signin">
            <section class="signin">
                <div class="row" style="--gap:.625rem">
                    <span class="mark" style="inline-size:2.25rem;block-size:2.25rem;border-radius:10px">{ icon_sized("mark", 24) }</span>
                    <span class="t-18 w-str" style="letter-spacing:-.02em">{ "MaintainPro" }</span>
                </div>
                <div class="stack signin__form">{ form }</div>
                <Connection />
            </section>
            <section class="signin__about" data-theme="dark" aria-label={t!("sign-in-about")}>
                <span class="signin__mark" aria-hidden="true">{ icon("mark") }</span>
                <div class="signin__words">
                    <p class="signin__lead">{ t!("sign-in-lead") }</p>
                    <p class="soft" style="margin-block-start:.625rem;font-size:var(--t-15)">{ t!("sign-in-promise") }</p>
                </div>
            </section>
        </main>
    }
}
