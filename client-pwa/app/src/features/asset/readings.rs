//! Meters: the last reading, the way it took, and a new one.

use std::rc::Rc;

use shared_model::features::Command;
use shared_model::features::asset::{Asset, Meter};
use shared_model::features::meter_reading::{self, MeterReading, MeterReadingLine};
use shared_model::permission::Permission;
use shared_model::units::Quantity;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::fresh_id;
use crate::locale::{capitalised, day_and_time, decimal, t};
use crate::widgets::{Field, Sheet, TextField, icon_sized};

const POINTS: usize = 12;

/// Every meter of an asset.
pub fn meters(asset: &Rc<Asset>) -> Html {
    if asset.meters.is_empty() {
        return html! {};
    }
    html! {
        <section class="meters" aria-label={t!("meters")}>
            { for asset.meters.iter().map(|meter| html! { <MeterCard key={meter.key.clone()} asset={asset.clone()} meter={Rc::new(meter.clone())} /> }) }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct MeterProps {
    asset: Rc<Asset>,
    meter: Rc<Meter>,
}

#[component]
fn MeterCard(props: &MeterProps) -> Html {
    let engine = use_engine();
    let adding = use_state(|| false);
    let readings: Vec<&MeterReadingLine> =
        props.asset.readings.iter().filter(|line| line.meter == props.meter.key).collect();
    let last = readings.last();
    let open = {
        let adding = adding.clone();
        Callback::from(move |_: MouseEvent| adding.set(true))
    };
    let onclose = {
        let adding = adding.clone();
        Callback::from(move |()| adding.set(false))
    };
    html! {
        <div class="card" style="padding:.75rem .875rem">
            <div class="row row--between">
                <span class="t-13 soft w-med">{ &props.meter.name }</span>
                if engine.may(Permission::WorkOrderExecute) {
                    <button type="button" class="btn btn--ghost btn--sm" onclick={open}>{ icon_sized("plus", 14) }{ t!("add-reading") }</button>
                }
            </div>
            if let Some(last) = last {
                <div class="kpi__v" style="font-size:1.375rem;margin-block:.125rem .25rem">{ decimal(last.value) }{ " " }<small>{ &last.unit }</small></div>
                <div class="t-12 muted">{ capitalised(&day_and_time(last.at)) }</div>
                { line_chart(&readings) }
            } else {
                <p class="muted t-14" style="margin-block-start:.25rem">{ t!("no-reading") }</p>
            }
            if *adding { <AddReading asset={props.asset.clone()} meter={props.meter.clone()} {onclose} /> }
        </div>
    }
}

/// The last readings as a line from left to right.
fn line_chart(readings: &[&MeterReadingLine]) -> Html {
    let shown = &readings[readings.len().saturating_sub(POINTS)..];
    if shown.len() < 2 {
        return html! {};
    }
    let values: Vec<f64> = shown.iter().map(|line| line.value.thousandths() as f64).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = 160.0 / (values.len() - 1) as f64;
    let points: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(at, value)| (6.0 + at as f64 * step, 50.0 - (value - low) / (high - low).max(1.0) * 40.0))
        .collect();
    let path = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
    let label = t!(
        "readings-chart",
        count = shown.len(),
        first = decimal(shown[0].value).to_string(),
        last = decimal(shown[shown.len() - 1].value).to_string()
    );
    html! {
        <svg class="chart" viewBox="0 0 172 58" style="inline-size:100%;max-block-size:4.5rem;overflow:visible" role="img" aria-label={label}>
            <polyline points={path} fill="none" stroke="var(--accent-solid)" stroke-width="1.75" stroke-linejoin="round" />
            { for points.last().map(|(x, y)| html! { <circle cx={x.to_string()} cy={y.to_string()} r="3.5" fill="var(--accent-solid)" /> }) }
        </svg>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AddProps {
    asset: Rc<Asset>,
    meter: Rc<Meter>,
    onclose: Callback<()>,
}

#[component]
fn AddReading(props: &AddProps) -> Html {
    let engine = use_engine();
    let text = use_state(String::new);
    let value = Quantity::parse(&text.replace(',', ".")).ok();
    let add = {
        let props = props.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(value) = value else { return };
            let reading = MeterReading {
                meter: props.meter.key.clone(),
                value,
                unit: props.meter.unit.clone(),
                work_order: None,
            };
            let command =
                meter_reading::Command::Add { id: fresh_id::record(), asset: props.asset.id, reading };
            engine.execute(Command::MeterReading(command));
            props.onclose.emit(());
        })
    };
    let oninput = {
        let text = text.clone();
        Callback::from(move |typed| text.set(typed))
    };
    let actions = html! { <button type="button" class="btn btn--lg btn--primary grow" disabled={value.is_none()} onclick={add}>{ t!("add-reading") }</button> };
    html! {
        <Sheet title={props.meter.name.clone()} onclose={props.onclose.clone()} {actions}>
            <div style="padding:.25rem var(--gutter) 1rem">
                <Field id="reading" label={t!("reading-in", unit = props.meter.unit.clone())}><TextField id="reading" inputmode="decimal" value={(*text).clone()} {oninput} unsent={!text.is_empty()} /></Field>
            </div>
        </Sheet>
    }
}
