//! The features, one folder a noun, and the registries that dispatch to them. Adding a variant here makes the
//! compiler list the rest.

pub mod asset;
pub mod checklist;
pub mod comment;
pub mod conflict;
pub mod cost;
mod facts;
pub mod labour_entry;
pub mod location;
pub mod meter_reading;
mod names;
pub mod part;
mod rights;
mod row;
pub mod stock_movement;
pub mod storeroom;
#[cfg(test)]
mod test_bench;
#[cfg(test)]
mod tests;
mod texts;
mod view;
pub mod work_order;

pub use cost::{CostLine, CostSum, cost_lines, cost_sums, priced_by};
pub use facts::{may_write_record, record_is_readable, records_named};
pub use names::{Names, Reference, Target};
pub use rights::Right;
pub use row::{ROWS_VERSION, Row, row, row_of, search_text};
pub use view::{View, view};

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::permission::Scope;
use crate::workspace::{Aggregate, Refusal, Touch, Workspace};

/// Anything a person or a job can do, as the outbox, the API and the audit trail keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// About a work order.
    WorkOrder(work_order::Command),
    /// About labour.
    LabourEntry(labour_entry::Command),
    /// About comments.
    Comment(comment::Command),
    /// About an asset.
    Asset(asset::Command),
    /// About a location.
    Location(location::Command),
    /// About a part.
    Part(part::Command),
    /// About a storeroom.
    Storeroom(storeroom::Command),
    /// About stock.
    StockMovement(stock_movement::Command),
    /// About meters.
    MeterReading(meter_reading::Command),
    /// About a checklist template.
    Checklist(checklist::Command),
    /// About money.
    Cost(cost::Command),
    /// About conflicts.
    Conflict(conflict::Command),
}

crate::tagged!(Command, "on");

macro_rules! from_features {
    ($($variant:ident($feature:ident),)+) => {$(
        impl From<$feature::Command> for Command {
            fn from(command: $feature::Command) -> Self {
                Self::$variant(command)
            }
        }
    )+};
}

from_features! {
    WorkOrder(work_order),
    LabourEntry(labour_entry),
    Comment(comment),
    Asset(asset),
    Location(location),
    Part(part),
    Storeroom(storeroom),
    StockMovement(stock_movement),
    MeterReading(meter_reading),
    Checklist(checklist),
    Cost(cost),
    Conflict(conflict),
}

impl Command {
    /// The documents the command reads or writes; load them, as far as they exist, into its workspace.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::WorkOrder(command) => command.documents(),
            Self::LabourEntry(command) => command.documents(),
            Self::Comment(command) => command.documents(),
            Self::Asset(command) => command.documents(),
            Self::Location(command) => command.documents(),
            Self::Part(command) => command.documents(),
            Self::Storeroom(command) => command.documents(),
            Self::StockMovement(command) => command.documents(),
            Self::MeterReading(command) => command.documents(),
            Self::Checklist(command) => command.documents(),
            Self::Cost(command) => command.documents(),
            Self::Conflict(command) => command.documents(),
        }
    }

    /// Runs the command, or refuses it and changes nothing.
    pub fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        self.authorise(workspace)?;
        match self {
            Self::WorkOrder(command) => command.execute(workspace),
            Self::LabourEntry(command) => command.execute(workspace),
            Self::Comment(command) => command.execute(workspace),
            Self::Asset(command) => command.execute(workspace),
            Self::Location(command) => command.execute(workspace),
            Self::Part(command) => command.execute(workspace),
            Self::Storeroom(command) => command.execute(workspace),
            Self::StockMovement(command) => command.execute(workspace),
            Self::MeterReading(command) => command.execute(workspace),
            Self::Checklist(command) => command.execute(workspace),
            Self::Cost(command) => command.execute(workspace),
            Self::Conflict(command) => command.execute(workspace),
        }
    }
}

/// Where a document belongs, from its own fields only.
pub fn scopes(aggregate: &Aggregate) -> Vec<Scope> {
    aggregate.document.scopes(|| read_scopes(aggregate))
}

/// The same, read from the document whether or not that was done before.
pub fn read_scopes(aggregate: &Aggregate) -> Vec<Scope> {
    match aggregate.document.kind() {
        DocumentKind::WorkOrder => work_order::scopes(aggregate),
        DocumentKind::Asset => asset::scopes(aggregate),
        DocumentKind::Location => location::scopes(aggregate),
        DocumentKind::Part => part::scopes(aggregate),
        DocumentKind::Storeroom => storeroom::scopes(aggregate),
        DocumentKind::ChecklistTemplate => checklist::scopes(aggregate),
    }
}

/// The keys at the root of a document of this kind that [`scopes`] reads.
pub const fn scope_fields(kind: DocumentKind) -> &'static [&'static str] {
    match kind {
        DocumentKind::WorkOrder => work_order::SCOPE_FIELDS,
        DocumentKind::Asset => asset::SCOPE_FIELDS,
        DocumentKind::Storeroom => storeroom::SCOPE_FIELDS,
        DocumentKind::Location | DocumentKind::Part | DocumentKind::ChecklistTemplate => &[],
    }
}
