//! The catalogue: stock against minimum and maximum, what to order first.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::part::PartSummary;
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use shared_model::units::Quantity;
use yew::prelude::*;
use yew_router::prelude::*;

use super::detail::Detail;
use super::stock::{self, Stock, StockState};
use super::words::state_tag;
use crate::engine_client::use_engine;
use crate::hooks::use_layout;
use crate::locale::{decimal, integer, t};
use crate::route::Route;
use crate::row_store::{Search as Query, Table, use_rows};
use crate::shell::Page;
use crate::sorting::sort_by;
use crate::widgets::{CardList, Empty, FilterChip, Search, Skeleton, TableWindow, icon_sized};

const ROW_PX: f64 = 52.0;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The part that is shown beside the list.
    #[prop_or_default]
    pub id: Option<DocumentId>,
}

#[derive(Clone, Copy, PartialEq)]
enum View {
    All,
    Reorder,
    Out,
    BelowZero,
}

struct Line {
    part: PartSummary,
    stock: Stock,
}

fn lines(parts: &Table, stock: &BTreeMap<DocumentId, Stock>, search: &Query, view: View) -> Vec<Line> {
    let mut lines: Vec<Line> = parts
        .iter()
        .filter(|entry| entry.matches(search))
        .filter_map(|entry| match &entry.row {
            Row::Part(part) => Some(Line {
                part: part.clone(),
                stock: stock.get(&part.id).cloned().unwrap_or_else(stock::none),
            }),
            _ => None,
        })
        .filter(|line| match view {
            View::All => true,
            View::Reorder => line.stock.state() == StockState::Reorder,
            View::Out => line.stock.state() == StockState::Out,
            View::BelowZero => line.stock.state() == StockState::BelowZero,
        })
        .collect();
    sort_by(&mut lines, |a, b| (a.stock.state(), &a.part.name).cmp(&(b.stock.state(), &b.part.name)));
    lines
}

#[component]
pub fn ListPage(props: &Props) -> Html {
    let parts = use_rows(DocumentKind::Part);
    let rooms = use_rows(DocumentKind::Storeroom);
    let may_edit = use_engine().may(Permission::PartEdit);
    let layout = use_layout();
    let navigator = use_navigator();
    let search = use_state(String::new);
    let view = use_state_eq(|| View::All);
    let stock = {
        let rooms = rooms.clone();
        use_memo(rooms.revision, move |_| stock::all(&rooms))
    };
    let shown = {
        let (parts, stock) = (parts.clone(), stock.clone());
        use_memo((parts.revision, rooms.revision, search.to_string(), *view), move |(_, _, search, view)| {
            lines(&parts, &stock, &Query::new(search), *view)
        })
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let find =
        html! { <Search label={t!("part-search")} value={search.to_string()} {oninput} class="wide" /> };
    let choose = {
        let view = view.setter();
        Callback::from(move |which| view.set(which))
    };
    let chips = chips(&stock, *view, &choose);
    let new_link = may_edit.then(new_link);
    let onclose = Callback::from(move |()| {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::Parts);
        }
    });
    let subtitle = t!("parts-count", count = parts.len(), shown = integer(parts.len() as i64).to_string());
    let list = if !parts.loaded {
        html! { <Skeleton label={t!("loading")} /> }
    } else {
        html! { <List lines={Lines(shown)} current={props.id} /> }
    };
    let panel = props.id.map(|id| html! { <Detail key={id.to_string()} {id} {onclose} /> });
    if layout.is_phone() {
        if let Some(panel) = panel {
            return panel;
        }
        html! { <Page title={t!("parts")} {subtitle} actions={new_link.unwrap_or_default()} tools={html! { <>{ find }{ chips }</> }}>{ list }</Page> }
    } else {
        let columns = if panel.is_some() { "minmax(0,1fr) 24.5rem" } else { "minmax(0,1fr)" };
        html! {
            <Page title={t!("parts")} {subtitle} actions={html! { <>{ find }{ new_link }</> }} columns={columns} class="listpage">
                <div class="listpage__main"><div class="listpage__tools">{ chips }</div>{ list }</div>
                { panel }
            </Page>
        }
    }
}

fn new_link() -> Html {
    html! { <Link<Route> to={Route::NewPart} classes="btn btn--primary new-link">{ icon_sized("plus", 20) }<span>{ t!("new-part") }</span></Link<Route>> }
}

/// What to look at, with how many there are.
fn chips(stock: &BTreeMap<DocumentId, Stock>, chosen: View, onchoose: &Callback<View>) -> Html {
    let how_many = |state| stock.values().filter(|stock| stock.state() == state).count();
    let chip = |which: View, label: AttrValue, count: usize, tone: &'static str| {
        let onclick = onchoose.reform(move |()| which);
        html! { <FilterChip {label} pressed={chosen == which} {onclick} count={(count > 0).then_some(count)} {tone} /> }
    };
    let below_zero = how_many(StockState::BelowZero);
    html! {
        <div class="toolbar" role="group" aria-label={t!("filters")}>
            { chip(View::All, t!("filter-all"), 0, "neutral") }
            { chip(View::Reorder, t!("stock-reorder"), how_many(StockState::Reorder), "amber") }
            { chip(View::Out, t!("stock-out"), how_many(StockState::Out), "red") }
            if below_zero > 0 || chosen == View::BelowZero { { chip(View::BelowZero, t!("stock-below-zero"), below_zero, "red") } }
        </div>
    }
}

#[derive(Clone)]
struct Lines(Rc<Vec<Line>>);

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ListProps {
    lines: Lines,
    current: Option<DocumentId>,
}

#[component]
fn List(props: &ListProps) -> Html {
    let phone = use_layout().is_phone();
    let navigator = use_navigator();
    let lines = props.lines.0.clone();
    let count = lines.len();
    let current = props.current;
    let open = Callback::from(move |id: DocumentId| {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::Part { id });
        }
    });
    let row: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let line = &lines[index];
        if phone { card(index, line) } else { row(index, line, current == Some(line.part.id), &open) }
    });
    let empty =
        html! { <Empty icon="package" title={t!("nothing-found")} text={t!("nothing-found-text")} /> };
    if phone {
        return html! { <div class="card list" style="border-radius:16px"><CardList {count} card={row} />if count == 0 { { empty } }</div> };
    }
    let head = html! {
        <thead><tr>
            <th scope="col">{ t!("part") }</th><th scope="col">{ t!("bin") }</th><th scope="col" style="inline-size:9rem">{ t!("stock") }</th>
            <th scope="col" class="end">{ t!("on-hand") }</th><th scope="col">{ t!("stock-state") }</th>
        </tr></thead>
    };
    html! { <TableWindow {count} row_px={ROW_PX} {head} {row} label={t!("parts")} {empty} /> }
}

fn level(stock: &Stock) -> Html {
    let most = stock.max.thousandths().max(stock.balance.thousandths()).max(1) as f64;
    let share = |quantity: i64| (quantity as f64 / most * 100.0).clamp(0.0, 100.0);
    let tone = match stock.state() {
        StockState::BelowZero | StockState::Out => "red",
        StockState::Reorder => "amber",
        StockState::InStock | StockState::NotKept => "green",
    };
    let style =
        format!("--v:{}%;--min:{}%", share(stock.balance.thousandths()), share(stock.min.thousandths()));
    let (have, min, max) =
        (decimal(stock.balance).to_string(), decimal(stock.min).to_string(), decimal(stock.max).to_string());
    html! {
        <>
            <div class="stock" data-tone={tone} {style} role="img" aria-label={t!("stock-of", have = have, min = min.clone(), max = max.clone())}><i></i><u></u></div>
            <div class="t-12 muted row row--between" style="margin-block-start:.25rem;line-height:1.1"><span>{ t!("min", value = min) }</span><span>{ t!("max", value = max) }</span></div>
        </>
    }
}

fn row(place: usize, line: &Line, current: bool, open: &Callback<DocumentId>) -> Html {
    let id = line.part.id;
    let onclick = open.reform(move |_: MouseEvent| id);
    let bins: BTreeSet<&str> = line.stock.places.iter().filter_map(|place| place.bin.as_deref()).collect();
    let bins = bins.into_iter().collect::<Vec<_>>().join(", ");
    let category = line.part.category.as_ref().map(|category| format!(" · {category}")).unwrap_or_default();
    html! {
        <tr key={place} class="is-link" aria-selected={current.then_some("true")} {onclick}>
            <td data-cell="title" style="max-inline-size:20rem"><Link<Route> to={Route::Part { id }} classes="clip block"><b class="w-med">{ &line.part.name }</b></Link<Route>><span class="id">{ &line.part.number }{ category }</span></td>
            <td class="soft">{ bins }</td>
            <td>if line.stock.max > Quantity::ZERO { { level(&line.stock) } }</td>
            <td class="end"><b class="w-str t-14">{ decimal(line.stock.balance) }</b>{ " " }<span class="muted">{ &line.part.unit }</span></td>
            <td>{ state_tag(line.stock.state()) }</td>
        </tr>
    }
}

fn card(place: usize, line: &Line) -> Html {
    let id = line.part.id;
    html! {
        <Link<Route> key={place} to={Route::Part { id }} classes="list__row">
            <span class="grow"><span class="t-16 w-med clip" style="display:block">{ &line.part.name }</span><span class="t-14 muted clip" style="display:block">{ &line.part.number }</span></span>
            <span class="stack" style="--gap:.25rem;align-items:flex-end"><b class="num nowrap">{ decimal(line.stock.balance) }{ " " }{ &line.part.unit }</b>{ state_tag(line.stock.state()) }</span>
        </Link<Route>>
    }
}
