//! One column: a status, its cards, and a place to drop others.

use std::rc::Rc;

use shared_model::features::work_order::Status;
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use yew::prelude::*;

use super::card::{Card, DRAGGED};
use crate::features::work_order::status_chip;
use crate::locale::{integer, t};
use crate::row_store::Entry;
use crate::widgets::icon;

/// More than fit on a screen.
const FIRST: usize = 12;
const MORE: usize = 50;

#[derive(Clone, Properties)]
pub struct Props {
    pub status: Status,
    pub entries: Vec<Rc<Entry>>,
    /// The cards are what a search found; behind the last column that is all finished work, whatever its status.
    pub searching: bool,
    pub now: Timestamp,
    /// A card is to go to a status.
    pub onmove: Callback<(DocumentId, Status)>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.status == other.status
            && self.searching == other.searching
            && self.now == other.now
            && self.onmove == other.onmove
            && self.entries.len() == other.entries.len()
            && self.entries.iter().zip(&other.entries).all(|(a, b)| Rc::ptr_eq(a, b))
    }
}

#[component]
pub fn Column(props: &Props) -> Html {
    let shown = use_state_eq(|| FIRST);
    let over = use_state_eq(|| false);
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let ondrop = {
        let (over, onmove, status) = (over.clone(), props.onmove.clone(), props.status);
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let dragged = event.data_transfer().and_then(|data| data.get_data(DRAGGED).ok());
            if let Some(id) = dragged.and_then(|id| id.parse().ok()) {
                onmove.emit((id, status));
            }
        })
    };
    let left = props.entries.len().saturating_sub(*shown);
    let more = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(*shown + MORE))
    };
    let finished = props.searching && props.status == Status::Verified;
    let head = if finished {
        html! { <span class="status" data-status="verified">{ icon("st-verified") }{ t!("board-finished") }</span> }
    } else {
        status_chip(props.status, "")
    };
    let card = |entry: &Rc<Entry>| {
        html! { <Card key={entry.id.to_string()} entry={entry.clone()} {finished} now={props.now} onmove={props.onmove.clone()} /> }
    };
    html! {
        <div class="kcol" data-column={props.status.code()} {ondragover} {ondragleave} {ondrop} role="group" aria-labelledby={format!("column-{}", props.status.code())}>
            <div class="kcol__head"><h2 id={format!("column-{}", props.status.code())} style="font-size:inherit">{ head }</h2><span class="wip">{ integer(props.entries.len() as i64) }</span></div>
            <div class="kcol__body">
                if *over { <div class="drop" style="min-block-size:3rem;flex:none"></div> }
                { for props.entries.iter().take(*shown).map(card) }
                if left > 0 { <button type="button" class="kcol__more" onclick={more}>{ t!("count-more", count = left) }</button> }
            </div>
        </div>
    }
}
