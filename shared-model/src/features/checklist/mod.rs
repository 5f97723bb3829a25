//! Checklist templates: versioned lists of steps. Working through one happens inside a work order, pinned to a
//! version, so that a later version never changes work that has begun.

mod document;
mod step;

pub use document::FIELDS;
pub use step::{Answer, Condition, MAX_STEPS, Step, StepField};
