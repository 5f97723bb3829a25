//! A step that reads a meter of the asset: the answer is kept as a reading of that meter too.

use shared_model::features::View;
use shared_model::features::asset::{Asset, Meter};
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::meter_reading::MeterReadingLine;
use shared_model::identity::DocumentId;
use shared_model::units::Quantity;
use yew::prelude::*;

use super::reading::Reading;
use super::step::Props;
use crate::engine_client::use_views;
use crate::locale::{day, decimal, t};

/// The meter behind a step.
#[derive(Clone, Debug, PartialEq)]
pub struct MeterPlace {
    pub asset: DocumentId,
    pub key: String,
    /// What this work order's last reading of it says.
    pub recorded: Option<Quantity>,
    /// What it said last before this work order.
    last: Option<Quantity>,
    /// Which meter it is, and what it said last.
    words: AttrValue,
}

impl MeterPlace {
    /// What to know about a value: that the meter ran backwards, or where the value is kept.
    pub fn note(&self, value: Option<Quantity>, unit: &str) -> AttrValue {
        match (value, self.last) {
            (Some(value), Some(last)) if value < last => {
                t!("reading-lower", last = decimal(last).to_string(), unit = unit.to_owned())
            }
            _ => self.words.clone(),
        }
    }
}

/// A number read from a meter. Without an asset that has one, it is an answer and nothing else.
#[component]
pub fn MeterStep(props: &Props) -> Html {
    let asset: Vec<DocumentId> = props.asset.iter().map(|asset| asset.id).collect();
    let views = use_views(&asset);
    let meter = views.iter().find_map(|view| match view {
        View::Asset(asset) => {
            meter_of(&asset.meters, &props.step).map(|meter| place(asset, meter, props.document))
        }
        _ => None,
    });
    html! { <Reading ..Props { meter, ..props.clone() } /> }
}

/// The meter that counts in the unit of the step; of several, the one the step names.
fn meter_of<'a>(meters: &'a [Meter], step: &Step) -> Option<&'a Meter> {
    let StepField::MeterReading { unit } = &step.field else { return None };
    let counting: Vec<&Meter> = meters.iter().filter(|meter| meter.unit == *unit).collect();
    match counting.as_slice() {
        [only] => Some(only),
        several => {
            let label = step.label.to_lowercase();
            several.iter().find(|meter| label.contains(&meter.name.to_lowercase())).copied()
        }
    }
}

fn place(asset: &Asset, meter: &Meter, order: DocumentId) -> MeterPlace {
    let lines = || asset.readings.iter().rev().filter(|line| line.meter == meter.key);
    let last: Option<&MeterReadingLine> = lines().find(|line| line.work_order != Some(order));
    let (name, tag) = (meter.name.clone(), asset.tag.clone());
    let words = match last {
        Some(line) => t!(
            "reading-kept-last",
            meter = name,
            tag = tag,
            last = decimal(line.value).to_string(),
            unit = meter.unit.clone(),
            day = day(line.at).to_string()
        ),
        None => t!("reading-kept", meter = name, tag = tag),
    };
    MeterPlace {
        asset: asset.id,
        key: meter.key.clone(),
        recorded: lines().find(|line| line.work_order == Some(order)).map(|line| line.value),
        last: last.map(|line| line.value),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_finds_the_meter_and_the_name_settles_ties() {
        let meter = |key: &str, name: &str, unit: &str| Meter {
            key: key.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
        };
        let step = |label: &str| {
            let field = StepField::MeterReading { unit: "h".to_owned() };
            let (key, label) = ("s0".to_owned(), label.to_owned());
            Step { key, label, field, required: false, condition: None, follow_up: false, risk: None }
        };
        let found =
            |meters: &[Meter], label: &str| meter_of(meters, &step(label)).map(|meter| meter.key.clone());
        let hours = meter("m0", "Run hours", "h");
        assert_eq!(
            found(&[hours.clone(), meter("m1", "Starts", "")], "Read the meter"),
            Some("m0".to_owned())
        );
        let two = [hours, meter("m1", "Load hours", "h")];
        assert_eq!(found(&two, "Read the load hours"), Some("m1".to_owned()));
        assert_eq!(found(&two, "Read the meter"), None);
    }
}
