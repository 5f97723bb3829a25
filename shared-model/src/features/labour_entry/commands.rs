//! What people do with labour entries: they add them.

use serde::{Deserialize, Serialize};

use super::{LabourEntry, state};
use crate::document::DocumentKind;
use crate::features::names::Names;
use crate::identity::{DocumentId, RecordId};
use crate::workspace::{Refusal, Touch, Workspace};

/// A command about labour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write hours down.
    Add {
        /// Id of the record.
        id: RecordId,
        /// The work order.
        work_order: DocumentId,
        /// The hours.
        entry: LabourEntry,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::Add { work_order, .. } => {
                vec![Touch { document: *work_order, kind: DocumentKind::WorkOrder }]
            }
        }
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Add { id, entry, .. } => {
                names.state([*id]);
                names.people("person", [entry.person]);
            }
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Add { id, work_order, entry } => {
                workspace.aggregate_of(*work_order, DocumentKind::WorkOrder)?;
                state(workspace, *id, *work_order, entry)
            }
        }
    }
}
