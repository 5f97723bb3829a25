//! The columns side by side. What is finished waits in a narrow strip; a search looks through it too, and shows it.

use std::rc::Rc;

use shared_model::features::work_order::Status;
use shared_model::instant::Timestamp;
use yew::prelude::*;

use super::column::Column;
use super::move_card::use_move;
use super::picture::{COLUMNS, columns};
use crate::hooks::use_layout;
use crate::locale::t;
use crate::row_store::{Entries, Entry};
use crate::widgets::{Empty, icon, icon_with};

/// Equal when nothing was sorted, picked or found anew.
#[derive(Clone)]
pub struct Shared(pub Entries);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// In the order of the columns.
    pub cards: Shared,
    /// The cards are what a search found.
    pub searching: bool,
    pub now: Timestamp,
}

#[component]
pub fn Columns(props: &Props) -> Html {
    let (onmove, question) = use_move();
    let phone = use_layout().is_phone();
    let shut = use_state_eq(|| true);
    let (searching, now) = (props.searching, props.now);
    if searching && props.cards.0.is_empty() {
        return html! { <Empty icon="search" title={t!("nothing-found")} text={t!("nothing-found-text")} /> };
    }
    let [open @ .., finished] = columns(&props.cards.0);
    let column = |status: Status, entries: &[Rc<Entry>]| {
        html! { <Column key={status.code()} {status} entries={entries.to_vec()} {searching} {now} onmove={onmove.clone()} /> }
    };
    // In the hand one column fills the screen: a search leaves out those where it found nothing.
    let shown = |entries: &[Rc<Entry>]| !(searching && phone && entries.is_empty());
    let open = COLUMNS.into_iter().zip(open).filter(|(_, entries)| shown(entries));
    let last = if !shown(finished) {
        html! {}
    } else if searching || !*shut {
        column(Status::Verified, finished)
    } else {
        strip(finished.len(), Callback::from(move |_: MouseEvent| shut.set(false)))
    };
    html! {
        <>
            <section class={classes!("board", searching.then_some("is-found"))} aria-label={t!("board-by-status")}>
                { for open.map(|(status, entries)| column(status, entries)) }
                { last }
            </section>
            { question }
        </>
    }
}

fn strip(count: usize, onclick: Callback<MouseEvent>) -> Html {
    let label = t!("board-verified", count = count);
    html! {
        <button type="button" class="kcol kcol--shut" aria-expanded="false" aria-label={label} {onclick}>
            { icon_with("chevrons-left", 14, "muted") }
            <span class="status" data-status="verified" style="--glyph-cut:var(--sunken)">{ icon("st-verified") }{ t!("status-verified") }</span>
            <span class="muted t-13">{ count }</span>
        </button>
    }
}
