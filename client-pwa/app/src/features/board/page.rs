//! The board: figures and load above, columns below, what has just happened beside it.

use yew::prelude::*;

use super::activity_feed::ActivityFeed;
use super::columns::{Columns, Shared};
use super::load::Load;
use super::picture::{Picture, View, sorted};
use crate::engine_client::use_engine;
use crate::features::work_order::{NewWorkOrderLink, use_orders};
use crate::hooks::{Layout, use_layout, use_now, use_watched};
use crate::locale::{self, clock_time, integer, t};
use crate::row_store::use_found;
use crate::shell::Page;
use crate::widgets::{FilterChip, Search, icon};

const CLOCK_MS: u32 = 30_000;

#[component]
pub fn BoardPage() -> Html {
    let table = use_orders();
    let layout = use_layout();
    let now = use_now(CLOCK_MS);
    let search = use_state(String::new);
    let view = use_state_eq(|| View::Everyone);
    let searching = !search.trim().is_empty();
    let cards = {
        let table = table.clone();
        use_memo((table.revision, searching), move |(_, searching)| sorted(&table, *searching))
    };
    let picture = {
        let key = (table.revision, searching, *view, now);
        use_memo(key, move |(_, _, view, now)| Picture::of(&cards, *view, *now))
    };
    let found = use_found(picture.cards.clone(), &search);
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let choose = {
        let view = view.clone();
        Callback::from(move |next| view.set(next))
    };
    let count = searching.then(|| t!("board-found", count = integer(found.len() as i64).to_string()));
    let find =
        html! { <Search label={t!("board-search")} value={search.to_string()} {oninput} class="wide" /> };
    let body = html! {
        <div class="boardpage">
            { figures(&picture, *view, &choose, count.clone()) }
            if !layout.is_phone() { <Load table={table.clone()} /> }
            <Columns cards={Shared(found)} {searching} {now} />
        </div>
    };
    match layout {
        Layout::Phone => {
            html! { <Page title={t!("live-board")} subtitle={count} tools={find} actions={html! { <NewWorkOrderLink /> }} class="boardmain">{ body }</Page> }
        }
        Layout::Desk => html! {
            <Page title={t!("live-board")} heading={html! { <><h1>{ t!("live-board") }</h1><Live /></> }} actions={html! { <>{ find }<NewWorkOrderLink /></> }} columns="minmax(0,1fr) 16rem">
                { body }
                <ActivityFeed {table} />
            </Page>
        },
    }
}

fn figures(picture: &Picture, chosen: View, choose: &Callback<View>, found: Option<AttrValue>) -> Html {
    let chip = |view: View| {
        let count = match view {
            View::Everyone | View::Unassigned => None,
            View::AtRisk => Some((picture.at_risk, "amber")),
            View::Overdue => Some((picture.overdue, "red")),
            View::Conflicts => Some((picture.conflicts, "violet")),
        };
        let count = count.filter(|(count, _)| *count > 0);
        html! {
            <FilterChip key={view.key()} label={locale::text(view.key(), None)} pressed={chosen == view} onclick={choose.reform(move |()| view)}
                count={count.map(|(count, _)| count)} tone={count.map(|(_, tone)| AttrValue::Static(tone))} />
        }
    };
    html! {
        <div class="toolbar" role="group" aria-label={t!("board-views")}>
            { for View::ALL.into_iter().map(chip) }
            <span class="push t-13 muted only-wide" role={found.is_some().then_some("status")}>
                if let Some(found) = found { { found } } else { <b style="color:var(--ink)">{ integer(picture.open as i64) }</b>{ " " }{ t!("board-open") } }
            </span>
        </div>
    }
}

/// Whether changes arrive as they happen.
#[component]
fn Live() -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    if sync.is_live() {
        html! {
            <span class="row t-13" data-tone="green" style="--gap:.5rem;color:var(--tone-ink);font-weight:530" role="status">
                <span class="pulse" style="color:var(--green-solid);inline-size:.5rem;block-size:.5rem"></span>{ t!("board-live") }
            </span>
        }
    } else {
        let (symbol, text) = match sync.last_contact {
            _ if sync.is_loading() => ("cloud", t!("sync-connecting")),
            Some(at) => ("cloud-off", t!("board-as-of", time = clock_time(at).to_string())),
            None => ("cloud-off", t!("offline")),
        };
        html! { <span class="row t-13 muted" style="--gap:.375rem" role="status">{ icon(symbol) }{ text }</span> }
    }
}
