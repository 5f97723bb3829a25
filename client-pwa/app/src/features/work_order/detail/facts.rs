//! Priority, type, dates and people: what planners change.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::{FieldEdit, Priority, WorkOrder, WorkType};
use shared_model::instant::Timestamp;
use yew::prelude::*;

use super::assignees::Assignees;
use super::more_facts::MoreFacts;
use super::versions::versions_of;
use crate::engine_client::{Engine, use_engine};
use crate::features::work_order::commands::edit;
use crate::features::work_order::{priority_label, type_label};
use crate::hooks::use_draft;
use crate::locale::t;
use crate::widgets::{DateTimeField, Field, SelectField, TextField};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Facts(props: &Props) -> Html {
    let engine = use_engine();
    let order = &props.order;
    let fixed = |key| !engine.may_write(DocumentKind::WorkOrder, key);
    let priorities =
        Priority::ALL.iter().map(|each| (each.code().into(), priority_label(*each))).collect::<Vec<_>>();
    let types = WorkType::ALL.iter().map(|each| (each.code().into(), type_label(*each))).collect::<Vec<_>>();
    let choose_priority =
        sender(&engine, order, |code: AttrValue| Priority::from_code(&code).map(FieldEdit::Priority));
    let choose_type =
        sender(&engine, order, |code: AttrValue| WorkType::from_code(&code).map(FieldEdit::Type));
    let set_due = sender(&engine, order, |at: Option<Timestamp>| Some(FieldEdit::Due(at)));
    let set_start = sender(&engine, order, |at: Option<Timestamp>| Some(FieldEdit::PlannedStart(at)));
    html! {
        <section aria-labelledby="h-facts">
            <div class="grouphead"><h2 id="h-facts">{ t!("details") }</h2></div>
            <div class="card stack" style="padding:1rem;border-radius:16px;--gap:.875rem">
                <Assignees order={order.clone()} />
                <Field id="priority" label={t!("field-priority")}>
                    <SelectField id="priority" options={priorities} chosen={order.priority.code()} onchoose={choose_priority} disabled={fixed("priority")} />
                </Field>
                <Field id="due" label={t!("field-due")}><DateTimeField id="due" value={order.due} onchange={set_due} disabled={fixed("due")} /></Field>
                { versions_of(order, "due") }
                <Field id="planned-start" label={t!("field-planned-start")}><DateTimeField id="planned-start" value={order.planned_start} onchange={set_start} disabled={fixed("planned_start")} /></Field>
                { versions_of(order, "planned_start") }
                <Field id="work-type" label={t!("field-type")}>
                    <SelectField id="work-type" options={types} chosen={order.work_type.code()} onchoose={choose_type} disabled={fixed("type")} />
                </Field>
                { versions_of(order, "type") }
                <Estimate order={order.clone()} />
                { versions_of(order, "estimated_minutes") }
                <MoreFacts order={order.clone()} />
                if !order.tags.is_empty() {
                    <div class="row row--wrap">{ for order.tags.iter().map(|tag| html! { <span class="tag" key={tag.clone()}>{ tag }</span> }) }</div>
                }
            </div>
        </section>
    }
}

fn sender<T: 'static>(
    engine: &Engine,
    order: &WorkOrder,
    make: impl Fn(T) -> Option<FieldEdit> + 'static,
) -> Callback<T> {
    let (engine, id) = (engine.clone(), order.id);
    Callback::from(move |value| {
        if let Some(change) = make(value) {
            engine.execute(edit(id, change));
        }
    })
}

/// How long it should take, in minutes.
#[component]
fn Estimate(props: &Props) -> Html {
    let engine = use_engine();
    let disabled = !engine.may_write(DocumentKind::WorkOrder, "estimated_minutes");
    let id = props.order.id;
    let saved =
        AttrValue::from(props.order.estimated_minutes.map(|minutes| minutes.to_string()).unwrap_or_default());
    let oncommit = Callback::from(move |text: String| {
        let minutes = text.trim().parse::<i64>().ok().filter(|minutes| *minutes >= 0);
        if minutes.is_some() || text.trim().is_empty() {
            engine.execute(edit(id, FieldEdit::EstimatedMinutes(minutes)));
        }
    });
    let draft = use_draft(&saved, oncommit);
    html! {
        <Field id="estimate" label={t!("field-estimate-minutes")}>
            <TextField id="estimate" inputmode="numeric" value={draft.value} oninput={draft.oninput} onleave={draft.commit} unsent={draft.unsent} {disabled} />
        </Field>
    }
}
