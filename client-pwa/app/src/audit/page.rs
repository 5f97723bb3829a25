//! The trail, newest first, by days.

use std::rc::Rc;

use shared_model::audit::{Action, ListedEntry, TreeHead};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{self, Filter};
use super::{row, words};
use crate::clock;
use crate::engine_client::{Directory, use_engine};
use crate::hooks::{use_layout, use_watched};
use crate::locale::{day, day_and_time, t};
use crate::route::Route;
use crate::session;
use crate::shell::Page;
use crate::sorting::sort_by;
use crate::widgets::{Empty, SelectField, Skeleton, Toast, Toaster, icon, icon_sized, use_toast};

/// What the server said so far; `entries` is `None` before it has answered.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trail {
    entries: Option<Rc<Vec<ListedEntry>>>,
    has_more: bool,
    problem: Option<AttrValue>,
}

/// The trail as far as it was asked for, and asking for more.
#[hook]
fn use_trail(filter: &Filter) -> (Trail, Callback<()>) {
    let trail = use_state(Trail::default);
    // Which question was asked last: the answer to an earlier one comes too late.
    let asked = use_mut_ref(|| 0_u32);
    let load = {
        let (trail, asked) = (trail.setter(), asked);
        Callback::from(move |(filter, known): (Filter, Vec<ListedEntry>)| {
            *asked.borrow_mut() += 1;
            let (trail, asked, number) = (trail.clone(), asked.clone(), *asked.borrow());
            spawn_local(async move {
                let before = known.last().map(|listed| listed.seq);
                let said = api::entries(&filter, before).await;
                if *asked.borrow() != number {
                    return;
                }
                trail.set(match said {
                    Ok(page) => {
                        let has_more = page.len() == api::PAGE;
                        let entries = Some(Rc::new([known, page].concat()));
                        Trail { entries, has_more, problem: None }
                    }
                    Err(problem) => {
                        let entries = (!known.is_empty()).then(|| Rc::new(known));
                        Trail { entries, has_more: true, problem: Some(api::explain(&problem)) }
                    }
                });
            });
        })
    };
    {
        let (load, trail) = (load.clone(), trail.setter());
        use_effect_with(filter.clone(), move |filter| {
            trail.set(Trail::default());
            load.emit((filter.clone(), Vec::new()));
        });
    }
    let more = {
        let (filter, known) = (filter.clone(), trail.entries.clone());
        load.reform(move |()| (filter.clone(), known.as_deref().cloned().unwrap_or_default()))
    };
    ((*trail).clone(), more)
}

#[component]
pub fn AuditPage() -> Html {
    let filter = use_state(Filter::default);
    let head = use_state(|| None::<TreeHead>);
    let (trail, more) = use_trail(&filter);
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let (is_phone, toast) = (use_layout().is_phone(), use_toast());
    {
        let head = head.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { head.set(api::head((0, 0)).await.ok().map(|said| said.head)) });
        });
    }
    let body = match (&trail.entries, &trail.problem) {
        (None, Some(text)) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        (None, None) => html! { <Skeleton label={t!("loading")} /> },
        (Some(entries), _) if entries.is_empty() => {
            html! { <Empty icon="shield-check" title={t!("nothing-found")} /> }
        }
        (Some(entries), problem) => html! {
            <div class="stack" style="--gap:1rem;max-inline-size:48rem">
                { for by_day(entries).into_iter().map(|entries| one_day(entries, &directory)) }
                if let Some(text) = problem {
                    <p class="error" role="alert">{ icon("circle-alert") }<span>{ text }</span></p>
                }
                if trail.has_more {
                    <div><button type="button" class={classes!("btn", is_phone.then_some("btn--block"))} onclick={more.reform(|_: MouseEvent| ())}>
                        { icon("chevron-down") }{ t!("audit-more") }
                    </button></div>
                }
            </div>
        },
    };
    let tools = html! { <Filters filter={(*filter).clone()} onchange={ let filter = filter.setter(); Callback::from(move |wanted| filter.set(wanted)) } /> };
    html! {
        <Page title={t!("audit")} subtitle={t!("audit-subtitle")} back={is_phone.then_some(Route::More)} {tools}>
            <div class="stack" style="--gap:1rem">
                { signed(head.as_ref(), &toast) }
                { body }
            </div>
        </Page>
    }
}

/// How the trail is sealed, and taking it away.
fn signed(head: Option<&TreeHead>, toast: &Toaster) -> Html {
    let Some(head) = head else { return Html::default() };
    let file = |path: &'static str, name: &'static str| {
        let toast = toast.clone();
        let failed = move |problem| toast.show(Toast::new("circle-alert", api::explain(&problem)));
        session::download(path.into(), name.into(), Callback::from(failed))
    };
    let seal: String = head.entries.root.to_string().chars().take(16).collect();
    html! {
        <section class="card row row--wrap" style="padding:1rem;border-radius:16px;max-inline-size:48rem;--gap:.75rem" aria-label={t!("audit-seal")}>
            { icon_sized("shield-check", 24) }
            <span class="grow" style="min-inline-size:12rem">
                <b class="t-16" style="display:block">{ t!("audit-sealed", count = head.entries.size, when = day_and_time(head.signed_at).to_string()) }</b>
                <span class="t-14 muted" style="display:block;overflow-wrap:anywhere">{ t!("audit-seal-hint", seal = seal) }</span>
            </span>
            <span class="row" style="--gap:.5rem">
                <button type="button" class="btn" onclick={file(api::AS_CSV, "audit.csv")}>{ icon("download") }{ t!("audit-csv") }</button>
                <button type="button" class="btn" onclick={file(api::AS_JSON, "audit.json")}>{ icon("file-lock") }{ t!("audit-json") }</button>
            </span>
        </section>
    }
}

fn by_day(entries: &[ListedEntry]) -> Vec<&[ListedEntry]> {
    let day = |listed: &ListedEntry| clock::local_day(listed.entry.received_at);
    entries.chunk_by(|one, next| day(one) == day(next)).collect()
}

fn one_day(entries: &[ListedEntry], directory: &Directory) -> Html {
    let Some(first) = entries.first() else { return Html::default() };
    let title = day(first.entry.received_at);
    html! {
        <section key={first.seq.to_string()} aria-label={title.clone()}>
            <h2 class="t-14 w-med muted" style="margin-block-end:.5rem">{ title.clone() }</h2>
            <ul class="card list" style="border-radius:16px;overflow:hidden">
                { for entries.iter().map(|listed| row::row(listed, directory)) }
            </ul>
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FilterProps {
    filter: Filter,
    onchange: Callback<Filter>,
}

#[component]
fn Filters(props: &FilterProps) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let mut actions: Vec<(AttrValue, AttrValue)> =
        Action::CODES.iter().map(|code| (AttrValue::from(*code), words::action(code))).collect();
    sort_by(&mut actions, |a, b| a.1.as_str().cmp(&b.1));
    actions.insert(0, (AttrValue::default(), t!("audit-every-action")));
    let mut people: Vec<(AttrValue, AttrValue)> = directory
        .active_people()
        .into_iter()
        .map(|person| (person.id.to_string().into(), person.name.clone().into()))
        .collect();
    people.insert(0, (AttrValue::default(), t!("audit-everybody")));
    let by_action = {
        let filter = props.filter.clone();
        props.onchange.reform(move |code: AttrValue| Filter {
            action: (!code.is_empty()).then_some(code),
            ..filter.clone()
        })
    };
    let by_person = {
        let filter = props.filter.clone();
        props.onchange.reform(move |id: AttrValue| Filter { person: id.parse().ok(), ..filter.clone() })
    };
    let person = props.filter.person.map(|person| person.to_string()).unwrap_or_default();
    html! {
        <div style="display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:.5rem;max-inline-size:36rem">
            <SelectField id="audit-action" label={t!("audit-action")} options={actions}
                chosen={props.filter.action.clone().unwrap_or_default()} onchoose={by_action} />
            <SelectField id="audit-person" label={t!("audit-person")} options={people} chosen={person} onchoose={by_person} />
        </div>
    }
}
