//! Sending an answer.

use shared_model::features::Command;
use shared_model::features::work_order::{self, ReadingPlace};
use yew::prelude::*;

use super::meter::MeterPlace;
use super::step::Props;
use crate::engine_client::use_engine;
use crate::fresh_id;

/// What happened to an answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Given(Option<String>),
    Refused,
}

/// Answers one step, or takes the answer back; a remark stays as it is unless a new one comes along. The screen shows
/// it at once; a refusal takes it off again and says why.
#[hook]
pub fn use_answer(props: &Props) -> Callback<(Option<String>, Option<String>)> {
    let engine = use_engine();
    let props = props.clone();
    Callback::from(move |(answer, remark): (Option<String>, Option<String>)| {
        let (step, ongive) = (props.step.key.clone(), props.ongive.clone());
        ongive.emit((step.clone(), Deed::Given(answer.clone())));
        let ended = Callback::from(move |is_saved: bool| {
            if !is_saved {
                ongive.emit((step.clone(), Deed::Refused));
            }
        });
        engine.attempt(command(&props, answer, remark, None), ended);
    })
}

/// Answers a step with what a meter shows, which becomes a reading of the asset in the same go.
#[hook]
pub fn use_reading(props: &Props) -> Callback<(String, MeterPlace)> {
    let engine = use_engine();
    let props = props.clone();
    Callback::from(move |(answer, meter): (String, MeterPlace)| {
        let reading = ReadingPlace { id: fresh_id::record(), asset: meter.asset, meter: meter.key };
        engine.execute(command(&props, Some(answer), None, Some(reading)));
    })
}

fn command(
    props: &Props,
    answer: Option<String>,
    remark: Option<String>,
    reading: Option<ReadingPlace>,
) -> Command {
    Command::WorkOrder(work_order::Command::Answer {
        id: props.document,
        checklist: props.list.key.clone(),
        step: props.step.key.clone(),
        answer,
        remark,
        reading,
    })
}
