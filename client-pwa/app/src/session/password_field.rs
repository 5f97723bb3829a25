//! A password, hidden until somebody wants to see it.

use yew::prelude::*;

use crate::locale::t;
use crate::widgets::{TextField, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub value: AttrValue,
    pub oninput: Callback<String>,
    /// What the browser may fill in: `current-password` or `new-password`.
    pub autocomplete: AttrValue,
    pub invalid: bool,
}

#[component]
pub fn PasswordField(props: &Props) -> Html {
    let shown = use_state_eq(|| false);
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(!*shown))
    };
    html! {
        <div class={classes!("affix", props.invalid.then_some("affix--invalid"))} style="min-block-size:max(2.75rem,var(--control))">
            <TextField id="password" kind={if *shown { "text" } else { "password" }} autocomplete={props.autocomplete.clone()}
                value={props.value.clone()} oninput={props.oninput.clone()} invalid={props.invalid} />
            <button type="button" class="btn btn--ghost btn--icon" aria-pressed={shown.to_string()} aria-label={t!("show-characters")} onclick={toggle}>
                { icon("eye") }
            </button>
        </div>
    }
}
