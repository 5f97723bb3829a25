//! Notices of the server on a work order: what it accepted and then set right, for whom, and who has dealt with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::identity::{PersonId, RecordId};
use crate::input::{MAX_NOTE_CHARS, check_chars};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::workspace::{Aggregate, Refusal};

codes! {
    /// What was accepted and does not hold.
    NoticeKind {
        /// The work was completed while required steps were open; it is in progress again.
        ChecklistIncomplete = "checklist_incomplete",
        /// Somebody verified work they had completed; it waits for somebody else.
        SelfVerified = "self_verified",
        /// A step of the lifecycle was not possible when it arrived; it is kept and changed nothing.
        ImpossibleStep = "impossible_step",
        /// The work was given to somebody who no longer works here; they were taken off it.
        InactiveAssignee = "inactive_assignee",
    }
}

/// The fact behind a [`RecordKind::Notice`] record, written by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What does not hold.
    pub kind: NoticeKind,
    /// The status event it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<RecordId>,
    /// The person who was taken off the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Who did what does not hold, and has to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonId>,
    /// The open steps, or the codes of the two statuses.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Notice {
    /// Refuses details without end.
    pub fn check(&self) -> Result<(), Refusal> {
        check_chars("detail", &self.detail, MAX_NOTE_CHARS)
    }
}

/// The fact behind a [`RecordKind::NoticeSettled`] record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSettled {
    /// The notice.
    pub notice: RecordId,
}

/// One notice of a work order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// The record.
    pub id: RecordId,
    /// What it says.
    #[serde(flatten)]
    pub notice: Notice,
    /// When the server said it.
    pub at: Timestamp,
    /// Who dealt with it first, by the order of records; `None`: nobody yet.
    pub settled_by: Option<PersonId>,
}

/// All notices of a work order, oldest first.
pub(super) fn notices(aggregate: &Aggregate) -> Vec<NoticeLine> {
    let mut settled: BTreeMap<RecordId, Option<PersonId>> = BTreeMap::new();
    for record in aggregate.records_of(RecordKind::NoticeSettled) {
        if let Some(fact) = record.read::<NoticeSettled>() {
            settled.entry(fact.notice).or_insert(record.author);
        }
    }
    let line = |record: &crate::record::Record| {
        let notice = record.read()?;
        let settled_by = settled.get(&record.id).copied().flatten();
        Some(NoticeLine { id: record.id, notice, at: record.at, settled_by })
    };
    aggregate.records_of(RecordKind::Notice).filter_map(line).collect()
}
