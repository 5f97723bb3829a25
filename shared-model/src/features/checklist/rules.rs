//! The rules of checklists: pure questions with a yes or a [`Refusal`].

use std::collections::BTreeSet;

use super::step::{MAX_STEPS, Step, StepField};
use crate::input::{check_key, check_present};
use crate::workspace::Refusal;

/// Most bytes of a stored list of steps.
const MAX_STEPS_BYTES: usize = 32_000;

/// A list of steps that can be worked through: 1 to [`MAX_STEPS`] steps with keys of their own and labels, choices
/// with options, and conditions that ask about an earlier step.
pub fn check_steps(steps: &[Step]) -> Result<(), Refusal> {
    if steps.is_empty() || steps.len() > MAX_STEPS {
        return Err(Refusal::value("steps", format!("must be 1 to {MAX_STEPS}")));
    }
    let mut earlier: BTreeSet<&str> = BTreeSet::new();
    for step in steps {
        check_key("step", &step.key)?;
        check_present("label", &step.label)?;
        if let StepField::Choice { options, .. } = &step.field
            && (options.is_empty() || options.iter().any(|option| option.is_empty() || option.contains('\n')))
        {
            return Err(Refusal::value(&step.label, "needs options of one line each"));
        }
        if let Some(condition) = &step.condition
            && !earlier.contains(condition.step.as_str())
        {
            return Err(Refusal::value(&step.label, "asks about a step that does not come before it"));
        }
        if !earlier.insert(&step.key) {
            return Err(Refusal::value(&step.label, "has the key of another step"));
        }
    }
    if Step::list_to_text(steps).len() > MAX_STEPS_BYTES {
        return Err(Refusal::value("steps", format!("are longer than {MAX_STEPS_BYTES} bytes")));
    }
    Ok(())
}
