//! What people do with comments: they add them.

use serde::{Deserialize, Serialize};

use super::Comment;
use crate::document::DocumentKind;
use crate::features::names::Names;
use crate::identity::{DocumentId, RecordId};
use crate::record::RecordKind;
use crate::workspace::{Refusal, Touch, Workspace};

/// A command about comments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Say something.
    Add {
        /// Id of the record.
        id: RecordId,
        /// The document whose thread it joins.
        document: DocumentId,
        /// What kind of document that is.
        kind: DocumentKind,
        /// What is said.
        text: String,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::Add { document, kind, .. } => vec![Touch { document: *document, kind: *kind }],
        }
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Add { id, .. } => names.state([*id]),
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Add { id, document, kind, text } => {
                workspace.aggregate_of(*document, *kind)?;
                let comment = Comment { text: text.clone() };
                comment.check()?;
                workspace.state(*id, *document, RecordKind::Comment, &comment)
            }
        }
    }
}
