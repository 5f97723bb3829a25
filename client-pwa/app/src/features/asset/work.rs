//! The work on an asset: what is open, and what was done.

use std::rc::Rc;

use shared_model::features::work_order::WorkOrderSummary;
use shared_model::identity::DocumentId;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::{orders, status_attribute, status_chip, status_icon, use_orders};
use crate::hooks::use_watched;
use crate::locale::{day, t};
use crate::route::Route;
use crate::sorting::sort_by_key;
use crate::widgets::{CardList, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: DocumentId,
}

#[component]
pub fn AssetWork(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let table = use_orders();
    let done = use_state_eq(|| false);
    let (mut open, mut closed): (Vec<WorkOrderSummary>, Vec<_>) = orders(&table)
        .map(|(_, order)| order)
        .filter(|order| order.assets.contains(&props.id))
        .cloned()
        .partition(|order| order.status.is_open());
    sort_by_key(&mut open, |order| (order.due.is_none(), order.due));
    sort_by_key(&mut closed, |order| std::cmp::Reverse(order.completed_at.unwrap_or(order.updated_at)));
    let tab = |which: bool, label: AttrValue, count: usize| {
        let done = done.clone();
        let selected = *done == which;
        let onclick = Callback::from(move |_: MouseEvent| done.set(which));
        html! { <button type="button" class="tab" role="tab" aria-selected={selected.to_string()} {onclick}>{ label }{ " " }<span class="count">{ count }</span></button> }
    };
    let tabs =
        html! { <>{ tab(false, t!("open-work"), open.len()) }{ tab(true, t!("history"), closed.len()) }</> };
    let shown = if *done { closed } else { open };
    let count = shown.len();
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let order = &shown[index];
        let at = order.completed_at.or(order.due);
        let people = order
            .people
            .iter()
            .map(|person| directory.person(*person).to_string())
            .collect::<Vec<_>>()
            .join(", ");
        html! {
            <li key={order.id.to_string()}>
                <span class="tl__dot status" data-status={status_attribute(order.status)}>{ icon(&status_icon(order.status)) }</span>
                <div class="tl__body">
                    <div class="row row--between"><b class="clip"><Link<Route> to={Route::WorkOrder { id: order.id }}>{ &order.title }</Link<Route>></b><time class="nowrap">{ at.map(day).unwrap_or_default() }</time></div>
                    <div class="row row--wrap" style="--gap:.25rem .75rem;margin-block-start:.125rem">
                        { status_chip(order.status, "is-sm") }<span class="t-12 muted"><span class="nowrap">{ &order.number }</span>if !people.is_empty() { { " · " }{ people } }</span>
                    </div>
                </div>
            </li>
        }
    });
    html! {
        <section class="card" style="flex:none" aria-label={t!("work-orders")}>
            <div style="padding-inline:1rem" class="tabs tabs--line" role="tablist">{ tabs }</div>
            <div style="padding:1rem">
                <ol class="tl"><CardList {count} {card} /></ol>
                if count == 0 { <p class="muted">{ t!("no-work-here") }</p> }
            </div>
        </section>
    }
}
