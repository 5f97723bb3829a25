//! The answers to a step of a checklist, told from the history of the document alone: which change wrote what, and
//! what its writer had seen. Nothing is asked of what the product makes of concurrent values.

use std::collections::{BTreeMap, BTreeSet};

use automerge::legacy::Key;
use automerge::{ChangeHash, ROOT, ReadDoc, ScalarValue};
use shared_model::document::Document;

/// What was answered to one step.
#[derive(Debug, Default)]
pub struct Answers {
    /// Every answer anybody gave.
    pub given: BTreeSet<String>,
    /// Those that nobody replaced who had seen them: one is shown, the others are listed beside it.
    pub standing: BTreeSet<String>,
}

impl Answers {
    /// Reads the history.
    pub fn to(document: &Document, checklist: &str, step: &str) -> Self {
        let mut answers = Self::default();
        let Some(place) = place(document, checklist) else { return answers };
        // Each by the change that gave it: one that was done again after a refusal says the same a second time.
        let (mut given, mut replaced) = (BTreeSet::new(), BTreeSet::new());
        let mut seen: BTreeMap<ChangeHash, BTreeSet<ChangeHash>> = BTreeMap::new();
        // A change comes after the changes it was made upon.
        for change in document.changes_since(&[]) {
            let before: BTreeSet<ChangeHash> =
                change.deps().iter().flat_map(|hash| seen[hash].iter().copied()).collect();
            let mut after = before.clone();
            for operation in change.decode().operations {
                if operation.key != Key::Map(step.into()) || operation.obj.to_string() != place {
                    continue;
                }
                replaced.extend(before.iter().copied());
                if let Some(ScalarValue::Str(text)) = operation.primitive_value() {
                    after.insert(change.hash());
                    given.insert((change.hash(), text.to_string()));
                }
            }
            seen.insert(change.hash(), after);
        }
        let stands = |(change, _): &&(ChangeHash, String)| !replaced.contains(change);
        answers.standing = given.iter().filter(stands).map(|(_, text)| text.clone()).collect();
        answers.given = given.into_iter().map(|(_, text)| text).collect();
        answers
    }
}

/// The map of a checklist's answers, as operations name it.
fn place(document: &Document, checklist: &str) -> Option<String> {
    let mut place = ROOT;
    for key in ["checklists", checklist, "answers"] {
        place = document.automerge().get(&place, key).unwrap()?.1;
    }
    Some(place.to_string())
}
