//! Hours worked: written by timers, or by hand.

use std::rc::Rc;

use shared_model::features::Command;
use shared_model::features::labour_entry::{self, LabourEntry, LabourLine};
use shared_model::features::work_order::WorkOrder;
use shared_model::input::MAX_NOTE_CHARS;
use shared_model::permission::Permission;
use yew::prelude::*;

use crate::engine_client::{use_attempt, use_engine};
use crate::fresh_id;
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, duration, t};
use crate::widgets::{Field, Sheet, TextField, avatar, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Labour(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let adding = use_state(|| false);
    let total: i64 = props.order.labour.iter().map(|line| line.minutes).sum();
    let line = |line: &LabourLine| {
        let name = directory.person(line.person);
        html! {
            <li key={line.id.to_string()} class="list__row">
                { avatar(&name.clone(), "av--28") }
                <span class="grow">
                    <span class="t-15 w-med clip" style="display:block">{ name }</span>
                    <span class="t-13 muted clip" style="display:block">
                        { capitalised(&day_and_time(line.started.unwrap_or(line.at))) }
                        if let Some(note) = &line.note { { " · " }{ note } }
                    </span>
                </span>
                <b class="num">{ duration(line.minutes) }</b>
            </li>
        }
    };
    let open = {
        let adding = adding.clone();
        Callback::from(move |_: MouseEvent| adding.set(true))
    };
    let onclose = {
        let adding = adding.clone();
        Callback::from(move |()| adding.set(false))
    };
    html! {
        <section aria-labelledby="h-labour">
            <div class="grouphead">
                <h2 id="h-labour">{ t!("labour") }</h2>
                if total > 0 { <span class="muted">{ duration(total) }</span> }
            </div>
            <div class="card list" style="border-radius:16px">
                if !props.order.labour.is_empty() { <ul class="list" aria-labelledby="h-labour">{ for props.order.labour.iter().map(line) }</ul> }
                if engine.may(Permission::WorkOrderExecute) {
                    <div style="padding:.25rem .5rem"><button type="button" class="btn btn--ghost btn--block add" onclick={open}>{ icon_sized("plus", 20) }{ t!("add-labour") }</button></div>
                }
            </div>
            if *adding { <AddLabour order={props.order.clone()} {onclose} /> }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AddProps {
    order: Rc<WorkOrder>,
    onclose: Callback<()>,
}

#[component]
fn AddLabour(props: &AddProps) -> Html {
    let engine = use_engine();
    let attempt = use_attempt();
    let hours = use_state(String::new);
    let minutes = use_state(String::new);
    let note = use_state(String::new);
    let total = number(&hours)
        .and_then(|hours| Some(hours * 60 + number(&minutes)?))
        .filter(|total| (1..=labour_entry::MAX_MINUTES).contains(total));
    let add = {
        let (engine, props, note) = (engine.clone(), props.clone(), note.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(minutes) = total else { return };
            let note = Some(note.trim().to_owned()).filter(|note| !note.is_empty());
            let entry = LabourEntry { person: engine.person(), minutes, started: None, note };
            let command =
                labour_entry::Command::Add { id: fresh_id::record(), work_order: props.order.id, entry };
            attempt.run(vec![Command::LabourEntry(command)], props.onclose.clone());
        })
    };
    let set = |state: &UseStateHandle<String>| {
        let state = state.clone();
        Callback::from(move |text| state.set(text))
    };
    let actions = html! { <button type="button" class="btn btn--lg btn--primary grow" disabled={total.is_none()} onclick={add}>{ t!("add-labour") }</button> };
    html! {
        <Sheet title={t!("add-labour")} onclose={props.onclose.clone()} {actions}>
            <div class="stack" style="padding:.25rem var(--gutter) 1rem;--gap:1rem">
                <div class="cols" style="grid-template-columns:1fr 1fr">
                    <Field id="labour-hours" label={t!("hours")}><TextField id="labour-hours" inputmode="numeric" value={(*hours).clone()} oninput={set(&hours)} unsent={!hours.is_empty()} /></Field>
                    <Field id="labour-minutes" label={t!("minutes")}><TextField id="labour-minutes" inputmode="numeric" value={(*minutes).clone()} oninput={set(&minutes)} unsent={!minutes.is_empty()} /></Field>
                </div>
                <Field id="labour-note" label={t!("labour-note")}><TextField id="labour-note" most={MAX_NOTE_CHARS} value={(*note).clone()} oninput={set(&note)} unsent={!note.is_empty()} /></Field>
            </div>
        </Sheet>
    }
}

/// A whole number; nothing counts as zero.
fn number(text: &str) -> Option<i64> {
    if text.trim().is_empty() { Some(0) } else { text.trim().parse().ok().filter(|number| *number >= 0) }
}
