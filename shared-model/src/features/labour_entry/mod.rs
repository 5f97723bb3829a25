//! Hours somebody worked on a work order: an immutable record.

mod commands;

pub use commands::Command;

use serde::{Deserialize, Serialize};

use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::input::check_note;
use crate::instant::Timestamp;
use crate::permission::{Grants, Permission, Scope};
use crate::record::RecordKind;
use crate::workspace::{Aggregate, Refusal, Workspace};

/// Most minutes one entry may state: a week without sleep.
pub const MAX_MINUTES: i64 = 7 * 24 * 60;

/// The fact behind a [`RecordKind::LabourEntry`] record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabourEntry {
    /// Who worked.
    pub person: PersonId,
    /// How long, in minutes.
    pub minutes: i64,
    /// Since when, if a timer ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl LabourEntry {
    /// Refuses hours nobody can work and notes without end.
    pub fn check(&self) -> Result<(), Refusal> {
        if !(1..=MAX_MINUTES).contains(&self.minutes) {
            return Err(Refusal::value("minutes", format!("must be 1 to {MAX_MINUTES}")));
        }
        check_note(self.note.as_deref())
    }

    /// May somebody with these rights write these hours down? Their own; other people's where they assign work.
    pub fn may_be_written_by(&self, grants: &Grants, scopes: &[Scope]) -> bool {
        grants.allow(Permission::WorkOrderExecute, scopes)
            && (self.person == grants.person || grants.allow(Permission::WorkOrderAssign, scopes))
    }
}

/// One line of a work order's labour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabourLine {
    /// The record.
    pub id: RecordId,
    /// Who worked.
    pub person: PersonId,
    /// How long, in minutes.
    pub minutes: i64,
    /// Since when, if a timer ran.
    pub started: Option<Timestamp>,
    /// What was done.
    pub note: Option<String>,
    /// Who wrote it down.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
    /// When it was written down, by the device's clock.
    pub at: Timestamp,
}

/// States hours on a work order.
pub fn state(
    workspace: &mut Workspace,
    id: RecordId,
    work_order: DocumentId,
    entry: &LabourEntry,
) -> Result<(), Refusal> {
    entry.check()?;
    workspace.state(id, work_order, RecordKind::LabourEntry, entry)
}

/// All hours of a work order, in order of writing.
pub fn labour(aggregate: &Aggregate) -> Vec<LabourLine> {
    let lines = aggregate.records_of(RecordKind::LabourEntry).filter_map(|record| {
        let entry: LabourEntry = record.read()?;
        Some(LabourLine {
            id: record.id,
            person: entry.person,
            minutes: entry.minutes,
            started: entry.started,
            note: entry.note,
            author: record.author,
            actor: record.actor,
            at: record.at,
        })
    });
    lines.collect()
}
