//! What people do with conflicts: they settle them.

use automerge::ScalarValue;
use serde::{Deserialize, Serialize};

use super::{MAX_KEPT_BYTES, clip, decisions, seen_text, shown};
use crate::document::item::map;
use crate::document::{DocumentKind, FieldConflict, FieldValue};
use crate::identity::DocumentId;
use crate::input::{check_key, same_key};
use crate::workspace::{Refusal, Touch, Workspace};

/// A command about conflicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Keep one of several concurrent values. Settling what somebody settled meanwhile changes nothing.
    Settle {
        /// The document.
        document: DocumentId,
        /// What kind of document that is.
        kind: DocumentKind,
        /// Path of the field, joined with `/`, as [`FieldConflict::field`] spells it.
        field: String,
        /// The value to keep: one of the concurrent ones.
        value: FieldValue,
        /// Fresh key of the decision inside the document.
        decision: String,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::Settle { document, kind, .. } => vec![Touch { document: *document, kind: *kind }],
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Settle { document, kind, field, value, decision } => {
                workspace.aggregate_of(*document, *kind)?;
                let path: Vec<&str> = field.split('/').collect();
                check_scalar_field(*kind, &path)?;
                check_key("decision", decision)?;
                let present = &workspace.aggregate(*document)?.document;
                let made = decisions(&present.hydrate().root());
                if let Some(made) = made.iter().find(|made| made.key == *decision) {
                    let is_same = made.field == *field && made.kept == clip(&shown(value), MAX_KEPT_BYTES);
                    return same_key(is_same, decision);
                }
                let present = present.conflicts();
                match present.iter().find(|conflict| conflict.field == *field) {
                    Some(conflict) => {
                        let kept = kept_scalar(conflict, value)?;
                        settle(workspace, *document, &path, kept, conflict, value, decision)
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

fn check_scalar_field(kind: DocumentKind, path: &[&str]) -> Result<(), Refusal> {
    let known = kind.fields().field(path).filter(|field| !field.shape.is_container());
    known.map(|_| ()).ok_or_else(|| Refusal::value("field", "is not a field of this document"))
}

fn kept_scalar(conflict: &FieldConflict, value: &FieldValue) -> Result<ScalarValue, Refusal> {
    let written = conflict.values.iter().any(|present| present.value == *value);
    value
        .to_scalar()
        .filter(|_| written)
        .ok_or_else(|| Refusal::value(&conflict.field, "has no such value to keep"))
}

fn settle(
    workspace: &mut Workspace,
    document: DocumentId,
    path: &[&str],
    kept: ScalarValue,
    conflict: &FieldConflict,
    value: &FieldValue,
    decision: &str,
) -> Result<(), Refusal> {
    let kept_text = shown(value);
    let item = map([
        ("field", conflict.field.as_str().into()),
        ("kept", clip(&kept_text, MAX_KEPT_BYTES).into()),
        ("seen", seen_text(&conflict.values).as_str().into()),
    ]);
    workspace.edit(document, |door| {
        door.settle(path, kept)?;
        Ok(door.insert_item(&["decisions", decision], &item)?)
    })
}
