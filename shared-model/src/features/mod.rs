//! The features, one folder a noun, and the registries that dispatch to them. Adding a variant here makes the
//! compiler list the rest.

pub mod asset;
pub mod checklist;
pub mod comment;
pub mod labour_entry;
pub mod location;
pub mod part;
pub mod stock_movement;
pub mod storeroom;
pub mod work_order;

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::permission::Scope;
use crate::workspace::{Aggregate, Refusal, Touch, Workspace};

/// Anything a person or a job can do, as the outbox, the API and the audit trail keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub enum Command {
    /// About a work order.
    WorkOrder(work_order::Command),
    /// About labour.
    LabourEntry(labour_entry::Command),
    /// About comments.
    Comment(comment::Command),
}

impl Command {
    /// The documents the command reads or writes; load them, as far as they exist, into its workspace.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::WorkOrder(command) => command.documents(),
            Self::LabourEntry(command) => command.documents(),
            Self::Comment(command) => command.documents(),
        }
    }

    /// Runs the command, or refuses it and changes nothing.
    pub fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::WorkOrder(command) => command.execute(workspace),
            Self::LabourEntry(command) => command.execute(workspace),
            Self::Comment(command) => command.execute(workspace),
        }
    }
}

/// Where a document belongs, from its own fields only.
pub fn scopes(aggregate: &Aggregate) -> Vec<Scope> {
    match aggregate.document.kind() {
        DocumentKind::WorkOrder => work_order::scopes(aggregate),
        kind @ (DocumentKind::Asset
        | DocumentKind::Location
        | DocumentKind::Part
        | DocumentKind::Storeroom
        | DocumentKind::ChecklistTemplate) => vec![Scope::Kind(kind)],
    }
}

/// The row of a document: what lists, boards and search show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Row {
    /// A work order.
    WorkOrder(work_order::WorkOrderSummary),
}
