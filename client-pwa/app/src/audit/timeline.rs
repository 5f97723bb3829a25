//! The history of one document: what happened to it, newest first, and what it said at a moment.

use std::rc::Rc;

use shared_model::audit::{Happening, StatedRecord, TimelineEntry};
use shared_model::document::FieldChange;
use shared_model::identity::DocumentId;
use shared_model::instant::MINUTE_MS;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::as_of::{AsOfCard, Place};
use super::{api, told};
use crate::engine_client::{Engine, use_engine};
use crate::features;
use crate::hooks::{use_layout, use_watched};
use crate::locale::{capitalised, day_and_time, t};
use crate::route::Route;
use crate::shell::Page;
use crate::widgets::{Empty, Skeleton, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: DocumentId,
}

/// What the server said so far.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    entries: Option<Rc<Vec<TimelineEntry>>>,
    before: Option<u64>,
    problem: Option<AttrValue>,
}

#[hook]
fn use_timeline(id: DocumentId) -> (Told, Callback<()>) {
    let told = use_state(Told::default);
    let load = {
        let told = told.clone();
        Callback::from(move |()| {
            let (setter, known) = (told.setter(), (*told).clone());
            spawn_local(async move {
                setter.set(match api::timeline(id, known.before).await {
                    Ok(page) => {
                        let mut entries = known.entries.as_deref().cloned().unwrap_or_default();
                        entries.extend(page.entries);
                        Told { entries: Some(Rc::new(entries)), before: page.before, problem: None }
                    }
                    Err(problem) => Told { problem: Some(api::explain(&problem)), ..known },
                });
            });
        })
    };
    {
        let load = load.clone();
        use_effect_with(id, move |_| load.emit(()));
    }
    ((*told).clone(), load)
}

#[component]
pub fn TimelinePage(props: &Props) -> Html {
    let (told, more) = use_timeline(props.id);
    let place = use_state(|| None::<Place>);
    let engine = use_engine();
    // Names come with the directory.
    let _ = use_watched(engine.directory());
    let is_phone = use_layout().is_phone();
    let go = {
        let place = place.setter();
        Callback::from(move |wanted: Place| place.set(Some(wanted)))
    };
    let body = match (&told.entries, &told.problem) {
        (None, Some(text)) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        (None, None) => html! { <Skeleton label={t!("loading")} /> },
        (Some(entries), problem) => html! {
            <div class="stack" style="--gap:1rem;max-inline-size:48rem">
                <AsOfCard id={props.id} place={*place} entries={entries.clone()} onchange={go.clone()} />
                <ol class="card list" style="border-radius:16px;overflow:hidden" aria-label={t!("timeline")}>
                    { for entries.iter().map(|entry| row(entry, &engine, &go)) }
                </ol>
                if let Some(text) = problem {
                    <p class="error" role="alert">{ icon("circle-alert") }<span>{ text }</span></p>
                }
                if told.before.is_some() {
                    <div><button type="button" class={classes!("btn", is_phone.then_some("btn--block"))} onclick={more.reform(|_: MouseEvent| ())}>
                        { icon("chevron-down") }{ t!("audit-more") }
                    </button></div>
                }
            </div>
        },
    };
    let name = engine.rows().find(props.id).map(|entry| features::name(&entry.row));
    let subtitle = name.unwrap_or_default();
    let back = engine.rows().find(props.id).map(|entry| features::route(&entry.row, props.id));
    html! {
        <Page title={t!("timeline")} {subtitle} back={back.unwrap_or(Route::More)}>{ body }</Page>
    }
}

fn row(entry: &TimelineEntry, engine: &Engine, go: &Callback<Place>) -> Html {
    let directory = engine.directory().get();
    let (symbol, tone) = told::symbol(&entry.what);
    let made_at = entry.made_at.unwrap_or(entry.received_at);
    // A device that was away hands in later what it did.
    let came_later = entry.received_at.millis_since(made_at) > MINUTE_MS;
    let device = entry.device.and_then(|device| directory.device(device));
    let then = go.reform({
        let at = entry.received_at;
        move |_: MouseEvent| Place { at, device: None }
    });
    html! {
        <li key={entry.seq.to_string()} class="list__row" style="align-items:flex-start">
            <span class="tone" data-tone={tone} style="padding-block-start:.125rem">{ icon(symbol) }</span>
            <span class="grow stack" style="min-inline-size:0;--gap:.125rem">
                <span class="t-16 w-med">{ told::title(&entry.what) }</span>
                { what(&entry.what, engine) }
                <span class="t-14 muted">
                    { directory.author(entry.person) }
                    if let Some(device) = device { { " · " }{ device } }
                    { " · " }<time>{ capitalised(&day_and_time(made_at)) }</time>
                </span>
                if came_later {
                    <span class="t-14 muted">{ t!("timeline-received", when = day_and_time(entry.received_at).to_string()) }</span>
                }
            </span>
            <button type="button" class="iconbtn" aria-label={t!("timeline-as-it-was")} title={t!("timeline-as-it-was")} onclick={then}>{ icon("history") }</button>
        </li>
    }
}

fn what(what: &Happening, engine: &Engine) -> Html {
    match what {
        Happening::Changed { changes } => changes.iter().map(|change| line(change, engine)).collect(),
        Happening::Stated { record } => stated(record, engine),
        Happening::Deleted | Happening::Restored | Happening::BegunAnew | Happening::Erased => {
            Html::default()
        }
    }
}

/// What a fact says.
pub(super) fn stated(record: &StatedRecord, engine: &Engine) -> Html {
    let said = record.says.iter().filter_map(|line| {
        let label = told::label(&line.field, engine)?;
        Some(html! {
            <span class="t-14" style="display:block;overflow-wrap:anywhere">
                <span class="muted">{ label }{ ": " }</span>{ told::value(&line.field, &line.value, engine) }
            </span>
        })
    });
    said.collect()
}

/// What became of a field.
pub(super) fn line(change: &FieldChange, engine: &Engine) -> Html {
    let Some(label) = told::label(&change.field, engine) else { return Html::default() };
    let value = |value| told::value(&change.field, value, engine);
    let text = match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            html! { <><s class="muted">{ value(before) }</s>{ " → " }{ value(after) }</> }
        }
        (None, Some(after)) => html! { value(after) },
        (Some(before), None) => html! { <s class="muted">{ value(before) }</s> },
        (None, None) => Html::default(),
    };
    html! {
        <span class="t-14" style="display:block;overflow-wrap:anywhere;white-space:pre-line">
            <span class="muted">{ label }{ ": " }</span>{ text }
        </span>
    }
}
