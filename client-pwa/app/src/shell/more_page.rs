//! What has no tab of its own on a phone: the other places, and the person's choices.

use yew::prelude::*;
use yew_router::prelude::*;

use super::Page;
use super::account::AccountSettings;
use crate::engine_client::use_engine;
use crate::features;
use crate::locale::{self, t};
use crate::route::Route;
use crate::widgets::{icon_sized, icon_with};

#[component]
pub fn MorePage() -> Html {
    let engine = use_engine();
    let entries = features::navigation(|permission| engine.may(permission));
    let row = |entry: &&'static features::Navigation| {
        html! {
            <li key={entry.label}>
                <Link<Route> to={entry.route} classes="list__row">
                    { icon_sized(entry.icon, 20) }
                    <span class="grow t-16 w-med">{ locale::text(entry.label, None) }</span>
                    { icon_with("chevron-right", 20, "muted") }
                </Link<Route>>
            </li>
        }
    };
    html! {
        <Page title={t!("tab-more")}>
            <div class="stack" style="--gap:1rem">
                <ul class="card list" style="border-radius:16px;overflow:hidden">{ for entries.iter().map(row) }</ul>
                <AccountSettings />
            </div>
        </Page>
    }
}
