//! The rail at the side of a desk.

use yew::prelude::*;
use yew_router::prelude::*;

use super::account::AccountMenu;
use crate::engine_client::use_engine;
use crate::features::sync_panel::{Place, SyncLine};
use crate::features::{self, Navigation};
use crate::hooks::use_watched;
use crate::locale::{self, t};
use crate::route::Route;
use crate::session::use_session;
use crate::settings::{mark, organisation_name};
use crate::widgets::icon;

#[component]
pub fn Rail() -> Html {
    let session = use_session();
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let entries = features::navigation(|permission| engine.may(permission));
    let (work, plant): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| !entry.plant);
    html! {
        <nav class="rail" aria-label={t!("navigation")}>
            <div class="rail__site">
                { mark(&directory) }
                <span class="grow">
                    <span class="t-13 w-str clip" style="display:block">{ organisation_name(&directory, &session) }</span>
                    <span class="t-12 muted clip" style="display:block">{ "MaintainPro" }</span>
                </span>
            </div>
            { for work.into_iter().map(entry) }
            if !plant.is_empty() { <div class="rail__label">{ t!("plant") }</div> }
            { for plant.into_iter().map(entry) }
            <div class="rail__foot">
                <SyncLine place={Place::Rail} />
                <AccountMenu />
            </div>
        </nav>
    }
}

fn entry(navigation: &'static Navigation) -> Html {
    html! { <Entry key={navigation.label} {navigation} /> }
}

#[derive(Clone, Properties)]
struct EntryProps {
    navigation: &'static Navigation,
}

impl PartialEq for EntryProps {
    fn eq(&self, other: &Self) -> bool {
        self.navigation.label == other.navigation.label
    }
}

#[component]
fn Entry(props: &EntryProps) -> Html {
    let current = use_route::<Route>().map(Route::section) == Some(props.navigation.route);
    let label = locale::text(props.navigation.label, None);
    html! {
        <NavigationLink to={props.navigation.route} {current} title={label.clone()}>
            { icon(props.navigation.icon) }<span>{ label }</span>
        </NavigationLink>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct LinkProps {
    pub to: Route,
    pub current: bool,
    #[prop_or_default]
    pub title: Option<AttrValue>,
    pub children: Children,
}

/// A link that says when it leads to the page that is shown; the router's own cannot.
#[component]
pub fn NavigationLink(props: &LinkProps) -> Html {
    let navigator = use_navigator();
    let to = props.to;
    let onclick = Callback::from(move |event: MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !elsewhere && let Some(navigator) = &navigator {
            event.prevent_default();
            navigator.push(&to);
        }
    });
    html! {
        <a href={to.to_path()} {onclick} title={props.title.clone()} aria-current={props.current.then_some("page")}>
            { props.children.clone() }
        </a>
    }
}
