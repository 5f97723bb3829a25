//! The author's timer: it becomes labour when it stops.

use std::rc::Rc;

use shared_model::features::work_order::WorkOrder;
use shared_model::permission::Permission;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::commands::timer;
use crate::hooks::{use_now, use_watched};
use crate::locale::{duration, elapsed, t};
use crate::widgets::icon_sized;

const SECOND_MS: u32 = 1_000;
const MINUTE_MS: i64 = 60_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn TimeCard(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let now = use_now(SECOND_MS);
    let order = &props.order;
    let since = order.timers.get(&engine.person()).copied();
    let own: i64 =
        order.labour.iter().filter(|line| line.person == engine.person()).map(|line| line.minutes).sum();
    let running = since.map_or(0, |since| now.millis_since(since).max(0));
    let total: i64 = order.labour.iter().map(|line| line.minutes).sum::<i64>() + running / MINUTE_MS;
    let others = order.timers.keys().filter(|person| **person != engine.person());
    let toggle = {
        let (engine, id, runs) = (engine.clone(), order.id, since.is_some());
        Callback::from(move |_: MouseEvent| engine.execute(timer(id, runs)))
    };
    let may = engine.may(Permission::WorkOrderExecute) && (order.status.is_open() || since.is_some());
    let (icon, label) =
        if since.is_some() { ("pause", t!("timer-pause")) } else { ("play", t!("timer-start")) };
    let planned = order.estimated_minutes.filter(|minutes| *minutes > 0);
    html! {
        <section class="card" style="padding:.875rem 1rem;border-radius:14px" aria-label={t!("time")}>
            <div class="row">
                if since.is_some() { <span class="pulse" style="color:var(--accent-solid);margin-inline-end:.25rem"></span> }
                <div class="grow">
                    <div class="num detail__time" role="timer" aria-live="off">{ elapsed(own * MINUTE_MS + running) }</div>
                    <div class="t-14 muted">
                        { planned.map_or_else(|| t!("time-total", time = duration(total).to_string()), |minutes| t!("time-of-planned", time = duration(minutes).to_string())) }
                    </div>
                </div>
                if may { <button type="button" class="btn" onclick={toggle}>{ icon_sized(icon, 20) }{ label }</button> }
            </div>
            if let Some(planned) = planned {
                <span class="bar" style={format!("--v:{}%;margin-block-start:.75rem", (total * 100 / planned).clamp(0, 100))} aria-hidden="true"><i></i></span>
            }
            { for others.map(|person| html! { <p key={person.to_string()} class="t-14 muted" style="margin-block-start:.5rem">{ t!("timer-of", name = directory.person(*person).to_string()) }</p> }) }
        </section>
    }
}
