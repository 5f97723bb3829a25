//! The tab bar at the bottom of a phone.

use yew::prelude::*;
use yew_router::prelude::*;

use super::rail::NavigationLink;
use crate::engine_client::use_engine;
use crate::features;
use crate::hooks::use_watched;
use crate::locale::{self, t};
use crate::route::Route;
use crate::widgets::icon;

#[component]
pub fn TabBar() -> Html {
    let engine = use_engine();
    use_watched(engine.directory());
    let section = use_route::<Route>().map(Route::section);
    let entries = features::navigation(|permission| engine.may(permission));
    let tabs: Vec<_> = entries.into_iter().filter_map(|entry| entry.tab.map(|tab| (entry, tab))).collect();
    let columns = format!("grid-template-columns:repeat({},1fr)", tabs.len() + 1);
    html! {
        <div style="background:var(--surface);border-block-start:1px solid var(--line)">
            <nav class="tabbar" aria-label={t!("navigation")} style={columns}>
                { for tabs.into_iter().map(|(entry, tab)| html! {
                    <NavigationLink key={tab} to={entry.route} current={section == Some(entry.route)}>
                        { icon(entry.icon) }<span>{ locale::text(tab, None) }</span>
                    </NavigationLink>
                }) }
                <NavigationLink to={Route::More} current={section == Some(Route::More)}>
                    { icon("menu") }<span>{ t!("tab-more") }</span>
                </NavigationLink>
            </nav>
        </div>
    }
}
