//! What people do with money: they write down what was spent, what parts cost and what an hour costs.

use serde::{Deserialize, Serialize};

use super::{CostEntry, Price, Rate};
use crate::document::DocumentKind;
use crate::features::names::Names;
use crate::identity::{DocumentId, RecordId};
use crate::record::RecordKind;
use crate::workspace::{Refusal, Touch, Workspace};

/// A command about money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down what was spent.
    Enter {
        /// Id of the record.
        id: RecordId,
        /// The work order or asset it was spent on.
        document: DocumentId,
        /// What kind of document that is.
        kind: DocumentKind,
        /// The cost.
        entry: CostEntry,
    },
    /// Say what a part costs from a moment on.
    SetPrice {
        /// Id of the record.
        id: RecordId,
        /// The part.
        part: DocumentId,
        /// The price of one unit.
        price: Price,
    },
    /// Say what an hour of work at a site costs from a moment on.
    SetRate {
        /// Id of the record.
        id: RecordId,
        /// The site: a location that is in no other.
        site: DocumentId,
        /// The rate, for one person or for everybody.
        rate: Rate,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::Enter { document, kind, .. } => vec![Touch { document: *document, kind: *kind }],
            Self::SetPrice { part, .. } => vec![Touch { document: *part, kind: DocumentKind::Part }],
            Self::SetRate { site, .. } => vec![Touch { document: *site, kind: DocumentKind::Location }],
        }
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Enter { id, .. } | Self::SetPrice { id, .. } => names.state([*id]),
            Self::SetRate { id, rate, .. } => {
                names.state([*id]);
                names.people("person", rate.person);
            }
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Enter { id, document, kind, entry } => {
                workspace.aggregate_of(*document, *kind)?;
                entry.check()?;
                workspace.state(*id, *document, RecordKind::CostEntry, entry)
            }
            Self::SetPrice { id, part, price } => {
                workspace.aggregate_of(*part, DocumentKind::Part)?;
                price.check()?;
                workspace.state(*id, *part, RecordKind::Price, price)
            }
            Self::SetRate { id, site, rate } => {
                let place = workspace.aggregate_of(*site, DocumentKind::Location)?;
                if place.document.peek::<DocumentId>("parent").is_some() {
                    return Err(Refusal::rule("not_a_site", "rates belong to a site, not to a place in one"));
                }
                rate.check()?;
                workspace.state(*id, *site, RecordKind::LabourRate, rate)
            }
        }
    }
}
