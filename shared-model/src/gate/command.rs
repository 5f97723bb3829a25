//! How much one command may bring at once: what bounds the time and the memory of judging it.

use std::collections::BTreeSet;

use super::{LIMITS, Measure, Refused, change_weight};
use crate::identity::DocumentId;
use crate::record::Record;
use crate::sync_protocol::{PushedCommand, PushedItem};

/// What items take to judge, known before any of them is unfolded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Burden {
    /// Bytes of changes and records.
    pub bytes: usize,
    /// How many changes: each costs a look at its whole document.
    pub changes: usize,
    /// What the operations weigh that the changes say they have ([`change_weight`]).
    pub weight: usize,
}

impl Burden {
    /// What one item takes.
    pub fn of(item: &PushedItem) -> Self {
        match item {
            PushedItem::Change { bytes, .. } => {
                Self { bytes: bytes.len(), changes: 1, weight: change_weight(bytes) }
            }
            PushedItem::Record { bytes } => Self { bytes: bytes.len(), ..Self::default() },
        }
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            changes: self.changes + other.changes,
            weight: self.weight + other.weight,
        }
    }

    /// Is it no more than one command may bring?
    pub fn check(self) -> Result<(), Refused> {
        let within = |measure, count, limit| {
            if count <= limit { Ok(()) } else { Err(Refused::TooMuch { measure, limit }) }
        };
        within(Measure::Command, self.bytes, LIMITS.command_bytes)?;
        within(Measure::Changes, self.changes, LIMITS.command_changes)?;
        within(Measure::CommandOperations, self.weight, LIMITS.command_weight)
    }
}

/// What a command takes to judge.
pub fn burden(command: &PushedCommand) -> Burden {
    let intent = Burden { bytes: command.intent.len(), ..Burden::default() };
    command.items.iter().map(Burden::of).fold(intent, Burden::and)
}

/// Checks how much a command brings, whoever made it: a device before it saves it, the server before it judges it.
pub fn check_command(command: &PushedCommand) -> Result<(), Refused> {
    let documents: BTreeSet<DocumentId> = command.items.iter().filter_map(document_of).collect();
    check_documents(documents.len())?;
    burden(command).check()
}

/// Checks how many documents a command names.
pub fn check_documents(count: usize) -> Result<(), Refused> {
    let limit = LIMITS.command_documents;
    if count <= limit { Ok(()) } else { Err(Refused::TooMuch { measure: Measure::Documents, limit }) }
}

/// Where an item belongs, as far as it can be read.
fn document_of(item: &PushedItem) -> Option<DocumentId> {
    match item {
        PushedItem::Change { document, .. } => Some(*document),
        PushedItem::Record { bytes } => Record::decode(bytes).ok().map(|record| record.document),
    }
}
