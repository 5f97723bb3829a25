//! Accept and compensate: what arrives well-formed and permitted is kept even when it makes no sense any more, because
//! somebody did it. The server then sets right what it must and says so. Pure questions about a work order after the
//! merge; the server states the answer as facts of its own, so that every replica folds them alike.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::{ChecklistExecution, WorkOrder, read};
use super::notice::{Notice, NoticeKind};
use super::status::{Status, StatusLine, fold};
use crate::identity::{DocumentId, PersonId, RecordId};
use crate::input::MAX_NOTE_CHARS;
use crate::workspace::Aggregate;

/// Most notices stated at once; what is left is told with the next arrival.
pub const MAX_NOTICES: usize = 100;

/// What arrived with the latest commands, as far as it may have to be set right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Status events that are new.
    pub events: BTreeSet<RecordId>,
    /// People who were newly assigned and no longer work here, with who assigned them.
    pub inactive: BTreeMap<PersonId, Option<PersonId>>,
}

/// What the server does about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The work order.
    pub id: DocumentId,
    /// The status it must have, with the id of the event that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CorrectedStatus>,
    /// People to take off the work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unassign: Vec<PersonId>,
    /// What people have to know, with the id of each record.
    pub notices: Vec<(RecordId, Notice)>,
}

/// A status that the server states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedStatus {
    /// Id of the status event.
    pub event: RecordId,
    /// The status.
    pub to: Status,
}

/// What has to be set right after `arrival`; `None`: nothing. What a notice was given about is not looked at again, so
/// the same arrival is never set right twice. `fresh` names what the server writes.
pub fn correct(
    aggregate: &Aggregate,
    arrival: &Arrival,
    fresh: &mut dyn FnMut() -> RecordId,
) -> Option<Correction> {
    if arrival.inactive.is_empty() && !may_not_hold(aggregate, arrival) {
        return None;
    }
    correct_order(&read(aggregate), arrival, fresh)
}

/// Worth reading the whole work order? Almost always not.
fn may_not_hold(aggregate: &Aggregate, arrival: &Arrival) -> bool {
    let suspicious = |line: &StatusLine| {
        let judged = matches!(line.to, Status::Completed | Status::Verified);
        (line.superseded && contradicts(line)) || (judged && arrival.events.contains(&line.event))
    };
    fold(aggregate).1.iter().any(suspicious)
}

fn correct_order(
    order: &WorkOrder,
    arrival: &Arrival,
    fresh: &mut dyn FnMut() -> RecordId,
) -> Option<Correction> {
    let noticed: BTreeSet<RecordId> = order.notices.iter().filter_map(|line| line.notice.event).collect();
    let unnoticed: Vec<&StatusLine> =
        order.history.iter().filter(|line| line.author.is_some() && !noticed.contains(&line.event)).collect();
    let new = |line: &StatusLine| arrival.events.contains(&line.event);
    let mut notices = Vec::new();
    let mut status = None;
    for line in unnoticed {
        if line.superseded && contradicts(line) {
            let detail = format!("{} {}", line.from.code(), line.to.code());
            notices.push(about(NoticeKind::ImpossibleStep, line, &detail));
        } else if new(line) && verifies_own_work(order, line) {
            status = Some(Status::Completed);
            notices.push(about(NoticeKind::SelfVerified, line, ""));
        }
    }
    if let Some((line, open)) =
        incomplete(order).filter(|(line, _)| new(line) && !noticed.contains(&line.event))
    {
        status = Some(Status::InProgress);
        notices.push(about(NoticeKind::ChecklistIncomplete, line, &open));
    }
    let mut unassign = Vec::new();
    for (person, by) in arrival.inactive.iter().filter(|(person, _)| order.people.contains(person)) {
        unassign.push(*person);
        let (kind, detail) = (NoticeKind::InactiveAssignee, String::new());
        notices.push(Notice { kind, event: None, person: Some(*person), to: *by, detail });
    }
    notices.truncate(MAX_NOTICES);
    let nobody_left = order.people.len() == unassign.len() && order.teams.is_empty();
    if order.status == Status::Assigned && nobody_left && !unassign.is_empty() {
        status = Some(Status::New);
    }
    (!notices.is_empty()).then(|| Correction {
        id: order.id,
        status: status.map(|to| CorrectedStatus { event: fresh(), to }),
        unassign,
        notices: notices.into_iter().map(|notice| (fresh(), notice)).collect(),
    })
}

fn about(kind: NoticeKind, line: &StatusLine, detail: &str) -> Notice {
    let detail = detail.chars().take(MAX_NOTE_CHARS).collect();
    Notice { kind, event: Some(line.event), person: None, to: line.author, detail }
}

/// Did somebody want another status than the work order has? Two who say the same agree, and an assignment stands by
/// itself: its status event only tells that it was the first.
fn contradicts(line: &StatusLine) -> bool {
    line.to != line.from && !matches!(line.to, Status::New | Status::Assigned)
}

/// Is this the verification that stands, by the person who completed the work?
fn verifies_own_work(order: &WorkOrder, line: &StatusLine) -> bool {
    line.to == Status::Verified
        && matches!(order.status, Status::Verified | Status::Closed)
        && order.verification().is_some_and(|stands| stands.event == line.event)
        && order.completed_by() == line.author
}

/// The completion that stands although required steps are open, and those steps.
fn incomplete(order: &WorkOrder) -> Option<(&StatusLine, String)> {
    let stands = matches!(order.status, Status::Completed | Status::Verified | Status::Closed);
    let completion = order.done().filter(|_| stands)?;
    let open: Vec<String> =
        order.checklists.iter().flat_map(ChecklistExecution::unanswered_required).collect();
    (!open.is_empty()).then(|| (completion, open.join(", ")))
}
