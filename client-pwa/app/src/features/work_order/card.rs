//! A work order as a card: what it is about, what is to be done, how it stands.

use std::rc::Rc;

use shared_model::instant::Timestamp;
use yew::prelude::*;
use yew_router::prelude::*;

use super::due::{DueState, due_chip, due_state};
use super::rows::order;
use super::words::{priority_chip, status_chip};
use crate::engine_client::Waiting;
use crate::locale::t;
use crate::route::Route;
use crate::row_store::Entry;
use crate::widgets::icon;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub entry: Rc<Entry>,
    pub now: Timestamp,
    /// What of it the server does not have yet.
    #[prop_or_default]
    pub waiting: Waiting,
}

#[component]
pub fn Card(props: &Props) -> Html {
    let navigator = use_navigator();
    let Some(order) = order(&props.entry) else { return html! {} };
    let route = Route::WorkOrder { id: order.id };
    let onclick = Callback::from(move |event: MouseEvent| {
        let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !elsewhere && let Some(navigator) = &navigator {
            event.prevent_default();
            navigator.push(&route);
        }
    });
    let breached = due_state(order, props.now) == DueState::Breached;
    let about = match order.assets.len() {
        0 | 1 => order.asset_tag.clone().map(AttrValue::from),
        count => Some(t!("asset-count", count = count)),
    };
    html! {
        <a class="wo" href={route.to_path()} {onclick} data-sla={breached.then_some("breached")}>
            <div class="wo__top">
                if let Some(about) = about { <span class="asset-code">{ about }</span> }
                <span class="clip">{ order.asset_name.clone().unwrap_or_default() }</span>
                <span class="id">{ &order.number }</span>
            </div>
            <h3 class="wo__title">{ &order.title }</h3>
            <div class="wo__meta">
                { priority_chip(order.priority, "") }
                { status_chip(order.status, "") }
                { due_chip(order.status, order.due, order.completed_at, props.now, "") }
                if props.waiting.attention > 0 {
                    <span class="sync" data-sync="attention">{ icon("cloud-alert") }{ t!("needs-attention") }</span>
                } else if props.waiting.unsent > 0 {
                    <span class="sync" data-sync="saved">{ icon("smartphone") }{ t!("saved-here") }</span>
                }
                if !order.conflicts.is_empty() {
                    <span class="sync" data-sync="conflict">{ icon("git-compare-arrows") }{ t!("two-versions") }</span>
                }
            </div>
        </a>
    }
}
