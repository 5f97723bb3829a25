//! A work order on the board: dragged with the pointer, moved and assigned from its menus by any means.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use shared_model::permission::Permission;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::engine_client::{Engine, use_engine};
use crate::features::work_order::{
    DueState, assign_items, due_chip, due_state, order, priority_chip, status_attribute, status_chip,
    status_icon, step_label,
};
use crate::hooks::use_watched;
use crate::locale::{day, duration, t};
use crate::route::Route;
use crate::row_store::Entry;
use crate::widgets::{Menu, MenuItem, avatar, avatar_labelled, icon_sized};

/// The type of what is dragged.
pub const DRAGGED: &str = "text/plain";
const MINUTE_MS: i64 = 60_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub entry: Rc<Entry>,
    /// Among finished work of any status: says which, and since when.
    pub finished: bool,
    pub now: Timestamp,
    pub onmove: Callback<(DocumentId, Status)>,
}

#[component]
pub fn Card(props: &Props) -> Html {
    let engine = use_engine();
    let dragging = use_state_eq(|| false);
    let fresh = use_state_eq(|| true);
    let Some(order) = order(&props.entry) else { return html! {} };
    let ondragstart = {
        let (dragging, id) = (dragging.clone(), order.id);
        Callback::from(move |event: DragEvent| {
            if let Some(data) = event.data_transfer() {
                let _ = data.set_data(DRAGGED, &id.to_string());
                data.set_effect_allowed("move");
            }
            dragging.set(true);
        })
    };
    let ondragend = {
        let dragging = dragging.clone();
        Callback::from(move |_: DragEvent| dragging.set(false))
    };
    // Only an arrival fades in: a browser plays an animation again for every card that changes its place.
    let onanimationend = {
        let fresh = fresh.clone();
        Callback::from(move |_: AnimationEvent| fresh.set(false))
    };
    let breached = due_state(order, props.now) == DueState::Breached;
    let live = !order.timers.is_empty();
    let about = match order.assets.len() {
        0 | 1 => [&order.asset_tag, &order.asset_name]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" · ")
            .into(),
        count => t!("asset-count", count = count),
    };
    let share = order.steps_answered * 100 / order.steps_total.max(1);
    html! {
        <article class={classes!("kcard", dragging.then_some("is-source"), live.then_some("is-live"), fresh.then_some("is-fresh"))} data-sla={breached.then_some("breached")}
            draggable="true" {ondragstart} {ondragend} {onanimationend} aria-label={format!("{} {}", order.number, order.title)}>
            <div class="kcard__top">
                <span class="id">{ &order.number }</span>
                if props.finished { <span class="t-12 muted nowrap">{ day(order.completed_at.unwrap_or(order.updated_at)) }</span> } else { { priority_chip(order.priority, "is-sm") } }
            </div>
            <div class="kcard__title"><Link<Route> to={Route::WorkOrder { id: order.id }}>{ &order.title }</Link<Route>></div>
            <div class="kcard__asset clip">{ about }</div>
            if order.status == Status::InProgress && order.steps_total > 0 { <span class="bar" data-tone="accent" style={format!("--v:{share}%")} role="img" aria-label={t!("steps-done", done = order.steps_answered, all = order.steps_total)}><i></i></span> }
            if !order.conflicts.is_empty() { <div><span class="tag" data-tone="violet">{ icon_sized("git-compare-arrows", 12) }{ t!("two-versions") }</span></div> }
            <Foot ..props.clone() />
            if order.status == Status::Completed && engine.may(Permission::WorkOrderVerify) { { verify(order, &props.onmove) } }
        </article>
    }
}

fn verify(order: &WorkOrderSummary, onmove: &Callback<(DocumentId, Status)>) -> Html {
    let id = order.id;
    let onclick = onmove.reform(move |_: MouseEvent| (id, Status::Verified));
    html! { <button type="button" class="btn btn--sm btn--soft btn--block" {onclick}>{ icon_sized("badge-check", 14) }{ t!("step-verify") }</button> }
}

#[component]
fn Foot(props: &Props) -> Html {
    let engine = use_engine();
    let Some(order) = order(&props.entry) else { return html! {} };
    let running = order.timers.values().map(|since| props.now.millis_since(*since) / MINUTE_MS).max();
    html! {
        <div class="kcard__foot">
            if props.finished { { status_chip(order.status, "is-sm") } } else { { due_chip(order.status, order.due, order.completed_at, props.now, "is-sm") } }
            <span class="row push" style="--gap:.25rem">
                if let Some(minutes) = running { <span class="t-12 num" style="color:var(--accent-ink);font-weight:560">{ duration(minutes.max(0)) }</span> }
                <AssignMenu ..props.clone() />
                { status_menu(order, &engine, &props.onmove) }
            </span>
        </div>
    }
}

fn status_menu(order: &WorkOrderSummary, engine: &Engine, onmove: &Callback<(DocumentId, Status)>) -> Html {
    let (id, from) = (order.id, order.status);
    let items: Vec<MenuItem> = Status::ALL
        .iter()
        .copied()
        .filter(|to| from.may_become(*to) && engine.may(from.permission_to(*to)))
        .map(|to| {
            let mut item = MenuItem::new("circle", step_label(from, to), onmove.reform(move |()| (id, to)));
            item.icon = status_icon(to).into();
            item.status = Some(status_attribute(to).into());
            item
        })
        .collect();
    if items.is_empty() {
        return html! {};
    }
    html! {
        <Menu label={t!("move-work-order", number = order.number.clone())} {items} class={classes!("kcard__menu")}>{ icon_sized("ellipsis", 14) }</Menu>
    }
}

/// The first person's avatar, or the team; behind it everybody to choose from.
#[component]
fn AssignMenu(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let Some(order) = order(&props.entry) else { return html! {} };
    let person = order.people.first().map(|person| directory.person(*person));
    let team = order.teams.first().map(|team| directory.team(*team));
    let only_team = person.is_none() && team.is_some();
    let name = person.or(team).unwrap_or_default();
    let others = (order.people.len() + order.teams.len()).saturating_sub(1);
    if !engine.may_write(DocumentKind::WorkOrder, "people") {
        return html! { { avatar_labelled(&name, "av--20") } };
    }
    let items = assign_items(&engine, &directory, order.id, &order.people, &order.teams);
    let label = if name.is_empty() {
        t!("assign-work-order", number = order.number.clone())
    } else {
        t!("assigned-work-order", number = order.number.clone(), name = name.to_string())
    };
    html! {
        <Menu {label} {items} heading={t!("assign-to")} class={classes!("kcard__menu")}>
            if only_team { { icon_sized("users", 18) } } else { { avatar(&name, "av--20") } }
            if others > 0 { <span class="t-12 muted">{ "+" }{ others }</span> }
        </Menu>
    }
}
