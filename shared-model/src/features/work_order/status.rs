//! Status as a causal fold over status events: each event names the events it saw, so every replica folds the
//! same events to the same status, whatever order they arrived in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::identity::{ActorId, PersonId, RecordId};
use crate::input::{MAX_NOTE_CHARS, check_chars};
use crate::instant::Timestamp;
use crate::permission::Permission;
use crate::record::{Record, RecordKind};
use crate::workspace::{Aggregate, Refusal};

/// Most events one event may name.
pub const MAX_EVENTS_SEEN: usize = 256;

codes! {
    /// How far a work order is.
    Status {
        /// Written down.
        New = "new",
        /// Somebody is to do it.
        Assigned = "assigned",
        /// Somebody is doing it.
        InProgress = "in_progress",
        /// Waiting, with a reason.
        OnHold = "on_hold",
        /// Done, says who did it.
        Completed = "completed",
        /// Done, says somebody else.
        Verified = "verified",
        /// Nothing more to come.
        Closed = "closed",
        /// Not to be done.
        Cancelled = "cancelled",
    }
}

impl Status {
    /// May a work order go from this status to `to`?
    ///
    /// `new → assigned → in_progress ⇄ on_hold → completed → verified → closed`; `cancelled` from any state
    /// before completed; reopening leads from completed or verified back to in progress. Work may start
    /// without an assignment (whoever is there does it). Nothing leads from completed to closed: whoever completed
    /// the work would pass by the other person who has to verify it.
    pub fn may_become(self, to: Self) -> bool {
        use Status as S;
        matches!(
            (self, to),
            (S::New, S::Assigned | S::InProgress | S::Cancelled)
                | (S::Assigned, S::New | S::InProgress | S::OnHold | S::Completed | S::Cancelled)
                | (S::InProgress, S::OnHold | S::Completed | S::Cancelled)
                | (S::OnHold, S::InProgress | S::Completed | S::Cancelled)
                | (S::Completed, S::Verified | S::InProgress)
                | (S::Verified, S::Closed | S::InProgress)
        )
    }

    /// Is the work still to be done?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Assigned | Self::InProgress | Self::OnHold)
    }

    /// What it takes to go from this status to `to`.
    pub const fn permission_to(self, to: Self) -> Permission {
        match (self, to) {
            (_, Self::Assigned | Self::New) => Permission::WorkOrderAssign,
            (Self::Completed | Self::Verified, Self::InProgress)
            | (_, Self::Verified | Self::Closed | Self::Cancelled) => Permission::WorkOrderVerify,
            (_, Self::InProgress | Self::OnHold | Self::Completed) => Permission::WorkOrderExecute,
        }
    }
}

/// The fact behind a [`RecordKind::StatusEvent`] record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEvent {
    /// The status it leads to.
    pub to: Status,
    /// The events its author saw and built upon.
    #[serde(default)]
    pub saw: Vec<RecordId>,
    /// Why (on hold, reopened, cancelled).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Set by the server only: a correction or an import, allowed from every status.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub correction: bool,
}

impl StatusEvent {
    /// Refuses a reason without end, and more events than one author can have met.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.saw.len() > MAX_EVENTS_SEEN {
            return Err(Refusal::value("saw", format!("names more than {MAX_EVENTS_SEEN} events")));
        }
        self.reason.as_ref().map_or(Ok(()), |reason| check_chars("reason", reason, MAX_NOTE_CHARS))
    }
}

/// The fact behind a [`RecordKind::NumberAssigned`] record, written by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberAssigned {
    /// The number, from 1; shown as `WO-000123`.
    pub number: i64,
}

/// One line of a work order's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusLine {
    /// The event.
    pub event: RecordId,
    /// The status the event met.
    pub from: Status,
    /// The status it asks for.
    pub to: Status,
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub author: Option<PersonId>,
    /// With which actor (the directory names the device).
    pub actor: ActorId,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// It was not allowed from the status it met, so it is shown but changes nothing.
    pub superseded: bool,
}

/// Folds all status events of a work order: the status, and the history in causal order.
pub fn fold(aggregate: &Aggregate) -> (Status, Vec<StatusLine>) {
    let events = events(aggregate);
    let mut order: Vec<(usize, RecordId)> =
        counts(&events).into_iter().map(|(id, count)| (count, id)).collect();
    order.sort_unstable();

    let mut status = Status::New;
    let mut lines = Vec::with_capacity(order.len());
    for (_, id) in order {
        let Some((record, event)) = events.get(&id) else { continue };
        let superseded = !event.correction && !status.may_become(event.to);
        lines.push(StatusLine {
            event: id,
            from: status,
            to: event.to,
            reason: event.reason.clone(),
            author: record.author,
            actor: record.actor,
            at: record.at,
            superseded,
        });
        if !superseded {
            status = event.to;
        }
    }
    (status, lines)
}

/// The events nobody has built upon yet: what a new event has to name.
pub fn frontier(aggregate: &Aggregate) -> Vec<RecordId> {
    let events = events(aggregate);
    let seen: BTreeSet<RecordId> = events.values().flat_map(|(_, event)| event.saw.iter().copied()).collect();
    events.keys().filter(|id| !seen.contains(id)).copied().collect()
}

type Events<'a> = BTreeMap<RecordId, (&'a Record, StatusEvent)>;

fn events(aggregate: &Aggregate) -> Events<'_> {
    aggregate
        .records_of(RecordKind::StatusEvent)
        .filter_map(|record| record.read().map(|event| (record.id, (record, event))))
        .collect()
}

/// The count of every event: 1 + the greatest count among the events it names; unknown names count nothing, and a
/// circle (which no honest device can make) is cut at its smallest id. Without recursion, because a long history must
/// not cost stack.
fn counts(events: &Events<'_>) -> BTreeMap<RecordId, usize> {
    let mut followers: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
    let mut waiting: BTreeMap<RecordId, usize> = BTreeMap::new();
    for (id, (_, event)) in events {
        let named: BTreeSet<RecordId> =
            event.saw.iter().copied().filter(|seen| events.contains_key(seen)).collect();
        waiting.insert(*id, named.len());
        for seen in named {
            followers.entry(seen).or_default().push(*id);
        }
    }
    let mut counts: BTreeMap<RecordId, usize> = BTreeMap::new();
    let mut ready: Vec<RecordId> =
        waiting.iter().filter(|(_, open)| **open == 0).map(|(id, _)| *id).collect();
    while let Some(id) = ready.pop().or_else(|| waiting.keys().next().copied()) {
        if waiting.remove(&id).is_none() {
            continue;
        }
        let greatest =
            events.get(&id).and_then(|(_, event)| event.saw.iter().filter_map(|s| counts.get(s)).max());
        counts.insert(id, greatest.map_or(1, |count| count + 1));
        for follower in followers.remove(&id).unwrap_or_default() {
            if let Some(open) = waiting.get_mut(&follower) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    ready.push(follower);
                }
            }
        }
    }
    counts
}
