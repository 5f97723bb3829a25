//! A page that is there, and not for this person.

use yew::prelude::*;
use yew_router::prelude::*;

use super::Page;
use crate::locale::t;
use crate::route::Route;
use crate::widgets::Empty;

pub fn not_permitted_page() -> Html {
    html! {
        <Page title={t!("not-permitted-title")}>
            <Empty icon="lock" title={t!("not-permitted-title")} text={t!("not-permitted-text")}>
                <Link<Route> to={Route::Landing} classes="btn btn--primary">{ t!("not-found-home") }</Link<Route>>
            </Empty>
        </Page>
    }
}
