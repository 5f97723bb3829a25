//! Around every page: rail and top bar at a desk, header and tab bar on a phone.

mod account;
mod coming;
mod form_page;
mod idle;
mod more_page;
mod not_found_page;
mod not_permitted_page;
mod page;
mod rail;
mod tab_bar;
mod theme;
mod watchers;

pub use coming::Coming;
pub use form_page::form_page;
pub use more_page::MorePage;
pub use not_found_page::not_found_page;
pub use not_permitted_page::not_permitted_page;
pub use page::Page;
pub use watchers::Watchers;

use yew::prelude::*;
use yew_router::prelude::*;

use self::rail::Rail;
use crate::hooks::{Layout, use_layout};
use crate::route::Route;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub children: Children,
}

/// The frame pages stand in.
#[component]
pub fn Shell(props: &Props) -> Html {
    let route = use_route::<Route>().unwrap_or(Route::NotFound);
    match use_layout() {
        Layout::Phone => html! { <div class="phone phone--app">{ props.children.clone() }</div> },
        Layout::Desk => {
            let slim = matches!(route, Route::Board).then_some("shell--slim");
            html! {
                <div class={classes!("shell", slim)}>
                    <Rail />
                    <div class="main">{ props.children.clone() }</div>
                </div>
            }
        }
    }
}
