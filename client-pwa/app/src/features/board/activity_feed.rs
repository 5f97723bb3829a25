//! What has just happened, beside the board; read out politely as it comes.

use std::rc::Rc;

use shared_model::features::work_order::Status;
use shared_model::instant::Timestamp;
use yew::prelude::*;
use yew_router::prelude::*;

use super::activity::{Event, Feed, Happening};
use crate::clock;
use crate::engine_client::{Directory, use_engine};
use crate::features::work_order::{status_icon, status_label};
use crate::hooks::{use_now, use_watched};
use crate::locale::{since, t};
use crate::route::Route;
use crate::row_store::Table;
use crate::widgets::{icon, icon_sized};

const CLOCK_MS: u32 = 30_000;

#[derive(Clone, Properties)]
pub struct Props {
    pub table: Rc<Table>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.table, &other.table)
    }
}

#[component]
pub fn ActivityFeed(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let loading = use_watched(engine.sync()).is_loading();
    let now = use_now(CLOCK_MS);
    let feed = use_mut_ref(Feed::default);
    let paused = use_state_eq(|| false);
    if !*paused {
        feed.borrow_mut().take_in(&props.table, clock::now(), loading);
    }
    let toggle = {
        let paused = paused.clone();
        Callback::from(move |_: MouseEvent| paused.set(!*paused))
    };
    let (icon, label) =
        if *paused { ("play", t!("activity-resume")) } else { ("pause", t!("activity-pause")) };
    let events = feed.borrow().events.clone();
    html! {
        <aside class="drawer" data-tab="hide" aria-label={t!("activity")} style="box-shadow:none">
            <div class="drawer__head" style="min-block-size:2.75rem;padding-block:.5rem">
                <h2 class="grow">{ t!("activity") }</h2>
                <button type="button" class="btn btn--ghost btn--sm btn--icon" aria-label={label} onclick={toggle}>{ icon_sized(icon, 14) }</button>
            </div>
            <ol class="tl scroll-y" style="padding:.875rem 1rem 0" aria-live="polite" aria-relevant="additions" tabindex="0">
                { for events.iter().enumerate().map(|(index, event)| line(events.len() - index, event, &directory, now)) }
                if events.is_empty() { <li class="muted" style="display:block">{ t!("activity-empty") }</li> }
            </ol>
        </aside>
    }
}

fn line(number: usize, event: &Event, directory: &Directory, now: Timestamp) -> Html {
    let (symbol, tone, text): (String, Option<&str>, AttrValue) = match &event.what {
        Happening::Arrived => ("plus".to_owned(), None, t!("happened-arrived")),
        Happening::Status(status) => (status_icon(*status), tone(*status), status_label(*status)),
        Happening::Assigned(person) => (
            "user-plus".to_owned(),
            Some("violet"),
            t!("happened-assigned", name = directory.person(*person).to_string()),
        ),
        Happening::Note => ("message-square".to_owned(), None, t!("happened-note")),
        Happening::Conflict => ("git-compare-arrows".to_owned(), Some("violet"), t!("two-versions")),
        Happening::Settled => ("git-compare-arrows".to_owned(), Some("green"), t!("happened-settled")),
        Happening::Changed => ("pencil".to_owned(), None, t!("happened-changed")),
    };
    html! {
        <li key={format!("{number}-{}", event.id)}>
            <span class="tl__dot" data-tone={tone.map(str::to_owned)}>{ icon(&symbol) }</span>
            <div class="tl__body">
                <Link<Route> to={Route::WorkOrder { id: event.id }}><b class="nowrap">{ &event.number }</b></Link<Route>>{ " " }{ text }
                <div class="muted clip t-12">{ &event.title }</div>
                <div><time>{ since(event.at, now) }</time></div>
            </div>
        </li>
    }
}

fn tone(status: Status) -> Option<&'static str> {
    match status {
        Status::New | Status::Cancelled => None,
        Status::Assigned => Some("violet"),
        Status::InProgress => Some("accent"),
        Status::OnHold => Some("amber"),
        Status::Completed => Some("green"),
        Status::Verified | Status::Closed => Some("teal"),
    }
}
