//! Labelled fields. A field that holds text saved nowhere yet says so with `data-unsent`.

use shared_model::instant::Timestamp;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::icon;
use crate::browser::UNKEPT;
use crate::clock;
use crate::hooks::{Commit, use_text_draft};
use crate::locale::t;

#[derive(Clone, PartialEq, Properties)]
pub struct FieldProps {
    pub id: AttrValue,
    pub label: AttrValue,
    #[prop_or_default]
    pub hint: AttrValue,
    /// What to know about what stands there, and nothing wrong.
    #[prop_or_default]
    pub warning: AttrValue,
    /// What is wrong and what to do about it.
    #[prop_or_default]
    pub problem: AttrValue,
    pub children: Children,
}

/// A label above a control, a hint or a problem below it.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    html! {
        <div class="field">
            <label class="label" for={props.id.clone()}>{ props.label.clone() }</label>
            { props.children.clone() }
            if !props.problem.is_empty() {
                <p class="error" role="alert" id={format!("{}-problem", props.id)}>
                    { icon("circle-alert") }<span>{ props.problem.clone() }</span>
                </p>
            } else if !props.warning.is_empty() {
                <p class="hint row row--top tone" data-tone="amber" role="status" style="--gap:.375rem">
                    { icon("triangle-alert") }<span>{ props.warning.clone() }</span>
                </p>
            } else if !props.hint.is_empty() {
                <p class="hint">{ props.hint.clone() }</p>
            }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct TextFieldProps {
    pub id: AttrValue,
    pub value: AttrValue,
    /// Every letter.
    pub oninput: Callback<String>,
    /// The field is left, or Enter is pressed.
    #[prop_or_default]
    pub onleave: Callback<()>,
    #[prop_or("text".into())]
    pub kind: AttrValue,
    #[prop_or_default]
    pub autocomplete: Option<AttrValue>,
    #[prop_or_default]
    pub inputmode: Option<AttrValue>,
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// Most characters the keyboard gives.
    #[prop_or_default]
    pub most: Option<usize>,
    #[prop_or_default]
    pub invalid: bool,
    #[prop_or_default]
    pub unsent: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub required: bool,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub style: Option<AttrValue>,
    #[prop_or(classes!("input"))]
    pub class: Classes,
}

/// One line of text.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let oninput =
        props.oninput.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let onblur = props.onleave.reform(|_: FocusEvent| ());
    let onchange = props.onleave.reform(|_: Event| ());
    let described = props.invalid.then(|| format!("{}-problem", props.id));
    html! {
        <input id={props.id.clone()} class={props.class.clone()} type={props.kind.clone()} value={props.value.clone()}
            autocomplete={props.autocomplete.clone().unwrap_or_else(|| "off".into())} inputmode={props.inputmode.clone()} style={props.style.clone()}
            placeholder={props.placeholder.clone()} maxlength={props.most.map(|most| most.to_string())} disabled={props.disabled} required={props.required}
            aria-label={props.label.clone()} aria-invalid={props.invalid.then_some("true")} aria-describedby={described}
            data-unsent={props.unsent.then_some("")} {oninput} {onblur} {onchange} />
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct TextAreaProps {
    pub id: AttrValue,
    /// What is saved.
    pub saved: AttrValue,
    /// A change worth saving: after a pause, or when the field is left.
    pub oncommit: Callback<Commit>,
    /// Most characters the keyboard gives.
    #[prop_or_default]
    pub most: Option<usize>,
    #[prop_or(3)]
    pub rows: u32,
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    #[prop_or_default]
    pub label: Option<AttrValue>,
    #[prop_or_default]
    pub disabled: bool,
}

/// Several lines that save themselves.
#[component]
pub fn TextArea(props: &TextAreaProps) -> Html {
    let draft = use_text_draft(&props.saved, props.oncommit.clone());
    let oninput = draft
        .oninput
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlTextAreaElement>().value());
    let onblur = draft.commit.reform(|_: FocusEvent| ());
    let described = draft.refused.then(|| format!("{}-problem", props.id));
    html! {
        <>
        <textarea id={props.id.clone()} form={UNKEPT} class="textarea" rows={props.rows.to_string()} value={draft.value.clone()}
            maxlength={props.most.map(|most| most.to_string())} placeholder={props.placeholder.clone()} aria-label={props.label.clone()} disabled={props.disabled}
            data-unsent={draft.unsent.then_some("")} aria-invalid={draft.refused.then_some("true")} aria-describedby={described.clone()} {oninput} {onblur} />
        if let Some(id) = described {
            <p class="error" role="alert" {id}>{ icon("circle-alert") }<span>{ t!("text-not-saved") }</span></p>
        }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct SelectFieldProps {
    pub id: AttrValue,
    /// Value and label of each choice.
    pub options: Vec<(AttrValue, AttrValue)>,
    pub chosen: AttrValue,
    pub onchoose: Callback<AttrValue>,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// One of many.
#[component]
pub fn SelectField(props: &SelectFieldProps) -> Html {
    let node = use_node_ref();
    {
        let (node, chosen) = (node.clone(), props.chosen.clone());
        // Once a person has chosen, the options' own attributes count for nothing.
        use_effect(move || {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(&chosen);
            }
        });
    }
    let onchange = props
        .onchoose
        .reform(|event: Event| AttrValue::from(event.target_unchecked_into::<HtmlSelectElement>().value()));
    let option = |(value, label): &(AttrValue, AttrValue)| {
        html! { <option key={value.to_string()} value={value.clone()} selected={*value == props.chosen}>{ label.clone() }</option> }
    };
    html! {
        <span class="selectbox">
            <select ref={node} id={props.id.clone()} form={UNKEPT} class="select" {onchange} disabled={props.disabled} aria-label={props.label.clone()}>
                { for props.options.iter().map(option) }
            </select>
            { icon("chevron-down") }
        </span>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct DateTimeFieldProps {
    pub id: AttrValue,
    pub value: Option<Timestamp>,
    pub onchange: Callback<Option<Timestamp>>,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub label: Option<AttrValue>,
}

/// A day and a time, in the time zone that the person reads by.
#[component]
pub fn DateTimeField(props: &DateTimeFieldProps) -> Html {
    let onchange = props
        .onchange
        .reform(|event: Event| clock::from_input(&event.target_unchecked_into::<HtmlInputElement>().value()));
    html! {
        <input id={props.id.clone()} class="input" type="datetime-local" autocomplete="off" {onchange} disabled={props.disabled}
            value={props.value.map(clock::to_input).unwrap_or_default()} aria-label={props.label.clone()} />
    }
}
