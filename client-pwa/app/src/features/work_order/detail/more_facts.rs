//! What else is known about the work: where it is done, who asked for it, how the machine failed, and what an
//! organisation keeps in fields of its own.

use std::rc::Rc;

use shared_model::features::work_order::WorkOrder;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features;
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, t};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

/// One line for each; nothing where nothing is known.
#[component]
pub fn MoreFacts(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let order = &props.order;
    let place = order.location.or(order.site).and_then(|id| engine.rows().find(id));
    let place = place.map(|entry| AttrValue::from(features::name(&entry.row)));
    let moment = |at| capitalised(&day_and_time(at));
    let text = |text: &Option<String>| text.clone().map(AttrValue::from);
    let failure = &order.failure;
    let known = [
        (t!("field-location"), place),
        (t!("field-requester"), order.requester.map(|person| directory.person(person))),
        (t!("field-down-since"), order.downtime_start.map(moment)),
        (t!("field-up-again"), order.downtime_end.map(moment)),
        (t!("failure-mode"), text(&failure.mode)),
        (t!("failure-mechanism"), text(&failure.mechanism)),
        (t!("failure-cause"), text(&failure.cause)),
        (t!("failure-detection"), text(&failure.detection)),
        (t!("failure-impact"), text(&failure.impact)),
    ];
    let own = order.custom.iter().map(|(name, value)| (name.clone().into(), Some(value.clone().into())));
    let lines: Vec<(AttrValue, AttrValue)> =
        known.into_iter().chain(own).filter_map(|(label, value)| Some((label, value?))).collect();
    if lines.is_empty() {
        return html! {};
    }
    html! { <dl class="kv">{ for lines.into_iter().map(|(label, value)| html! { <><dt>{ label }</dt><dd>{ value }</dd></> }) }</dl> }
}
