//! Working through a checklist: one step after the other, each with the control its answer needs.

mod answer;
mod given;
mod meter;
mod reading;
mod step;

use std::rc::Rc;

use shared_model::document::FieldConflict;
use shared_model::features::work_order::{AssetLink, ChecklistExecution};
use shared_model::identity::DocumentId;
use yew::prelude::*;

use self::answer::Deed;
use self::given::Given;
use self::step::StepRow;
use crate::locale::t;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The work order.
    pub document: DocumentId,
    pub list: Rc<ChecklistExecution>,
    pub conflicts: Vec<FieldConflict>,
    /// The asset whose meters its steps read: the first of the work order.
    pub asset: Option<Rc<AssetLink>>,
}

/// A checklist with how far it is.
#[component]
pub fn ChecklistCard(props: &Props) -> Html {
    let given = use_state_eq(Given::default);
    {
        let given = given.clone();
        use_effect_with(props.list.clone(), move |list| given.set(given.waiting(list)));
    }
    let list = given.over(&props.list);
    let ongive = {
        let (given, list) = (given.clone(), props.list.clone());
        Callback::from(move |(step, answer): (String, Deed)| {
            given.set(match answer {
                Deed::Given(answer) => given.with(&list, &step, answer),
                Deed::Refused => given.without(&step),
            });
        })
    };
    let (done, all) = (list.answered(), list.answerable());
    let share = done * 100 / all.max(1);
    let id = format!("checklist-{}", list.key);
    let mut number = 0;
    let steps = list.steps.iter().filter(|step| list.is_shown(step)).map(|step| {
        number += usize::from(step.field.takes_answer());
        let field = format!("checklists/{}/answers/{}", list.key, step.key);
        let conflict = props.conflicts.iter().find(|conflict| conflict.field == field).cloned();
        html! { <StepRow key={step.key.clone()} document={props.document} list={list.clone()} step={step.clone()} {number} {conflict} ongive={ongive.clone()} asset={props.asset.clone()} /> }
    });
    html! {
        <section aria-labelledby={id.clone()}>
            <div class="grouphead" style="padding-block-end:.5rem">
                <h2 {id}>{ if list.title.is_empty() { t!("checklist") } else { list.title.clone().into() } }</h2>
                <span class="muted nowrap">{ t!("steps-done", done = done, all = all) }</span>
                <span class="bar push" style={format!("--v:{share}%;inline-size:5rem;flex:none")} aria-hidden="true"><i></i></span>
            </div>
            <div class="card" style="border-radius:16px">{ for steps }</div>
        </section>
    }
}
