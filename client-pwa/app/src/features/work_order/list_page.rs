//! All work orders: search, views, filters; a table at a desk, cards on a phone.

use std::rc::Rc;

use shared_model::features::work_order::{Priority, WorkType};
use yew::prelude::*;

use super::card::Card;
use super::list_filter::{Filter, View, count};
use super::list_table::ListTable;
use super::new_page::NewWorkOrderLink;
use super::rows::use_orders;
use super::words::{priority_label, type_label};
use crate::engine_client::use_engine;
use crate::hooks::{Layout, use_layout, use_now, use_watched};
use crate::locale::{self, integer, t};
use crate::row_store::{Entries, Table, use_found};
use crate::shell::Page;
use crate::widgets::{CardList, Empty, FilterChip, Search, SelectField, Skeleton};

const CLOCK_MS: u32 = 60_000;

#[component]
pub fn ListPage() -> Html {
    let engine = use_engine();
    let table = use_orders();
    let layout = use_layout();
    let now = use_now(CLOCK_MS);
    let filter = use_state(Filter::default);
    let coming = use_watched(engine.sync()).is_loading() && table.is_empty();
    let loaded = table.loaded && !coming;
    let me = engine.person();
    let search = use_state(String::new);
    let sorted = {
        let table = table.clone();
        use_memo((table.revision, (*filter).clone(), now), move |(_, filter, now)| {
            filter.apply(&table, me, *now)
        })
    };
    let found = use_found(sorted, &search);
    let all = use_found_anywhere(&table, &search);
    let overdue = {
        let table = table.clone();
        use_memo((table.revision, now), move |(_, now)| count(&table, View::Overdue, me, *now))
    };
    let change = {
        let filter = filter.setter();
        use_callback((), move |next, ()| filter.set(next))
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let total = integer(i64::try_from(table.len()).unwrap_or(i64::MAX)).to_string();
    let find = html! { <Search label={t!("work-orders-search", count = table.len(), shown = total)} value={search.to_string()} {oninput} class="wide" /> };
    let filters =
        html! { <Filters filter={(*filter).clone()} overdue={*overdue} {all} change={change.clone()} /> };
    let empty = empty(&filter, all, &change);
    let number = integer(i64::try_from(found.len()).unwrap_or(i64::MAX));
    match layout {
        Layout::Phone => html! {
            <Page title={t!("work-orders")} subtitle={number} tools={html! { <>{ find }{ filters }</> }} actions={html! { <NewWorkOrderLink /> }}>
                if !loaded { <Skeleton label={t!("loading")} /> } else if found.is_empty() { { empty } }
                <h2 class="sr">{ locale::text(filter.view.key(), None) }</h2>
                <div class="wos"><Cards entries={Shared(found)} {now} /></div>
            </Page>
        },
        Layout::Desk => html! {
            <Page title={t!("work-orders")} subtitle={number} actions={html! { <>{ find }<NewWorkOrderLink /></> }} columns="minmax(0,1fr)" class="listpage">
                <div class="stack listpage__tools" style="--gap:.625rem">{ filters }</div>
                if loaded { <ListTable entries={found} filter={(*filter).clone()} onsort={change.clone()} {now} {empty} /> }
                else { <Skeleton label={t!("loading")} cards={6} /> }
            </Page>
        },
    }
}

/// How many a search finds among all work orders, whatever the view; nothing when nothing is searched for.
#[hook]
fn use_found_anywhere(table: &Rc<Table>, search: &str) -> Option<usize> {
    let everything = {
        let table = table.clone();
        use_memo(table.revision, move |_| table.iter().cloned().collect::<Vec<_>>())
    };
    let found = use_found(everything, search).len();
    (!search.trim().is_empty()).then_some(found)
}

/// Nothing here; what the search found elsewhere is one tap away.
fn empty(filter: &Filter, elsewhere: Option<usize>, change: &Callback<Filter>) -> Html {
    let everywhere = Filter { view: View::All, work_type: None, priority: None, ..filter.clone() };
    let count = elsewhere.unwrap_or_default();
    let onclick = change.reform(move |_: MouseEvent| everywhere.clone());
    html! {
        <Empty icon="search" title={t!("nothing-found")} text={t!("nothing-found-text")}>
            { for (count > 0).then(|| html! { <button type="button" class="btn" {onclick}>{ t!("show-all-found", count = count) }</button> }) }
        </Empty>
    }
}

#[derive(Clone)]
struct Shared(Entries);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CardsProps {
    entries: Shared,
    now: shared_model::instant::Timestamp,
}

#[component]
fn Cards(props: &CardsProps) -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let waiting = sync.waiting_by_document();
    let (entries, now) = (props.entries.0.clone(), props.now);
    let count = entries.len();
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let entry = entries[index].clone();
        let waiting = waiting.get(&entry.id).copied().unwrap_or_default();
        html! { <Card key={index} {entry} {now} {waiting} /> }
    });
    html! { <CardList {count} {card} /> }
}

#[derive(Clone, PartialEq, Properties)]
struct FiltersProps {
    filter: Filter,
    overdue: usize,
    /// What a search finds in all.
    all: Option<usize>,
    change: Callback<Filter>,
}

#[component]
fn Filters(props: &FiltersProps) -> Html {
    let filter = &props.filter;
    let view = |view: View| {
        let next = Filter { view, ..filter.clone() };
        let (count, tone) = match view {
            View::Overdue => ((props.overdue > 0).then_some(props.overdue), Some("red")),
            View::All => (props.all, None),
            _ => (None, None),
        };
        html! {
            <FilterChip key={view.key()} label={locale::text(view.key(), None)} pressed={filter.view == view} {count} {tone}
                onclick={props.change.reform(move |()| next.clone())} />
        }
    };
    html! {
        <div class="toolbar" role="group" aria-label={t!("filters")}>
            { for View::ALL.into_iter().map(view) }
            <Selects filter={filter.clone()} change={props.change.clone()} />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SelectsProps {
    filter: Filter,
    change: Callback<Filter>,
}

#[component]
fn Selects(props: &SelectsProps) -> Html {
    let filter = &props.filter;
    let any = |label: AttrValue| vec![(AttrValue::default(), label)];
    let mut types = any(t!("any-type"));
    types.extend(WorkType::ALL.iter().map(|each| (each.code().into(), type_label(*each))));
    let mut priorities = any(t!("any-priority"));
    priorities.extend(Priority::ALL.iter().map(|each| (each.code().into(), priority_label(*each))));
    let choose_type = {
        let filter = filter.clone();
        props
            .change
            .reform(move |code: AttrValue| Filter { work_type: WorkType::from_code(&code), ..filter.clone() })
    };
    let choose_priority = {
        let filter = filter.clone();
        props
            .change
            .reform(move |code: AttrValue| Filter { priority: Priority::from_code(&code), ..filter.clone() })
    };
    html! {
        <>
            <span class="toolbar__select"><SelectField id="filter-type" label={t!("field-type")} options={types} chosen={filter.work_type.map_or("", WorkType::code)} onchoose={choose_type} /></span>
            <span class="toolbar__select"><SelectField id="filter-priority" label={t!("field-priority")} options={priorities} chosen={filter.priority.map_or("", Priority::code)} onchoose={choose_priority} /></span>
        </>
    }
}
