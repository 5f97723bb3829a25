//! Parts that went into the work.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::work_order::{PartUsed, WorkOrder};
use shared_model::permission::Permission;
use yew::prelude::*;

use super::part_picker::PartPicker;
use crate::engine_client::use_engine;
use crate::locale::{decimal, t};
use crate::row_store::use_rows;
use crate::widgets::icon_sized;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Parts(props: &Props) -> Html {
    let engine = use_engine();
    let rooms = use_rows(DocumentKind::Storeroom);
    let adding = use_state(|| false);
    let line = |part: &PartUsed| {
        let room = part.storeroom.and_then(|id| rooms.get(id)).and_then(|entry| match &entry.row {
            Row::Storeroom(room) => Some(room.name.clone()),
            _ => None,
        });
        html! {
            <li key={part.key.clone()} class="list__row">
                <span class="grow">
                    <span class="t-16 w-med clip" style="display:block">{ &part.name }</span>
                    <span class="t-14 muted clip" style="display:block">{ &part.number }if let Some(room) = room { { " · " }{ room } }</span>
                </span>
                <b class="num nowrap">{ decimal(part.quantity) }{ " " }{ &part.unit }</b>
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
    let may = engine.may(Permission::WorkOrderExecute) && engine.may(Permission::PartRead);
    html! {
        <section aria-labelledby="h-parts">
            <div class="grouphead">
                <h2 id="h-parts">{ t!("parts-used") }</h2>
                if !props.order.parts.is_empty() { <span class="muted">{ props.order.parts.len() }</span> }
            </div>
            <div class="card list" style="border-radius:16px">
                if !props.order.parts.is_empty() { <ul class="list" aria-labelledby="h-parts">{ for props.order.parts.iter().map(line) }</ul> }
                if may {
                    <div style="padding:.25rem .5rem"><button type="button" class="btn btn--ghost btn--block add" onclick={open}>{ icon_sized("plus", 20) }{ t!("add-part") }</button></div>
                } else if props.order.parts.is_empty() {
                    <p class="list__row muted t-14">{ t!("no-parts-used") }</p>
                }
            </div>
            if *adding { <PartPicker work_order={props.order.id} {onclose} /> }
        </section>
    }
}
