//! My work: the technician's first page.

use std::rc::Rc;

use shared_model::identity::TeamId;
use yew::prelude::*;

use super::card::Card;
use super::my_work::{Filter, Group, Me, MyWork};
use super::new_page::NewWorkOrderLink;
use super::now_bar::NowBar;
use super::rows::use_orders;
use crate::engine_client::use_engine;
use crate::hooks::{use_now, use_watched};
use crate::locale::{day, duration, t};
use crate::row_store::Search as Query;
use crate::shell::Page;
use crate::widgets::{CardList, Empty, FilterChip, Search, Skeleton, icon_sized};

const CLOCK_MS: u32 = 30_000;

#[component]
pub fn MyWorkPage() -> Html {
    let engine = use_engine();
    let table = use_orders();
    let directory = use_watched(engine.directory());
    let now = use_now(CLOCK_MS);
    let search = use_state(String::new);
    let filter = use_state_eq(|| Filter::All);
    let person = engine.person();
    let teams = directory
        .active_people()
        .iter()
        .find(|each| each.id == person)
        .map_or_else(Vec::new, |me| me.teams.clone());
    let coming = use_watched(engine.sync()).is_loading() && table.is_empty();
    let loaded = table.loaded && !coming;
    let work = {
        let parts = (table.revision, search.to_string(), *filter, now, teams);
        use_memo(parts, move |(_, search, filter, now, teams): &(u64, String, Filter, _, Vec<TeamId>)| {
            let me = Me { person, teams: teams.clone() };
            MyWork::of(&table, &me, &Query::new(search), *filter, *now)
        })
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    let onchoose = {
        let filter = filter.clone();
        Callback::from(move |chosen| filter.set(chosen))
    };
    let tools = html! {
        <>
            <Search label={t!("my-work-search")} value={search.to_string()} {oninput} />
            { filters(&work, *filter, &onchoose) }
        </>
    };
    let groups = Group::ALL.into_iter().filter(|group| !work.group(*group).is_empty());
    html! {
        <Page title={t!("my-work")} subtitle={day(now)} {tools} foot={html! { <NowBar /> }} actions={html! { <NewWorkOrderLink /> }} class="mywork">
            if !loaded { <Skeleton label={t!("loading")} /> }
            { for groups.map(|group| html! { <Section key={group as usize} work={Shared(work.clone())} {group} {now} /> }) }
            if loaded && work.is_empty() {
                if work.all == 0 { <Empty icon="clipboard-list" title={t!("my-work-empty")} text={t!("my-work-empty-text")} /> }
                else { <Empty icon="search" title={t!("nothing-found")} text={t!("nothing-found-text")} /> }
            }
        </Page>
    }
}

/// Work shared between frames; equal when it is the same computation.
#[derive(Clone)]
struct Shared(Rc<MyWork>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

fn filters(work: &MyWork, chosen: Filter, onchoose: &Callback<Filter>) -> Html {
    let choose = |filter: Filter| {
        let back = if chosen == filter { Filter::All } else { filter };
        onchoose.reform(move |()| back)
    };
    let pressed = |filter| chosen == filter;
    html! {
        <div class="scroll-x" role="group" aria-label={t!("my-work-filter")}>
            <FilterChip label={t!("filter-all")} pressed={pressed(Filter::All)} onclick={choose(Filter::All)} count={work.all} />
            <FilterChip label={t!("filter-overdue")} pressed={pressed(Filter::Overdue)} onclick={choose(Filter::Overdue)} count={work.overdue} tone={(work.overdue > 0).then_some(AttrValue::Static("red"))} />
            <FilterChip label={t!("filter-running")} pressed={pressed(Filter::Running)} onclick={choose(Filter::Running)} icon="st-in-progress" />
            <FilterChip label={t!("filter-preventive")} pressed={pressed(Filter::Preventive)} onclick={choose(Filter::Preventive)} icon="repeat" />
            <FilterChip label={t!("filter-high")} pressed={pressed(Filter::HighAndUp)} onclick={choose(Filter::HighAndUp)} icon="signal-high" />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SectionProps {
    work: Shared,
    group: Group,
    now: shared_model::instant::Timestamp,
}

#[component]
fn Section(props: &SectionProps) -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let (icon, title, tone) = match props.group {
        Group::Overdue => ("clock-alert", t!("group-overdue"), Some("red")),
        Group::Today => ("sun", t!("group-today"), None),
        Group::Upcoming => ("calendar", t!("group-upcoming"), None),
        Group::Unscheduled => ("inbox", t!("group-unscheduled"), None),
    };
    let entries = props.work.0.group(props.group).to_vec();
    let minutes = props.work.0.minutes(props.group);
    let count = entries.len();
    let waiting = sync.waiting_by_document();
    let now = props.now;
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let entry = entries[index].clone();
        let waiting = waiting.get(&entry.id).copied().unwrap_or_default();
        html! { <Card key={index} {entry} {now} {waiting} /> }
    });
    let id = format!("group-{}", props.group as usize);
    html! {
        <section aria-labelledby={id.clone()} class="group">
            <h2 class="grouphead" {id}>
                <span data-tone={tone} class={classes!("row", tone.map(|_| "tone"))} style="--gap:.375rem">{ icon_sized(icon, 18) }{ title }</span>
                <span class="muted">
                    { count }
                    if props.group == Group::Today && minutes > 0 { { " · " }{ duration(minutes) } }
                </span>
            </h2>
            <div class="wos"><CardList {count} {card} /></div>
        </section>
    }
}
