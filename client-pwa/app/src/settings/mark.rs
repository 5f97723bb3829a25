//! The sign and the name that stand over the pages.

use yew::prelude::*;

use crate::engine_client::{Directory, use_engine};
use crate::hooks::use_watched;
use crate::session::Session;
use crate::widgets::icon;

/// The organisation's logo, or the mark of the app.
pub fn mark(directory: &Directory) -> Html {
    let logo = logo(directory);
    logo.unwrap_or_else(|| html! { <span class="mark">{ icon("mark") }</span> })
}

fn logo(directory: &Directory) -> Option<Html> {
    let logo = directory.organisation.as_ref()?.logo.clone()?;
    Some(html! { <img class="mark mark--logo" src={logo} alt="" /> })
}

/// The logo alone, where there is one.
#[component]
pub fn Logo() -> Html {
    let engine = use_engine();
    logo(&use_watched(engine.directory())).unwrap_or_default()
}

/// What the organisation is called now; before a server has told, what it was called when the person signed in.
pub fn organisation_name(directory: &Directory, session: &Session) -> AttrValue {
    let told = directory.organisation.as_ref().map(|organisation| organisation.name.clone());
    told.unwrap_or_else(|| session.signed_in.organisation.name.clone().into())
}
