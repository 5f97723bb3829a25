//! One address, several organisations: the person says which.

use shared_model::account::OrganisationName;
use yew::prelude::*;

use crate::locale::t;
use crate::widgets::{icon, icon_sized};

/// `onchoose` hears the short name of the one chosen.
pub fn organisation_choice(
    organisations: &[OrganisationName],
    onchoose: &Callback<String>,
    onback: &Callback<()>,
) -> Html {
    let choice = |organisation: &OrganisationName| {
        let slug = organisation.slug.clone();
        let onclick = onchoose.reform(move |_: MouseEvent| slug.clone());
        html! {
            <li key={organisation.slug.clone()}>
                <button type="button" class="list__row" style="inline-size:100%;min-block-size:3.25rem" {onclick}>
                    { icon_sized("building-2", 20) }
                    <span class="grow"><b class="t-15">{ &organisation.name }</b></span>
                    { icon("chevron-right") }
                </button>
            </li>
        }
    };
    let onback = onback.reform(|_: MouseEvent| ());
    html! {
        <section class="stack" style="--gap:1rem" aria-labelledby="which-organisation">
            <h2 id="which-organisation" class="t-16">{ t!("sign-in-which-organisation") }</h2>
            <ul class="card list">{ for organisations.iter().map(choice) }</ul>
            <div><button type="button" class="btn btn--ghost" onclick={onback}>{ icon("arrow-left") }{ t!("back") }</button></div>
        </section>
    }
}
