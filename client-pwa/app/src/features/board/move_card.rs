//! A card goes to another column: at once, or after a question when the step needs a reason or a person.

use shared_model::features::work_order::Status;
use shared_model::identity::DocumentId;
use yew::prelude::*;

use crate::engine_client::{Attempt, use_attempt, use_engine};
use crate::features::work_order::{
    Assignee, Candidate, ReasonDialog, assign, candidates, change_status, needs_reason, order, status_label,
    use_orders,
};
use crate::hooks::use_watched;
use crate::locale::t;
use crate::widgets::{Sheet, Toast, avatar, icon_sized, use_toast};

#[derive(Clone, Copy, PartialEq)]
enum Question {
    Reason { id: DocumentId, from: Status, to: Status },
    Person { id: DocumentId },
}

/// How cards are moved, and the question that is open.
#[hook]
pub fn use_move() -> (Callback<(DocumentId, Status)>, Html) {
    let engine = use_engine();
    let toaster = use_toast();
    let table = use_orders();
    let attempt = use_attempt();
    let question = use_state_eq(|| None::<Question>);
    let onmove = {
        let (engine, toaster, question) = (engine.clone(), toaster.clone(), question.setter());
        Callback::from(move |(id, to): (DocumentId, Status)| {
            let Some(order) = table.get(id).and_then(|entry| order(entry).cloned()) else { return };
            let from = order.status;
            if from == to {
                return;
            }
            if !from.may_become(to) {
                let text = t!(
                    "move-not-possible",
                    from = status_label(from).to_string(),
                    to = status_label(to).to_string()
                );
                toaster.show(Toast::new("info", text));
            } else if needs_reason(from, to) {
                question.set(Some(Question::Reason { id, from, to }));
            } else if to == Status::Assigned && order.people.is_empty() && order.teams.is_empty() {
                question.set(Some(Question::Person { id }));
            } else {
                let runs = order.timers.contains_key(&engine.person());
                engine.execute(change_status(id, to, None, runs));
            }
        })
    };
    let close = {
        let question = question.setter();
        Callback::from(move |()| question.set(None))
    };
    let asked = (*question).map(|question| view(question, &attempt, &close)).unwrap_or_default();
    (onmove, asked)
}

fn view(question: Question, attempt: &Attempt, close: &Callback<()>) -> Html {
    match question {
        Question::Reason { id, from, to } => {
            let (attempt, done) = (attempt.clone(), close.clone());
            let onconfirm = Callback::from(move |reason| {
                attempt.run(vec![change_status(id, to, Some(reason), false)], done.clone());
            });
            html! { <ReasonDialog {from} {to} {onconfirm} onclose={close.clone()} /> }
        }
        Question::Person { id } => html! { <People {id} onclose={close.clone()} /> },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PeopleProps {
    id: DocumentId,
    onclose: Callback<()>,
}

#[component]
fn People(props: &PeopleProps) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let row = |Candidate { who, name, icon }: Candidate| {
        let (engine, id, close) = (engine.clone(), props.id, props.onclose.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            engine.execute(assign(id, who));
            close.emit(());
        });
        html! {
            <li key={name.to_string()}><button type="button" class="list__row pick-row" {onclick}>
                { match who { Assignee::Person(_) => avatar(&name, "av--28"), Assignee::Team(_) => icon_sized(icon, 24) } }<span class="t-15 w-med">{ name }</span>
            </button></li>
        }
    };
    let people = candidates(&directory).into_iter().map(row);
    html! { <Sheet title={t!("assign-to")} onclose={props.onclose.clone()}><ul class="list">{ for people }</ul></Sheet> }
}
