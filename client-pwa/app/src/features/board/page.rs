//! The board: figures and load above, columns below, what has just happened beside it.

use shared_model::features::work_order::Status;
use yew::prelude::*;

use super::activity_feed::ActivityFeed;
use super::column::Column;
use super::load::Load;
use super::move_card::use_move;
use super::picture::{COLUMNS, Picture, View};
use crate::engine_client::use_engine;
use crate::features::work_order::{NewWorkOrderLink, use_orders};
use crate::hooks::{Layout, use_layout, use_now, use_watched};
use crate::locale::{self, clock_time, integer, t};
use crate::row_store::Search as Query;
use crate::shell::Page;
use crate::widgets::{FilterChip, Search, icon, icon_with};

const CLOCK_MS: u32 = 30_000;

#[component]
pub fn BoardPage() -> Html {
    let table = use_orders();
    let layout = use_layout();
    let now = use_now(CLOCK_MS);
    let search = use_state(String::new);
    let view = use_state_eq(|| View::Everyone);
    let shut = use_state_eq(|| true);
    let (onmove, question) = use_move();
    let picture = {
        let table = table.clone();
        use_memo((table.revision, *view, search.to_string(), now), move |(_, view, search, now)| {
            Picture::of(&table, *view, &Query::new(search), *now)
        })
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let find =
        html! { <Search label={t!("board-search")} value={search.to_string()} {oninput} class="wide" /> };
    let column = |status: Status| {
        html! { <Column key={status.code()} {status} entries={picture.column(status).to_vec()} {now} onmove={onmove.clone()} /> }
    };
    let toggle = {
        let shut = shut.clone();
        Callback::from(move |_: MouseEvent| shut.set(!*shut))
    };
    let verified = if *shut {
        let label = t!("board-verified", count = picture.verified.len());
        html! {
            <button type="button" class="kcol kcol--shut" aria-expanded="false" aria-label={label} onclick={toggle}>
                { icon_with("chevrons-left", 14, "muted") }
                <span class="status" data-status="verified" style="--glyph-cut:var(--sunken)">{ icon("st-verified") }{ t!("status-verified") }</span>
                <span class="muted t-13">{ picture.verified.len() }</span>
            </button>
        }
    } else {
        column(Status::Verified)
    };
    let last = if *shut { "2.75rem" } else { "minmax(11.5rem,1fr)" };
    let body = html! {
        <div class="boardpage">
            { figures(&picture, *view, &{ let view = view.clone(); Callback::from(move |next| view.set(next)) }) }
            if !layout.is_phone() { <Load table={table.clone()} /> }
            <section class="board" aria-label={t!("board-by-status")} style={format!("grid-template-columns:repeat(5,minmax(11.5rem,1fr)) {last}")}>
                { for COLUMNS.into_iter().map(column) }
                { verified }
            </section>
            { question }
        </div>
    };
    match layout {
        Layout::Phone => {
            html! { <Page title={t!("live-board")} tools={find} actions={html! { <NewWorkOrderLink /> }} class="boardmain">{ body }</Page> }
        }
        Layout::Desk => html! {
            <Page title={t!("live-board")} heading={html! { <><h1>{ t!("live-board") }</h1><Live /></> }} actions={html! { <>{ find }<NewWorkOrderLink /></> }} columns="minmax(0,1fr) 16rem">
                { body }
                <ActivityFeed {table} />
            </Page>
        },
    }
}

fn figures(picture: &Picture, chosen: View, choose: &Callback<View>) -> Html {
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
            <span class="push row t-13 muted only-wide" style="--gap:1rem"><span><b style="color:var(--ink)">{ integer(picture.open as i64) }</b>{ " " }{ t!("board-open") }</span></span>
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
