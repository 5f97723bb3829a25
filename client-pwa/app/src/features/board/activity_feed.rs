//! Who did what to which work order, beside the board; read out politely as it comes.

use std::rc::Rc;

use shared_model::features::View;
use shared_model::features::work_order::Status;
use shared_model::instant::Timestamp;
use yew::prelude::*;
use yew_router::prelude::*;

use super::activity::{Event, Feed, Happening};
use crate::clock;
use crate::engine_client::{Directory, use_engine};
use crate::features::work_order::{priority_label, status_icon};
use crate::hooks::{use_now, use_watched};
use crate::locale::{day, since, t};
use crate::route::Route;
use crate::row_store::Table;
use crate::widgets::{icon, icon_sized};

const CLOCK_MS: u32 = 30_000;
/// Where the person and the work order stand in a sentence of any language.
const WHO: char = '\u{1}';
const WHICH: char = '\u{2}';

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
    let redraw = use_force_update();
    let paused = use_state_eq(|| false);
    {
        let (feed, table) = (feed.clone(), props.table.clone());
        use_effect_with((table.revision, loading, *paused), move |(_, loading, paused)| {
            let questions =
                if *paused { Vec::new() } else { feed.borrow_mut().take_in(&table, clock::now(), *loading) };
            for question in questions {
                let (feed, redraw) = (feed.clone(), redraw.clone());
                engine.look(
                    question.id,
                    Callback::from(move |view: Option<View>| {
                        let order = view.as_ref().and_then(|view| match view {
                            View::WorkOrder(order) => Some(&**order),
                            _ => None,
                        });
                        feed.borrow_mut().answer(&question, order);
                        redraw.force_update();
                    }),
                );
            }
        });
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
                { for events.iter().map(|event| line(event, &directory, now)) }
                if events.is_empty() { <li class="muted" style="display:block">{ t!("activity-empty") }</li> }
            </ol>
        </aside>
    }
}

fn line(event: &Event, directory: &Directory, now: Timestamp) -> Html {
    let (symbol, tone) = mark(&event.what);
    let who = who(event, directory);
    let which = html! { <Link<Route> to={Route::WorkOrder { id: event.id }}><span class="nowrap">{ &event.number }</span></Link<Route>> };
    html! {
        <li key={format!("{}-{}", event.serial, event.id)}>
            <span class="tl__dot" data-tone={tone}>{ icon(&symbol) }</span>
            <div class="tl__body">
                { sentence(&words(&event.what, directory), &who, &which) }
                <div class="muted clip t-12" title={event.title.clone()}>{ &event.title }</div>
                if let Some(words) = &event.words { <div class="soft clip t-12">{ format!("“{words}”") }</div> }
                <div><time>{ since(event.at, now) }</time></div>
            </div>
        </li>
    }
}

/// The person; the server when nobody stands behind it.
fn who(event: &Event, directory: &Directory) -> AttrValue {
    let (person, _) = event.actor.map(|actor| directory.actor(actor)).unwrap_or_default();
    directory.author(event.author.or(person))
}

/// Puts the person and the work order where the language wants them.
fn sentence(text: &str, who: &AttrValue, which: &Html) -> Html {
    text.split_inclusive([WHO, WHICH])
        .map(|piece| {
            html! {
                <>
                    { piece.trim_end_matches([WHO, WHICH]).to_owned() }
                    if piece.ends_with(WHO) { <b>{ who.clone() }</b> }
                    if piece.ends_with(WHICH) { { which.clone() } }
                </>
            }
        })
        .collect()
}

fn words(what: &Happening, directory: &Directory) -> AttrValue {
    let number = |count: u32| AttrValue::from(count.to_string());
    let status;
    let none = AttrValue::default;
    let (key, name, more) = match what {
        Happening::Arrived => ("did-arrive", none(), none()),
        Happening::Status(to) => {
            status = format!("did-status-{}", to.code());
            (status.as_str(), none(), none())
        }
        Happening::Assigned(person) => ("did-assign", directory.person(*person), none()),
        Happening::Unassigned(person) => ("did-unassign", directory.person(*person), none()),
        Happening::TeamAssigned(team) => ("did-assign", directory.team(*team), none()),
        Happening::Note => ("did-note", none(), none()),
        Happening::Labour => ("did-labour", none(), none()),
        Happening::Part => ("did-part", none(), none()),
        Happening::Steps(done, all) => ("did-steps", number(*done), number(*all)),
        Happening::TimerStarted => ("did-timer", none(), none()),
        Happening::Priority(priority) => ("did-priority", priority_label(*priority), none()),
        Happening::Due(Some(due)) => ("did-due", day(*due), none()),
        Happening::Due(None) | Happening::Changed => ("did-change", none(), none()),
        Happening::Conflict => ("did-conflict", none(), none()),
        Happening::Settled => ("did-settle", none(), none()),
    };
    let (who, which) = (WHO.to_string(), WHICH.to_string());
    t!(key, who = who, which = which, name = name.to_string(), more = more.to_string())
}

fn mark(what: &Happening) -> (String, Option<&'static str>) {
    let (symbol, tone) = match what {
        Happening::Status(status) => return (status_icon(*status), tone(*status)),
        Happening::Arrived => ("plus", None),
        Happening::Assigned(_) => ("user-plus", Some("violet")),
        Happening::TeamAssigned(_) => ("users", Some("violet")),
        Happening::Unassigned(_) => ("user", None),
        Happening::Note => ("message-square", None),
        Happening::Labour => ("clock", None),
        Happening::Part => ("package", None),
        Happening::Steps(..) => ("check", Some("accent")),
        Happening::TimerStarted => ("play", Some("accent")),
        Happening::Priority(_) => ("signal-high", Some("orange")),
        Happening::Due(_) => ("calendar", None),
        Happening::Conflict => ("git-compare-arrows", Some("violet")),
        Happening::Settled => ("git-compare-arrows", Some("green")),
        Happening::Changed => ("pencil", None),
    };
    (symbol.to_owned(), tone)
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
