//! Checklist templates: versioned lists of steps. Working through one happens inside a work order, pinned to a
//! version, so that a later version never changes work that has begun.

mod commands;
mod document;
mod rules;
mod step;
mod summary;
#[cfg(test)]
mod tests;

pub use commands::{Command, FieldEdit, NewTemplate, NewVersion};
pub use document::{ChecklistTemplate, FIELDS, MAX_DESCRIPTION_BYTES, Version, read, scopes};
pub use rules::check_steps;
pub use step::{Answer, Condition, MAX_ANSWER_BYTES, MAX_STEPS, Step, StepField};
pub use summary::{ChecklistSummary, summarise};
