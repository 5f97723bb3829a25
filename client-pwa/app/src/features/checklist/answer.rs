//! Sending an answer.

use shared_model::features::Command;
use shared_model::features::checklist::Step;
use shared_model::features::work_order::{self, ChecklistExecution};
use shared_model::identity::DocumentId;
use yew::prelude::*;

use crate::engine_client::use_engine;

/// Answers one step, or takes the answer back; a remark stays as it is unless a new one comes along.
#[hook]
pub fn use_answer(
    document: DocumentId,
    list: &ChecklistExecution,
    step: &Step,
) -> Callback<(Option<String>, Option<String>)> {
    let engine = use_engine();
    let (checklist, step) = (list.key.clone(), step.key.clone());
    Callback::from(move |(answer, remark)| {
        engine.execute(Command::WorkOrder(work_order::Command::Answer {
            id: document,
            checklist: checklist.clone(),
            step: step.clone(),
            answer,
            remark,
        }));
    })
}
