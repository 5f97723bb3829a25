//! The status as a fold: races, strangers, circles, and what the rules refuse.

use crate::document::{AnomalyKind, DocumentKind};
use crate::features::test_bench::{Bench, document, grants, person, reason, record};
use crate::features::work_order::{Command, Status, StatusEvent, fold, frontier, may_write_event};
use crate::identity::{ActorId, DocumentId, RecordId};
use crate::instant::Timestamp;
use crate::permission::Role;
use crate::record::{Record, RecordKind};
use crate::workspace::{Aggregate, Author};

const ORDER: DocumentId = document(7);

fn change(event: u8, to: Status) -> Command {
    let reason = Some("because".to_owned());
    Command::ChangeStatus { id: ORDER, event: record(event), to, reason, labour: None }
}

/// States an event as if it had arrived from somewhere.
fn arrive(aggregate: &mut Aggregate, id: RecordId, to: Status, saw: &[RecordId]) {
    let event = StatusEvent { to, saw: saw.to_vec(), reason: None, correction: false };
    let record = Record {
        id,
        kind: RecordKind::StatusEvent.code().to_owned(),
        document: aggregate.id,
        author: Some(person(1)),
        actor: ActorId::from_bytes([1; 16]),
        seq: 0,
        at: Timestamp::from_millis(0),
        payload: Record::payload_of(&event),
    };
    aggregate.records.insert(id, record);
}

fn empty() -> Aggregate {
    Aggregate::new(ORDER, DocumentKind::WorkOrder)
}

#[test]
fn these_steps_and_no_others_are_allowed() {
    let allowed = [
        "new assigned",
        "new in_progress",
        "new cancelled",
        "assigned new",
        "assigned in_progress",
        "assigned on_hold",
        "assigned completed",
        "assigned cancelled",
        "in_progress on_hold",
        "in_progress completed",
        "in_progress cancelled",
        "on_hold in_progress",
        "on_hold completed",
        "on_hold cancelled",
        "completed in_progress",
        "completed verified",
        "verified in_progress",
        "verified closed",
    ];
    let pairs = Status::ALL.iter().flat_map(|from| Status::ALL.iter().map(move |to| (*from, *to)));
    let steps: Vec<String> =
        pairs.filter(|(a, b)| a.may_become(*b)).map(|(a, b)| format!("{} {}", a.code(), b.code())).collect();
    assert_eq!(steps, allowed);
}

#[test]
fn completing_and_cancelling_at_once_keeps_both_events_and_one_status() {
    let mut a = Bench::with_order(ORDER);
    a.must(change(1, Status::InProgress));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(change(3, Status::Completed));
    b.must(change(4, Status::Cancelled));
    let (mut left, mut right) = (a.clone(), b.clone());
    left.merge(&b);
    right.merge(&a);
    assert_eq!(left.order(ORDER), right.order(ORDER));
    let order = left.order(ORDER);
    // Equal counts: the smaller id comes first, and nothing may follow a completion by cancelling it.
    assert_eq!(order.status, Status::Completed);
    let lines: Vec<(RecordId, bool)> =
        order.history.iter().map(|line| (line.event, line.superseded)).collect();
    assert_eq!(lines, [(record(1), false), (record(3), false), (record(4), true)]);
    let superseded = order.anomalies.iter().filter(|anomaly| anomaly.kind == AnomalyKind::Superseded);
    assert_eq!(superseded.map(|anomaly| anomaly.field.as_str()).collect::<Vec<_>>(), ["status/cancelled"]);
    // Whoever has seen both decides: the next event names both and follows them.
    right.must(change(2, Status::Verified));
    let order = right.order(ORDER);
    assert_eq!(order.status, Status::Verified);
    assert_eq!(order.history.last().map(|line| line.event), Some(record(2)));
    assert_eq!(frontier(right.at(ORDER)), [record(2)]);
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let events: [(u8, Status, &[u8]); 5] = [
        (9, Status::Assigned, &[]),
        (5, Status::InProgress, &[9]),
        (8, Status::Cancelled, &[9]),
        (4, Status::OnHold, &[5]),
        (3, Status::Completed, &[5]),
    ];
    let folded = |order: &[usize]| {
        let mut aggregate = empty();
        for at in order {
            let (id, to, saw) = events[*at];
            let saw: Vec<RecordId> = saw.iter().map(|seen| record(*seen)).collect();
            arrive(&mut aggregate, record(id), to, &saw);
        }
        fold(&aggregate)
    };
    let (status, lines) = folded(&[0, 1, 2, 3, 4]);
    assert_eq!((status, lines.clone()), folded(&[4, 3, 2, 1, 0]));
    assert_eq!((status, lines.clone()), folded(&[2, 0, 4, 1, 3]));
    // Started (5) comes before cancelled (8) by its id, and both before what somebody built upon the start.
    assert_eq!(status, Status::Cancelled);
    let superseded: Vec<RecordId> =
        lines.iter().filter(|line| line.superseded).map(|line| line.event).collect();
    assert_eq!(superseded, [record(3), record(4)]);
}

#[test]
fn events_that_name_strangers_are_folded_without_them() {
    let mut aggregate = empty();
    arrive(&mut aggregate, record(1), Status::InProgress, &[record(200)]);
    arrive(&mut aggregate, record(2), Status::Completed, &[record(1), record(201)]);
    assert_eq!(fold(&aggregate).0, Status::Completed);
}

#[test]
fn a_circle_of_events_is_cut_and_folded() {
    let mut aggregate = empty();
    arrive(&mut aggregate, record(1), Status::InProgress, &[record(3)]);
    arrive(&mut aggregate, record(2), Status::OnHold, &[record(1)]);
    arrive(&mut aggregate, record(3), Status::Completed, &[record(2)]);
    arrive(&mut aggregate, record(4), Status::Verified, &[record(4), record(3)]);
    let (status, lines) = fold(&aggregate);
    assert_eq!(status, Status::Verified);
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_very_long_history_folds_without_a_deep_stack() {
    let mut aggregate = empty();
    let id = |n: u32| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        RecordId::from_bytes(bytes)
    };
    // The smallest id stands at the end of the chain, where a recursive fold would begin.
    let length = 30_000;
    for n in 0..length {
        let to = if n % 2 == length % 2 { Status::InProgress } else { Status::OnHold };
        arrive(&mut aggregate, id(length - n), to, &[id(length - n + 1)]);
    }
    let folded = std::thread::Builder::new().stack_size(128 * 1024).spawn(move || fold(&aggregate).1.len());
    assert_eq!(folded.unwrap().join().unwrap(), 30_000);
}

#[test]
fn a_step_that_is_not_allowed_here_is_refused() {
    let mut bench = Bench::with_order(ORDER);
    assert_eq!(reason(bench.run(change(1, Status::Verified))), "transition_not_allowed");
    let without_reason = Command::ChangeStatus {
        id: ORDER,
        event: record(1),
        to: Status::Cancelled,
        reason: Some("  ".to_owned()),
        labour: None,
    };
    assert_eq!(reason(bench.run(without_reason)), "reason_needed");
    bench.must(change(1, Status::InProgress));
    bench.must(change(2, Status::Completed));
    assert_eq!(reason(bench.run(change(3, Status::Verified))), "verifier_completed_it");
    assert_eq!(reason(bench.run(change(3, Status::Closed))), "transition_not_allowed");
    assert_eq!(bench.order(ORDER).history.len(), 2);
    // Nobody closes what nobody verified; once somebody else has, whoever completed it may.
    let mut other = bench.copy_for(2, Role::Admin);
    assert_eq!(reason(other.run(change(3, Status::Closed))), "transition_not_allowed");
    other.must(change(4, Status::Verified));
    bench.merge(&other);
    bench.must(change(5, Status::Closed));
    assert_eq!(bench.order(ORDER).status, Status::Closed);
}

#[test]
fn a_replayed_step_changes_nothing() {
    let mut bench = Bench::with_order(ORDER);
    bench.must(change(1, Status::InProgress));
    bench.must(change(2, Status::Completed));
    bench.must(change(1, Status::InProgress));
    assert_eq!(bench.made, []);
    assert_eq!(bench.order(ORDER).status, Status::Completed);
}

#[test]
fn only_the_server_states_a_status_without_asking() {
    let mut bench = Bench::with_order(ORDER);
    let close = Command::CorrectStatus { id: ORDER, event: record(1), to: Status::Closed };
    assert_eq!(reason(bench.run(close.clone())), "server:write");
    bench.author = Author::Server { actor: ActorId::from_bytes([0x55; 16]) };
    bench.must(close);
    let order = bench.order(ORDER);
    assert_eq!(order.status, Status::Closed);
    assert_eq!(order.completed_at(), Some(bench.now));
}

#[test]
fn events_are_judged_by_the_role() {
    let event = |to| StatusEvent { to, saw: vec![], reason: None, correction: false };
    let may = |role, to| may_write_event(&event(to), &grants(person(1), role), &[]);
    assert!(may(Role::Technician, Status::Completed));
    assert!(!may(Role::Technician, Status::Verified));
    assert!(!may(Role::Technician, Status::Cancelled));
    assert!(may(Role::Contractor, Status::InProgress));
    assert!(!may(Role::Contractor, Status::Assigned));
    assert!(may(Role::Supervisor, Status::Closed));
    assert!(!may(Role::Requester, Status::InProgress));
    let correction = StatusEvent { correction: true, ..event(Status::Closed) };
    assert!(!may_write_event(&correction, &grants(person(1), Role::Admin), &[]));
}
