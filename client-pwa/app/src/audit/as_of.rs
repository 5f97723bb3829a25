//! What a document said at a moment: at the server, or on one of the devices that wrote in it.

use std::collections::BTreeMap;
use std::rc::Rc;

use shared_model::audit::{AsOf, TimelineEntry};
use shared_model::identity::{DeviceId, DocumentId};
use shared_model::instant::Timestamp;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{api, timeline, told};
use crate::engine_client::{Engine, use_engine};
use crate::hooks::use_watched;
use crate::locale::{day_and_time, t};
use crate::widgets::{DateTimeField, Field, SelectField, icon};

/// Which moment, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) at: Timestamp,
    pub(super) device: Option<DeviceId>,
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) id: DocumentId,
    pub(super) place: Option<Place>,
    /// Devices are those that wrote these.
    pub(super) entries: Rc<Vec<TimelineEntry>>,
    pub(super) onchange: Callback<Place>,
}

#[component]
pub(super) fn AsOfCard(props: &Props) -> Html {
    let said = use_state(|| None::<Result<Rc<AsOf>, AttrValue>>);
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    {
        let (said, id) = (said.setter(), props.id);
        use_effect_with(props.place, move |place| {
            if let Some(Place { at, device }) = *place {
                spawn_local(async move {
                    let answer = api::as_of(id, at, device).await;
                    said.set(Some(answer.map(Rc::new).map_err(|problem| api::explain(&problem))));
                });
            }
        });
    }
    let devices: BTreeMap<DeviceId, AttrValue> = props
        .entries
        .iter()
        .filter_map(|entry| Some((entry.device?, directory.device(entry.device?)?)))
        .collect();
    let mut places = vec![(AttrValue::default(), t!("timeline-at-server"))];
    places.extend(devices.into_iter().map(|(id, name)| (id.to_string().into(), name)));
    let newest = props.entries.first().map(|entry| entry.received_at);
    let at = props.place.map(|place| place.at);
    let device = props.place.and_then(|place| place.device);
    let onat = props.onchange.clone();
    let onat = Callback::from(move |at: Option<Timestamp>| {
        if let Some(at) = at {
            onat.emit(Place { at, device });
        }
    });
    let ondevice = props.onchange.reform(move |id: AttrValue| Place {
        at: at.or(newest).unwrap_or_default(),
        device: id.parse().ok(),
    });
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("timeline-moment")}>
            <div style="display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:.5rem">
                <Field id="moment-at" label={t!("timeline-moment")}><DateTimeField id="moment-at" value={at} onchange={onat} /></Field>
                <Field id="moment-where" label={t!("timeline-where")}>
                    <SelectField id="moment-where" options={places} chosen={device.map(|id| id.to_string()).unwrap_or_default()} onchoose={ondevice} />
                </Field>
            </div>
            { match &*said {
                None => html! { <p class="t-14 muted">{ t!("timeline-moment-hint") }</p> },
                Some(Err(text)) => html! { <p class="error" role="alert">{ icon("circle-alert") }<span>{ text }</span></p> },
                Some(Ok(said)) => shown(said, &engine),
            } }
        </section>
    }
}

fn shown(said: &AsOf, engine: &Engine) -> Html {
    let line = |field: &str, value: &_| {
        let label = told::label(field, engine)?;
        Some(
            html! { <><dt>{ label }</dt><dd style="white-space:pre-line">{ told::value(field, value, engine) }</dd></> },
        )
    };
    let facts = |records: &[shared_model::audit::StatedRecord]| -> Html {
        let fact = |record: &shared_model::audit::StatedRecord| {
            html! { <li key={record.id.to_string()}><b>{ told::record_title(&record.record_kind) }</b>{ timeline::stated(record, engine) }</li> }
        };
        if records.is_empty() {
            Html::default()
        } else {
            html! { <ul class="stack" style="--gap:.375rem">{ for records.iter().map(fact) }</ul> }
        }
    };
    let is_unsure = !said.perhaps.is_empty() || !said.perhaps_records.is_empty();
    html! {
        <div class="stack" style="--gap:.75rem" aria-live="polite">
            <p class="t-16 w-med">{ t!("timeline-as-of", when = day_and_time(said.at).to_string()) }</p>
            if said.fields.is_empty() && said.records.is_empty() {
                <p class="muted">{ t!("timeline-nothing-then") }</p>
            } else {
                <dl class="kv">{ for said.fields.iter().filter_map(|told| line(&told.field, &told.value)) }</dl>
                { facts(&said.records) }
            }
            if is_unsure {
                <div class="conflict" role="group" aria-label={t!("timeline-perhaps")}>
                    <div class="conflict__head">{ icon("circle-help") }{ t!("timeline-perhaps") }</div>
                    <p class="t-14">{ t!("timeline-perhaps-text") }</p>
                    { for said.perhaps.iter().map(|change| timeline::line(change, engine)) }
                    { facts(&said.perhaps_records) }
                </div>
            }
        </div>
    }
}
