//! An address that leads nowhere.

use yew::prelude::*;
use yew_router::prelude::*;

use super::Page;
use crate::locale::t;
use crate::route::Route;
use crate::widgets::Empty;

pub fn not_found_page() -> Html {
    html! {
        <Page title={t!("not-found-title")}>
            <Empty icon="map-pin" title={t!("not-found-title")} text={t!("not-found-text")}>
                <Link<Route> to={Route::Landing} classes="btn btn--primary">{ t!("not-found-home") }</Link<Route>>
            </Empty>
        </Page>
    }
}
