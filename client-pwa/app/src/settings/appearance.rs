//! How every page looks and reads: in the colour of the organisation, in the language of the person and by their time zone. What they
//! did not choose the organisation may have, and what neither has is the device's.

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::browser;
use crate::clock;
use crate::engine_client::use_engine;
use crate::hooks::use_watched;
use crate::locale::{self, Language};
use crate::session::use_session;

/// The custom property that the shades of the style sheet are mixed from.
const COLOUR: &str = "--brand";
/// Says that there is one.
const IS_BRANDED: &str = "data-brand";

/// How often it is looked whether pages can be drawn anew.
const AGAIN_MS: u32 = 1_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What stands below the router.
    pub children: Children,
}

#[component]
pub fn Appearance(props: &Props) -> Html {
    let (session, engine) = (use_session(), use_engine());
    let directory = use_watched(engine.directory());
    let organisation = directory.organisation.as_ref();
    let person = &session.signed_in.person;
    let of_organisation = organisation.and_then(|told| told.time_zone.as_deref());
    let zone = person.time_zone.as_deref().or(of_organisation);
    let of_organisation = organisation.and_then(|told| told.language.as_deref());
    let told = person.language.as_deref().into_iter().chain(of_organisation);
    // Pages are drawn anew in another language or time zone, and must not take with them what is saved nowhere yet.
    let waits = browser::has_something_to_lose();
    if !waits {
        clock::go_by(zone);
        locale::speak(Language::preferred(told));
    }
    let again = use_force_update();
    use_effect_with(waits, move |waits| {
        let look = waits.then(|| Interval::new(AGAIN_MS, move || again.force_update()));
        move || drop(look)
    });
    use_effect_with((), |()| {
        || {
            // Whoever signs in next has not chosen yet.
            clock::go_by(None);
            locale::speak(Language::preferred(std::iter::empty()));
        }
    });
    let colour = organisation.and_then(|told| told.accent_colour.clone());
    use_effect_with(colour, |colour| {
        wear(colour.as_deref());
        || wear(None)
    });
    let key = format!("{} {}", locale::language().tag(), clock::zone().unwrap_or_default());
    html! { <BrowserRouter {key}>{ props.children.clone() }</BrowserRouter> }
}

fn wear(colour: Option<&str>) {
    let root = browser::document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = root else { return };
    // None of these fails for names that are allowed; a value that is no colour is left out.
    if let Some(colour) = colour {
        let _ = root.style().set_property(COLOUR, colour);
        let _ = root.set_attribute(IS_BRANDED, "");
    } else {
        let _ = root.remove_attribute(IS_BRANDED);
        let _ = root.style().remove_property(COLOUR);
    }
}
