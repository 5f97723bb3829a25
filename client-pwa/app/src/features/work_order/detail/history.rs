//! How the work order came where it is. What lost a race is shown too.

use std::rc::Rc;

use shared_model::features::work_order::{Status, StatusLine, WorkOrder};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::{status_icon, status_label};
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, t};
use crate::route::Route;
use crate::widgets::icon;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn History(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    if props.order.history.is_empty() {
        return html! {};
    }
    let line = |line: &StatusLine| {
        let who = directory.author(line.author);
        let words = t!("history-line", name = who.to_string(), status = status_label(line.to).to_string());
        html! {
            <li key={line.event.to_string()}>
                <span class="tl__dot" data-tone={tone(line)}>{ icon(&status_icon(line.to)) }</span>
                <div class="tl__body">
                    { words }
                    if let Some(reason) = &line.reason { { ": " }{ reason } }
                    if line.superseded { <div class="muted">{ t!("history-superseded") }</div> }
                    <div><time>{ capitalised(&day_and_time(line.at)) }if let Some(device) = directory.actor(line.actor).1 { { " · " }{ device } }</time></div>
                </div>
            </li>
        }
    };
    html! {
        <section aria-labelledby="h-history">
            <div class="grouphead">
                <h2 id="h-history">{ t!("history") }</h2><span class="muted grow">{ props.order.history.len() }</span>
                <Link<Route> to={Route::Timeline { id: props.order.id }} classes="btn btn--ghost">{ t!("timeline-open") }</Link<Route>>
            </div>
            <div class="card" style="padding:1rem;border-radius:16px"><ol class="tl">{ for props.order.history.iter().rev().map(line) }</ol></div>
        </section>
    }
}

fn tone(line: &StatusLine) -> Option<&'static str> {
    if line.superseded {
        return None;
    }
    match line.to {
        Status::New | Status::Cancelled => None,
        Status::Assigned => Some("violet"),
        Status::InProgress => Some("accent"),
        Status::OnHold => Some("amber"),
        Status::Completed => Some("green"),
        Status::Verified | Status::Closed => Some("teal"),
    }
}
