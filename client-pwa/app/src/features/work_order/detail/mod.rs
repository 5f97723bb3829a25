//! One work order: everything about it, and one obvious next step.

mod actions;
mod assignees;
mod delete;
mod description;
mod facts;
mod history;
mod labour;
mod long_text;
mod more_facts;
mod notes;
mod notices;
mod part_picker;
mod parts;
mod resolution;
mod summary;
mod timer;
mod versions;

use std::rc::Rc;

use shared_model::features::work_order::WorkOrder;
use shared_model::features::{CostSum, View};
use shared_model::identity::DocumentId;
use yew::prelude::*;

use self::actions::ActionBar;
use self::description::Description;
use self::facts::Facts;
use self::history::History;
use self::labour::Labour;
use self::notes::Notes;
use self::notices::Notices;
use self::parts::Parts;
use self::resolution::Resolution;
use self::summary::Summary;
use self::timer::TimeCard;
use super::rows::{order, use_orders};
use crate::engine_client::{Shown, use_engine, use_view};
use crate::features::checklist::ChecklistCard;
use crate::features::cost::CostCard;
use crate::hooks::{Layout, Loadable, use_layout, use_watched};
use crate::locale::t;
use crate::route::Route;
use crate::shell::{Coming, Page};
use crate::widgets::{Empty, Skeleton, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: DocumentId,
}

#[component]
pub fn DetailPage(props: &Props) -> Html {
    let table = use_orders();
    let shown = use_view(props.id);
    let number = table.get(props.id).and_then(|entry| order(entry).map(|row| row.number.clone()));
    let awaited = |inner: Html| {
        let title = number.map_or_else(|| t!("work-order"), AttrValue::from);
        html! { <Page {title} back={Route::WorkOrders}>{ inner }</Page> }
    };
    match shown {
        Loadable::Ready(Shown { view: View::WorkOrder(order), unsent, costs }) => {
            html! { <Loaded order={Rc::new(*order)} {unsent} {costs} /> }
        }
        Loadable::Loading => awaited(html! { <Skeleton label={t!("loading")} /> }),
        Loadable::Coming => awaited(html! { <Coming /> }),
        Loadable::Missing | Loadable::Ready(_) => html! {
            <Page title={t!("work-order")} back={Route::WorkOrders}>
                <Empty icon="clipboard-list" title={t!("work-order-missing")} text={t!("work-order-missing-text")} />
            </Page>
        },
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LoadedProps {
    order: Rc<WorkOrder>,
    unsent: usize,
    costs: Rc<Vec<CostSum>>,
}

#[component]
fn Loaded(props: &LoadedProps) -> Html {
    let layout = use_layout();
    let order = &props.order;
    let heading = html! {
        <div class="heading">
            <h1 class="t-16 w-str" style="line-height:1.25"><span class="nowrap">{ &order.number }</span></h1>
            <SavedChip unsent={props.unsent} />
        </div>
    };
    let title = AttrValue::from(format!("{} {}", order.number, order.title));
    let bar = html! { <ActionBar order={order.clone()} /> };
    match layout {
        Layout::Phone => html! {
            <Page {title} {heading} back={Route::MyWork} foot={bar} class="stack detail">
                <Summary order={order.clone()} />
                <Notices order={order.clone()} />
                <TimeCard order={order.clone()} />
                <Description order={order.clone()} />
                { for checklists(order) }
                <Resolution order={order.clone()} />
                <Parts order={order.clone()} />
                <Labour order={order.clone()} />
                <CostCard sums={props.costs.clone()} />
                <Notes order={order.clone()} />
                <Facts order={order.clone()} />
                <History order={order.clone()} />
            </Page>
        },
        Layout::Desk => html! {
            <Page {title} {heading} back={Route::WorkOrders} actions={bar} class="detail">
                <div class="cols cols--side" style="--gap:1.25rem;--side:22rem">
                    <div class="stack" style="--gap:1.25rem">
                        <Summary order={order.clone()} />
                        <Notices order={order.clone()} />
                        <Description order={order.clone()} />
                        { for checklists(order) }
                        <Resolution order={order.clone()} />
                        <Parts order={order.clone()} />
                        <Notes order={order.clone()} />
                    </div>
                    <div class="stack" style="--gap:1.25rem">
                        <TimeCard order={order.clone()} />
                        <Facts order={order.clone()} />
                        <Labour order={order.clone()} />
                        <CostCard sums={props.costs.clone()} />
                        <History order={order.clone()} />
                    </div>
                </div>
            </Page>
        },
    }
}

fn checklists(order: &Rc<WorkOrder>) -> impl Iterator<Item = Html> {
    let asset = order.assets.first().cloned().map(Rc::new);
    order.checklists.iter().map(move |list| {
        html! { <ChecklistCard key={list.key.clone()} asset={asset.clone()} document={order.id} list={Rc::new(list.clone())} conflicts={order.conflicts.clone()} /> }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct SavedProps {
    unsent: usize,
}

/// Where the changes of this order are: being saved, on this device, or with the server.
#[component]
fn SavedChip(props: &SavedProps) -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let (state, symbol, text) = match (sync.unanswered, props.unsent) {
        (0, 0) if sync.is_live() => ("accepted", "cloud-check", t!("all-accepted")),
        (0, 0) => ("saved", "smartphone", t!("saved-on-device")),
        (0, count) => ("saved", "smartphone", t!("changes-saved-here", count = count)),
        (_, _) if sync.trouble.is_some() => ("attention", "cloud-alert", t!("not-saved-yet")),
        (_, _) => ("sending", "pen-line", t!("saving")),
    };
    html! { <span class="sync" data-sync={state} role="status">{ icon(symbol) }{ text }</span> }
}
