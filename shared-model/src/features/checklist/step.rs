//! The steps of a checklist and the answers they take.

use serde::{Deserialize, Serialize};

use crate::units::Quantity;

/// Most steps of one checklist.
pub const MAX_STEPS: usize = 200;
/// Most bytes of an answer, and of a remark about it.
pub const MAX_ANSWER_BYTES: usize = 4_000;

/// One step. Its key is short and stable (`s0`, `s1`, …) from the template on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Key, unique in the list.
    pub key: String,
    /// What to do or read.
    pub label: String,
    /// What kind of answer it takes.
    #[serde(flatten)]
    pub field: StepField,
    /// Must be answered before the work can be completed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Shown only when another step has this answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// A failed answer asks for a follow-up work order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follow_up: bool,
    /// What can go wrong here, for the person's safety.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
}

/// Another step and the answer it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Key of the other step.
    pub step: String,
    /// Its answer, as stored.
    pub answer: String,
}

/// What kind of answer a step takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepField {
    /// Ticked or not.
    Check,
    /// Pass, fail or not applicable.
    PassFail,
    /// A number with a unit and an allowed range (in thousandths).
    Number {
        /// Unit, for example `°C`.
        unit: String,
        /// Least allowed value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<Quantity>,
        /// Greatest allowed value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<Quantity>,
    },
    /// Free text.
    Text,
    /// One of some options, or several.
    Choice {
        /// The options.
        options: Vec<String>,
        /// More than one may be chosen.
        #[serde(default)]
        many: bool,
    },
    /// A meter of the asset.
    MeterReading {
        /// Unit, for example `h`.
        unit: String,
    },
    /// A date and time.
    DateTime,
    /// A heading; takes no answer.
    Section,
    /// Something to read; takes no answer.
    Instruction,
}

impl StepField {
    /// Does a step of this type take an answer?
    pub const fn takes_answer(&self) -> bool {
        !matches!(self, Self::Section | Self::Instruction)
    }
}

/// An answer, parsed from its stored text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Ticked.
    Checked,
    /// In order.
    Pass,
    /// Not in order.
    Fail,
    /// Does not apply here.
    NotApplicable,
    /// A number, in thousandths of the unit.
    Number(Quantity),
    /// A text.
    Text(String),
    /// The chosen options.
    Choice(Vec<String>),
    /// A point in time, in milliseconds since the Unix epoch.
    DateTime(i64),
}

impl Answer {
    /// Reads the stored text of an answer to a step of this type; `None` when it is no answer to it.
    pub fn parse(field: &StepField, text: &str) -> Option<Self> {
        match field {
            StepField::Check => (text == "checked").then_some(Self::Checked),
            StepField::PassFail => match text {
                "pass" => Some(Self::Pass),
                "fail" => Some(Self::Fail),
                "na" => Some(Self::NotApplicable),
                _ => None,
            },
            StepField::Number { .. } | StepField::MeterReading { .. } => {
                Quantity::parse(text).ok().map(Self::Number)
            }
            StepField::Text => (!text.trim().is_empty()).then(|| Self::Text(text.to_owned())),
            StepField::Choice { options, many } => {
                let chosen: Vec<String> = text.split('\n').map(str::to_owned).collect();
                let known = chosen.iter().all(|choice| options.contains(choice));
                (known && (*many || chosen.len() == 1)).then_some(Self::Choice(chosen))
            }
            StepField::DateTime => text.parse().ok().map(Self::DateTime),
            StepField::Section | StepField::Instruction => None,
        }
    }

    /// The text to store.
    pub fn to_text(&self) -> String {
        match self {
            Self::Checked => "checked".to_owned(),
            Self::Pass => "pass".to_owned(),
            Self::Fail => "fail".to_owned(),
            Self::NotApplicable => "na".to_owned(),
            Self::Number(value) => value.to_string(),
            Self::Text(text) => text.clone(),
            Self::Choice(chosen) => chosen.join("\n"),
            Self::DateTime(millis) => millis.to_string(),
        }
    }

    /// Does the answer say that something is not in order (failed, or a number out of range)?
    pub fn is_failure(&self, field: &StepField) -> bool {
        match (self, field) {
            (Self::Fail, _) => true,
            (Self::Number(value), StepField::Number { min, max, .. }) => {
                min.is_some_and(|min| *value < min) || max.is_some_and(|max| *value > max)
            }
            _ => false,
        }
    }
}

impl Step {
    /// Reads the stored list of steps.
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        serde_json::from_slice(text.as_bytes()).ok()
    }

    /// The text to store for a list of steps.
    pub fn list_to_text(steps: &[Self]) -> String {
        serde_json::to_string(steps).unwrap_or_default()
    }
}
