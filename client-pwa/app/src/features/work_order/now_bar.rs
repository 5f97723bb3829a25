//! The job whose timer runs, in reach wherever the list is.

use yew::prelude::*;
use yew_router::prelude::*;

use super::rows::{orders, use_orders};
use crate::engine_client::use_engine;
use crate::hooks::use_now;
use crate::locale::{elapsed, t};
use crate::route::Route;
use crate::widgets::icon_sized;

const SECOND_MS: u32 = 1_000;

#[component]
pub fn NowBar() -> Html {
    let person = use_engine().person();
    let table = use_orders();
    let running =
        orders(&table).find_map(|(_, order)| order.timers.get(&person).map(|since| (order, *since)));
    let Some((order, since)) = running else { return html! {} };
    html! {
        <Link<Route> to={Route::WorkOrder { id: order.id }} classes="nowbar">
            <span class="pulse" style="color:#6ea0ff"></span>
            <span class="grow">
                <span class="t-14 w-med clip" style="display:block;line-height:1.3">{ &order.title }</span>
                <span class="t-13 clip" style="display:block;opacity:.78;line-height:1.3">
                    if let Some(tag) = &order.asset_tag { { tag }{ " · " } }
                    { t!("timer-running") }
                </span>
            </span>
            <Elapsed {since} />
            <span class="btn btn--icon nowbar__go" aria-hidden="true">{ icon_sized("chevron-right", 20) }</span>
        </Link<Route>>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct ElapsedProps {
    pub since: shared_model::instant::Timestamp,
    #[prop_or(classes!("nowbar__time", "num"))]
    pub class: Classes,
}

/// A timer that runs on screen; it is not read out each second.
#[component]
pub fn Elapsed(props: &ElapsedProps) -> Html {
    let now = use_now(SECOND_MS);
    html! { <span class={props.class.clone()} role="timer" aria-live="off">{ elapsed(now.millis_since(props.since)) }</span> }
}
