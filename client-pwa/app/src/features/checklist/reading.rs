//! A number with its unit and its limits: the number and the limit always stand together.

use shared_model::features::checklist::{Answer, StepField};
use shared_model::permission::Permission;
use shared_model::units::Quantity;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::answer::{use_answer, use_reading};
use super::step::Props;
use crate::engine_client::use_engine;
use crate::hooks::{Commit, use_draft};
use crate::locale::{decimal, t};
use crate::widgets::{Field, TextArea, icon};

/// A number out of range, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outside {
    Above(Quantity),
    Below(Quantity),
}

fn outside(value: Quantity, min: Option<Quantity>, max: Option<Quantity>) -> Option<Outside> {
    let above = max.filter(|max| value > *max).map(|max| Outside::Above(value.plus(max.negated())));
    above.or_else(|| min.filter(|min| value < *min).map(|min| Outside::Below(min.plus(value.negated()))))
}

/// Takes `82,4` and `82.4`.
fn parse(text: &str) -> Option<Quantity> {
    Quantity::parse(&text.trim().replace(',', ".")).ok()
}

#[component]
pub fn Reading(props: &Props) -> Html {
    let engine = use_engine();
    let answer = use_answer(props);
    let read = use_reading(props);
    let node = use_node_ref();
    let (unit, min, max) = match &props.step.field {
        StepField::Number { unit, min, max } => (unit.clone(), *min, *max),
        StepField::MeterReading { unit } => (unit.clone(), None, None),
        _ => return html! {},
    };
    let oncommit =
        answer.reform(|text: String| (parse(&text).map(|value| Answer::Number(value).to_text()), None));
    let draft = {
        let keep = oncommit.clone();
        // What is no number yet stays in the field and is not sent.
        use_draft(
            &props.saved(),
            Callback::from(move |text: String| {
                if text.trim().is_empty() || parse(&text).is_some() {
                    keep.emit(text);
                }
            }),
        )
    };
    let value = parse(&draft.value);
    let over = value.and_then(|value| outside(value, min, max));
    let unreadable = value.is_none() && !draft.value.trim().is_empty();
    let id = format!("{}-value", props.id());
    let oninput =
        draft.oninput.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let onblur = {
        let (commit, meter) = (draft.commit.clone(), props.meter.clone());
        Callback::from(move |_: FocusEvent| {
            commit.emit(());
            // Half a number is an answer in the making; a reading is a fact, stated when the field is left.
            if let (Some(value), Some(meter)) = (value, &meter)
                && meter.recorded != Some(value)
            {
                read.emit((Answer::Number(value).to_text(), meter.clone()));
            }
        })
    };
    let note = props.meter.as_ref().map(|meter| meter.note(value, &unit));
    let again = {
        let node = node.clone();
        Callback::from(move |_: MouseEvent| take_again(&node))
    };
    let tone = (over.is_some() || unreadable).then_some("red");
    html! {
        <div class="reading" data-tone={tone}>
            <div class="reading__row">
                <input ref={node} id={id.clone()} inputmode="decimal" autocomplete="off" value={draft.value.clone()} aria-label={props.step.label.clone()}
                    aria-describedby={format!("{id}-note")} aria-invalid={tone.map(|_| "true")} data-unsent={draft.unsent.then_some("")}
                    disabled={!engine.may(Permission::WorkOrderExecute)} {oninput} {onblur} />
                <span>{ &unit }</span>
            </div>
            if let (Some(min), Some(max)) = (min, max) { { range(min, max, value) } }
            if let Some(over) = over {
                <p class="note-err" id={format!("{id}-note")} role="status">{ icon("triangle-alert") }<span>{ outside_words(over, &unit) }</span></p>
                <div class="row"><button type="button" class="btn" onclick={again}>{ icon("rotate-ccw") }{ t!("take-again") }</button></div>
                <Remark ..props.clone() />
            } else if unreadable {
                <p class="note-err" id={format!("{id}-note")} role="status">{ icon("info") }<span>{ t!("number-needed") }</span></p>
            } else if let Some(note) = note {
                <p class="t-13 muted" id={format!("{id}-note")}>{ note }</p>
            }
        </div>
    }
}

fn outside_words(over: Outside, unit: &str) -> AttrValue {
    match over {
        Outside::Above(by) => t!("out-above", by = decimal(by).to_string(), unit = unit.to_owned()),
        Outside::Below(by) => t!("out-below", by = decimal(by).to_string(), unit = unit.to_owned()),
    }
}

fn take_again(node: &NodeRef) {
    if let Some(input) = node.cast::<HtmlInputElement>() {
        let _ = input.focus();
        input.select();
    }
}

/// Where the number lies: the allowed stretch takes the middle half of the line.
fn range(min: Quantity, max: Quantity, value: Option<Quantity>) -> Html {
    let (low, high) = (min.thousandths() as f64, max.thousandths() as f64);
    let width = (high - low).max(1.0);
    let at = |value: f64| ((value - (low - width / 2.0)) / (2.0 * width) * 100.0).clamp(1.0, 99.0);
    let pin = value.map(|value| at(value.thousandths() as f64));
    let style = format!("--from:25%;--to:75%;--at:{}%", pin.unwrap_or(0.0));
    html! {
        <div class="range" {style} aria-hidden="true">
            <span class="range__track"><span class="range__ok"></span></span>
            if pin.is_some() { <span class="range__pin"></span> }
            <span class="range__lab" style="inset-inline-start:25%">{ decimal(min) }</span>
            <span class="range__lab" style="inset-inline-start:75%">{ decimal(max) }</span>
        </div>
    }
}

/// Why an answer that is not in order stands.
#[component]
pub fn Remark(props: &Props) -> Html {
    let answer = use_answer(props);
    let saved = AttrValue::from(props.list.remarks.get(&props.step.key).cloned().unwrap_or_default());
    let kept = props.saved().to_string();
    let oncommit = answer.reform(move |commit: Commit| {
        (Some(kept.clone()).filter(|kept| !kept.is_empty()), Some(commit.edit.text))
    });
    let id = format!("{}-remark", props.id());
    html! {
        <Field id={id.clone()} label={t!("remark")}><TextArea {id} {saved} {oncommit} rows={2} placeholder={t!("remark-placeholder")} /></Field>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_says_by_how_much() {
        let q = |text| Quantity::parse(text).unwrap();
        assert_eq!(outside(q("82.4"), Some(q("20")), Some(q("75"))), Some(Outside::Above(q("7.4"))));
        assert_eq!(outside(q("19.5"), Some(q("20")), None), Some(Outside::Below(q("0.5"))));
        assert_eq!(outside(q("75"), Some(q("20")), Some(q("75"))), None);
        assert_eq!(parse(" 82,4 "), Some(q("82.4")));
        assert_eq!(parse("12,5,1"), None);
    }
}
