//! One step: what is asked, the control for the answer, and its two versions if there are two.

use std::rc::Rc;

use shared_model::document::{DocumentKind, FieldConflict, FieldValue};
use shared_model::features::checklist::{Answer, Step, StepField};
use shared_model::features::work_order::{AssetLink, ChecklistExecution};
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use shared_model::permission::Permission;
use yew::prelude::*;

use super::answer::{Deed, use_answer};
use super::meter::{MeterPlace, MeterStep};
use super::reading::{Reading, Remark};
use crate::engine_client::use_engine;
use crate::features::conflict::ConflictNote;
use crate::hooks::Commit;
use crate::locale::{decimal, t};
use crate::widgets::{DateTimeField, Segment, Segmented, TextArea, icon_sized, move_focus};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub document: DocumentId,
    pub list: Rc<ChecklistExecution>,
    pub step: Step,
    /// Among the steps that take an answer.
    pub number: usize,
    pub conflict: Option<FieldConflict>,
    pub asset: Option<Rc<AssetLink>>,
    /// An answer was given or refused, by the key of its step.
    pub ongive: Callback<(String, Deed)>,
    /// The meter it reads, once the asset is known.
    #[prop_or_default]
    pub meter: Option<MeterPlace>,
}

impl Props {
    pub(super) fn id(&self) -> String {
        format!("step-{}-{}", self.list.key, self.step.key)
    }

    pub(super) fn saved(&self) -> AttrValue {
        self.list.answers.get(&self.step.key).cloned().unwrap_or_default().into()
    }
}

#[component]
pub fn StepRow(props: &Props) -> Html {
    match props.step.field {
        StepField::Section => html! { <h3 class="step__section">{ &props.step.label }</h3> },
        StepField::Instruction => html! {
            <div class="step"><p class="row row--top t-15 soft" style="--gap:.625rem">{ icon_sized("info", 20) }<span class="prose">{ &props.step.label }</span></p></div>
        },
        _ => question(props),
    }
}

fn question(props: &Props) -> Html {
    let id = props.id();
    html! {
        <div class="step" role="group" aria-labelledby={id.clone()}>
            <div class="step__head">
                { mark(props) }
                <p class="step__q" {id}>
                    { &props.step.label }
                    if props.step.required { <span class="req" title={t!("required")}>{ " *" }<span class="sr">{ t!("required") }</span></span> }
                    if let Some(limits) = limits(&props.step.field) { <small>{ limits }</small> }
                    if let Some(risk) = &props.step.risk { <small class="row" data-tone="amber" style="color:var(--tone-ink);--gap:.25rem">{ icon_sized("triangle-alert", 14) }{ risk }</small> }
                </p>
            </div>
            <Control ..props.clone() />
            if let Some(conflict) = &props.conflict {
                <ConflictNote document={props.document} kind={DocumentKind::WorkOrder} conflict={conflict.clone()} field={t!("field-answer")} words={conflict.values.iter().map(|value| answer_words(&value.value)).collect::<Vec<_>>()} />
            }
        </div>
    }
}

/// The number of an open step; a mark once it is answered.
fn mark(props: &Props) -> Html {
    if props.conflict.is_some() {
        return html! { <span class="step__n" data-tone="violet">{ icon_sized("git-compare-arrows", 14) }</span> };
    }
    match props.list.answer(&props.step) {
        None => html! { <span class="step__n" aria-hidden="true">{ props.number }</span> },
        Some(Answer::Fail) => {
            html! { <span class="step__n" data-tone="red">{ icon_sized("x", 14) }</span> }
        }
        Some(answer) if answer.is_failure(&props.step.field) => {
            html! { <span class="step__n" data-tone="amber" aria-hidden="true">{ props.number }</span> }
        }
        Some(_) => html! { <span class="step__n" data-tone="green">{ icon_sized("check", 14) }</span> },
    }
}

#[component]
fn Control(props: &Props) -> Html {
    let engine = use_engine();
    let answer = use_answer(props);
    let disabled = !engine.may(Permission::WorkOrderExecute);
    let saved = props.saved();
    let labelled_by = AttrValue::from(props.id());
    match &props.step.field {
        StepField::Check => check(&saved, labelled_by, disabled, &answer.reform(|text| (text, None))),
        StepField::PassFail => {
            let chosen = (!saved.is_empty()).then_some(saved.clone());
            let onchoose =
                answer.reform(|chosen: Option<AttrValue>| (chosen.map(|code| code.to_string()), None));
            html! {
                <>
                    <Segmented class="seg--result" segments={results()} {chosen} {onchoose} {labelled_by} clearable=true {disabled} />
                    if saved == "fail" { <Remark ..props.clone() /> }
                </>
            }
        }
        StepField::Number { .. } => html! { <Reading ..props.clone() /> },
        StepField::MeterReading { .. } => html! { <MeterStep ..props.clone() /> },
        StepField::Text => {
            let oncommit = answer.reform(|commit: Commit| {
                (Some(commit.edit.text).filter(|text| !text.trim().is_empty()), None)
            });
            html! { <TextArea id={format!("{labelled_by}-text")} {saved} {oncommit} label={props.step.label.clone()} {disabled} /> }
        }
        StepField::Choice { options, many } => {
            html! { <Choice options={options.clone()} many={*many} {saved} {labelled_by} {disabled} onanswer={answer.reform(|text| (text, None))} /> }
        }
        StepField::DateTime => {
            let value = saved.parse().ok().map(Timestamp::from_millis);
            let onchange =
                answer.reform(|at: Option<Timestamp>| (at.map(|at| at.as_millis().to_string()), None));
            html! { <DateTimeField id={format!("{labelled_by}-at")} {value} {onchange} {disabled} label={props.step.label.clone()} /> }
        }
        StepField::Section | StepField::Instruction => html! {},
    }
}

fn results() -> Vec<Segment> {
    let segment = |value: &'static str, label, icon: &'static str, tone: Option<&'static str>| Segment {
        value: value.into(),
        label,
        icon: Some(icon.into()),
        tone: tone.map(Into::into),
    };
    vec![
        segment("pass", t!("answer-pass"), "check", Some("green")),
        segment("fail", t!("answer-fail"), "x", Some("red")),
        segment("na", t!("answer-na"), "minus", None),
    ]
}

fn check(saved: &str, labelled_by: AttrValue, disabled: bool, onanswer: &Callback<Option<String>>) -> Html {
    let checked = saved == "checked";
    let onclick = onanswer.reform(move |_: MouseEvent| (!checked).then(|| "checked".to_owned()));
    html! {
        <button type="button" role="checkbox" class="btn btn--block tick" aria-checked={checked.to_string()} aria-labelledby={labelled_by}
            {disabled} data-tone={checked.then_some("green")} {onclick}>
            { icon_sized(if checked { "circle-check" } else { "circle" }, 20) }
            { if checked { t!("answer-done") } else { t!("answer-mark-done") } }
        </button>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ChoiceProps {
    options: Vec<String>,
    many: bool,
    saved: AttrValue,
    labelled_by: AttrValue,
    disabled: bool,
    onanswer: Callback<Option<String>>,
}

#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let chosen: Vec<String> =
        props.saved.split('\n').filter(|text| !text.is_empty()).map(str::to_owned).collect();
    let options = props.options.iter().map(|option| {
        let is_chosen = chosen.contains(option);
        let next: Vec<String> = match (props.many, is_chosen) {
            (false, true) => Vec::new(),
            (false, false) => vec![option.clone()],
            (true, _) => props.options.iter().filter(|each| (*each == option) != chosen.contains(each)).cloned().collect(),
        };
        let onclick = props.onanswer.reform(move |_: MouseEvent| (!next.is_empty()).then(|| next.join("\n")));
        let role = if props.many { "checkbox" } else { "radio" };
        html! {
            <button key={option.clone()} type="button" class="chip" {role} aria-checked={is_chosen.to_string()} disabled={props.disabled} {onclick}>{ option }</button>
        }
    });
    let role = if props.many { "group" } else { "radiogroup" };
    let onkeydown = Callback::from(|event: KeyboardEvent| move_focus(&event));
    html! { <div class="row row--wrap" {role} aria-labelledby={props.labelled_by.clone()} {onkeydown} style="--gap:.5rem">{ for options }</div> }
}

/// The allowed range in words.
fn limits(field: &StepField) -> Option<AttrValue> {
    let StepField::Number { unit, min, max } = field else { return None };
    let unit = unit.clone();
    match (min, max) {
        (Some(min), Some(max)) => Some(t!(
            "range-between",
            min = decimal(*min).to_string(),
            max = decimal(*max).to_string(),
            unit = unit
        )),
        (None, Some(max)) => Some(t!("range-max", max = decimal(*max).to_string(), unit = unit)),
        (Some(min), None) => Some(t!("range-min", min = decimal(*min).to_string(), unit = unit)),
        (None, None) => None,
    }
}

/// How an answer reads in a sentence.
fn answer_words(value: &FieldValue) -> AttrValue {
    match value {
        FieldValue::Str(text) => match text.as_str() {
            "pass" => t!("answer-pass"),
            "fail" => t!("answer-fail"),
            "na" => t!("answer-na"),
            "checked" => t!("answer-done"),
            _ => text.replace('\n', ", ").into(),
        },
        _ => t!("nothing"),
    }
}
