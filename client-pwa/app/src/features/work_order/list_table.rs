//! The table of work orders at a desk: thousands of rows, of which only those in sight are built.

use std::rc::Rc;

use shared_model::features::work_order::WorkOrderSummary;
use shared_model::instant::Timestamp;
use yew::prelude::*;
use yew_router::prelude::*;

use super::due::{DueState, due_chip, due_state};
use super::list_filter::{Column, Filter};
use super::rows::order;
use super::words::{priority_chip, status_chip, type_label};
use crate::engine_client::{Directory, use_engine};
use crate::hooks::use_watched;
use crate::locale::t;
use crate::route::Route;
use crate::row_store::Entry;
use crate::widgets::{TableWindow, avatar, icon, icon_sized};

const ROW_PX: f64 = 34.0;

#[derive(Clone, Properties)]
pub struct Props {
    pub entries: Rc<Vec<Rc<Entry>>>,
    pub filter: Filter,
    pub onsort: Callback<Filter>,
    pub now: Timestamp,
    pub empty: Html,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries) && self.filter == other.filter && self.now == other.now
    }
}

#[component]
pub fn ListTable(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let navigator = use_navigator();
    let (entries, now) = (props.entries.clone(), props.now);
    let count = entries.len();
    let row: Rc<dyn Fn(usize) -> Html> = {
        let parts = (Rc::as_ptr(&entries) as usize, Rc::as_ptr(&directory) as usize, now);
        (*use_memo(parts, move |_| -> Rc<dyn Fn(usize) -> Html> {
            Rc::new(move |index| {
                let entry = &entries[index];
                order(entry).map_or_else(Html::default, |order| {
                    view(index, order, &directory, now, navigator.as_ref())
                })
            })
        }))
        .clone()
    };
    let head = html! {
        <thead><tr>
            <Head label={t!("column-number")} column={Column::Number} ..head_props(props) />
            <Head label={t!("field-title")} column={Column::Title} ..head_props(props) />
            <Head label={t!("field-asset")} column={Column::Asset} ..head_props(props) />
            <Head label={t!("field-status")} column={Column::Status} ..head_props(props) />
            <Head label={t!("field-priority")} column={Column::Priority} ..head_props(props) />
            <th scope="col" data-cell="extra">{ t!("field-type") }</th>
            <th scope="col">{ t!("field-assignees") }</th>
            <Head label={t!("field-due")} column={Column::Due} ..head_props(props) />
            <th scope="col" class="end" data-cell="extra">{ t!("column-hours") }</th>
        </tr></thead>
    };
    html! { <TableWindow {count} row_px={ROW_PX} {head} {row} label={t!("work-orders")} empty={props.empty.clone()} /> }
}

#[derive(Clone, PartialEq, Properties)]
struct HeadProps {
    #[prop_or_default]
    label: AttrValue,
    #[prop_or(Column::Number)]
    column: Column,
    filter: Filter,
    onsort: Callback<Filter>,
}

fn head_props(props: &Props) -> HeadProps {
    HeadProps {
        label: AttrValue::default(),
        column: Column::Number,
        filter: props.filter.clone(),
        onsort: props.onsort.clone(),
    }
}

/// A column's name; it sorts, and says how it is sorted.
#[component]
fn Head(props: &HeadProps) -> Html {
    let sorted = props.filter.column == props.column;
    let descending = sorted && !props.filter.descending;
    let next = Filter { column: props.column, descending, ..props.filter.clone() };
    let onclick = props.onsort.reform(move |_: MouseEvent| next.clone());
    let direction = sorted.then_some(if props.filter.descending { "descending" } else { "ascending" });
    html! {
        <th scope="col" aria-sort={direction}>
            <button type="button" class="th" {onclick}>
                { props.label.clone() }
                if sorted { { icon_sized(if props.filter.descending { "chevron-down" } else { "arrow-up" }, 12) } }
            </button>
        </th>
    }
}

fn view(
    place: usize,
    order: &WorkOrderSummary,
    directory: &Directory,
    now: Timestamp,
    navigator: Option<&Navigator>,
) -> Html {
    let route = Route::WorkOrder { id: order.id };
    // One listener for the row and its link; a link that opens elsewhere is the browser's own.
    let open = navigator.cloned().map(|navigator| {
        Callback::from(move |event: MouseEvent| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                navigator.push(&route);
            }
        })
    });
    let breached = (due_state(order, now) == DueState::Breached).then_some("breached");
    let asset = match order.assets.len() {
        0 | 1 => order.asset_tag.clone().unwrap_or_default().into(),
        count => t!("asset-count", count = count),
    };
    let estimated = order.estimated_minutes.unwrap_or(0);
    html! {
        <tr key={place} data-flag={breached} onclick={open} class="is-link">
            <td class="id"><span class="nowrap">{ &order.number }</span></td>
            <td data-cell="title" class="cell-title">
                <a href={route.to_path()} class="w-med clip">{ &order.title }</a>
                if !order.conflicts.is_empty() { <span class="sync is-sm" data-sync="conflict">{ icon("git-compare-arrows") }<span class="sr">{ t!("two-versions") }</span></span> }
            </td>
            <td class="cell-asset"><span class="clip" style="display:block"><span class="asset-code">{ asset }</span>{ " " }<span class="muted">{ order.asset_name.clone().unwrap_or_default() }</span></span></td>
            <td>{ status_chip(order.status, "") }</td>
            <td>{ priority_chip(order.priority, "") }</td>
            <td class="soft" data-cell="extra">{ type_label(order.work_type) }</td>
            <td>{ people(order, directory) }</td>
            <td>{ due_chip(order.status, order.due, order.completed_at, now, "") }</td>
            <td class="end" data-cell="extra">if order.labour_minutes > 0 || estimated > 0 { { hours(order.labour_minutes) }{ " " }<span class="muted">{ "/ " }{ hours(estimated) }</span> }</td>
        </tr>
    }
}

fn people(order: &WorkOrderSummary, directory: &Directory) -> Html {
    match order.people.as_slice() {
        [] => match order.teams.first() {
            Some(team) => html! { <span>{ directory.team(*team) }</span> },
            None => html! { <span class="muted">{ t!("nobody-yet") }</span> },
        },
        [first, rest @ ..] => {
            let name = directory.person(*first);
            html! {
                <span class="row" style="--gap:.375rem">{ avatar(&name.clone(), "av--20") }<span class="clip">{ name }</span>
                    if !rest.is_empty() { <span class="muted">{ "+" }{ rest.len() }</span> }
                </span>
            }
        }
    }
}

fn hours(minutes: i64) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}
