//! What people do with meters: they read them.

use serde::{Deserialize, Serialize};

use super::MeterReading;
use crate::document::DocumentKind;
use crate::features::asset;
use crate::features::names::Names;
use crate::identity::{DocumentId, RecordId};
use crate::record::RecordKind;
use crate::workspace::{Refusal, Touch, Workspace};

/// A command about meter readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down what a meter shows.
    Add {
        /// Id of the record.
        id: RecordId,
        /// The asset.
        asset: DocumentId,
        /// The reading.
        reading: MeterReading,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        match self {
            Self::Add { asset, .. } => vec![Touch { document: *asset, kind: DocumentKind::Asset }],
        }
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        match self {
            Self::Add { id, reading, .. } => {
                names.state([*id]);
                names.refer("work_order", DocumentKind::WorkOrder, reading.work_order);
            }
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        match self {
            Self::Add { id, asset, reading } => {
                let aggregate = workspace.aggregate_of(*asset, DocumentKind::Asset)?;
                if !asset::has_meter(aggregate, &reading.meter) {
                    return Err(Refusal::value("meter", "is not on this asset"));
                }
                reading.check()?;
                workspace.state(*id, *asset, RecordKind::MeterReading, reading)
            }
        }
    }
}
