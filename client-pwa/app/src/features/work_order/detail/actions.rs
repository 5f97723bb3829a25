//! The one obvious next step, under the thumb, and the others behind a menu.

use std::rc::Rc;

use shared_model::features::work_order::{ChecklistExecution, Status, WorkOrder};
use shared_model::permission::Permission;
use yew::prelude::*;

use super::delete::DeleteDialog;
use crate::engine_client::{Attempt, Engine, use_attempt, use_engine};
use crate::features::work_order::commands::{change_status, timer};
use crate::features::work_order::steps::{ReasonDialog, needs_reason, step_label};
use crate::features::work_order::words::{status_attribute, status_icon};
use crate::locale::t;
use crate::widgets::{Menu, MenuItem, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

/// The step most people take next from a status.
fn next_step(order: &WorkOrder, engine: &Engine) -> Option<Status> {
    let to = match order.status {
        Status::New | Status::Assigned | Status::OnHold => Status::InProgress,
        Status::InProgress => Status::Completed,
        Status::Completed => Status::Verified,
        Status::Verified => Status::Closed,
        Status::Closed | Status::Cancelled => return None,
    };
    may(order, engine, to).then_some(to)
}

/// May this person take the step? What they completed is verified by somebody else.
fn may(order: &WorkOrder, engine: &Engine, to: Status) -> bool {
    let own = to == Status::Verified && order.completed_by() == Some(engine.person());
    !own && order.status.may_become(to) && engine.may(order.status.permission_to(to))
}

#[component]
pub fn ActionBar(props: &Props) -> Html {
    let engine = use_engine();
    let order = &props.order;
    let asking = use_state(|| None::<Status>);
    let deleting = use_state(|| false);
    let take = use_step(order, &asking);
    let attempt = use_attempt();
    let primary = next_step(order, &engine);
    let hold =
        (order.status == Status::InProgress && may(order, &engine, Status::OnHold)).then_some(Status::OnHold);
    let rest = Status::ALL.iter().copied().filter(|to| {
        may(order, &engine, *to)
            && Some(*to) != primary
            && Some(*to) != hold
            && !matches!(to, Status::Assigned | Status::New)
    });
    let mut items: Vec<MenuItem> = rest
        .map(|to| {
            let mut item = MenuItem::new("circle", step_label(order.status, to), take.reform(move |()| to));
            item.icon = status_icon(to).into();
            item.status = Some(status_attribute(to).into());
            item
        })
        .collect();
    let has_steps = !items.is_empty();
    if engine.may(Permission::DELETE_DOCUMENTS) {
        let ask = deleting.setter();
        let ask = Callback::from(move |()| ask.set(true));
        items.push(MenuItem::new("trash-2", t!("delete-order"), ask));
    }
    let open: u32 = order.checklists.iter().map(left).sum();
    html! {
        <div class="actionbar" role="group" aria-label={t!("next-step")}>
            if !items.is_empty() {
                <Menu label={t!("more-actions")} {items} class={classes!("btn", "btn--xl", "btn--icon")}>{ icon_sized("ellipsis-vertical", 20) }</Menu>
            }
            if let Some(to) = hold {
                <button type="button" class="btn btn--xl" onclick={take.reform(move |_: MouseEvent| to)}>{ icon_sized("pause", 20) }{ step_label(order.status, to) }</button>
            }
            if let Some(to) = primary {
                <button type="button" class="btn btn--xl btn--primary grow" onclick={take.reform(move |_: MouseEvent| to)}>
                    { icon_sized(if to == Status::InProgress { "play" } else { "check" }, 24) }
                    { step_label(order.status, to) }
                    if to == Status::Completed && open > 0 { <span style="font-weight:500">{ "· " }{ t!("steps-left", count = open) }</span> }
                </button>
            } else if !has_steps {
                <p class="t-14 muted grow" style="align-self:center">{ t!("nothing-to-do-here") }</p>
            }
            if let Some(to) = *asking { <ReasonDialog from={order.status} {to} onconfirm={with_reason(order, to, (&engine, &attempt), &asking)} onclose={ let asking = asking.clone(); Callback::from(move |()| asking.set(None)) } /> }
            if *deleting { <DeleteDialog order={order.clone()} onclose={ let deleting = deleting.setter(); Callback::from(move |()| deleting.set(false)) } /> }
        </div>
    }
}

fn with_reason(
    order: &Rc<WorkOrder>,
    to: Status,
    (engine, attempt): (&Engine, &Attempt),
    asking: &UseStateHandle<Option<Status>>,
) -> Callback<String> {
    let (order, engine, attempt, asking) = (order.clone(), engine.clone(), attempt.clone(), asking.setter());
    Callback::from(move |reason| {
        let runs = order.timers.contains_key(&engine.person());
        let asking = asking.clone();
        let saved = Callback::from(move |()| asking.set(None));
        attempt.run(vec![change_status(order.id, to, Some(reason), runs)], saved);
    })
}

fn left(list: &ChecklistExecution) -> u32 {
    u32::try_from(list.unanswered_required().len()).unwrap_or(u32::MAX)
}

/// Takes a step, or asks for the reason first.
#[hook]
fn use_step(order: &Rc<WorkOrder>, asking: &UseStateHandle<Option<Status>>) -> Callback<Status> {
    let engine = use_engine();
    let (order, asking) = (order.clone(), asking.setter());
    Callback::from(move |to: Status| {
        if needs_reason(order.status, to) {
            asking.set(Some(to));
            return;
        }
        let runs = order.timers.contains_key(&engine.person());
        engine.execute(change_status(order.id, to, None, runs));
        // Whoever starts work starts their clock with it.
        if to == Status::InProgress && !runs {
            engine.execute(timer(order.id, false));
        }
    })
}
