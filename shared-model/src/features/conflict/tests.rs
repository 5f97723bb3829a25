//! Tests of settling conflicts.

use super::{Command, MAX_SEEN_BYTES, seen_text};
use crate::document::{ConcurrentValue, DocumentKind, FieldConflict, FieldValue};
use crate::features::test_bench::{Bench, document, reason};
use crate::features::work_order::{self, FieldEdit, Priority};
use crate::identity::{ActorId, DocumentId};
use crate::instant::Timestamp;
use crate::permission::{GrantLimit, Permission, Role};
use crate::workspace::Author;

const ORDER: DocumentId = document(7);

fn priority(priority: Priority) -> work_order::Command {
    work_order::Command::Edit { id: ORDER, edits: vec![FieldEdit::Priority(priority)] }
}

fn settle(field: &str, value: &str, decision: &str) -> Command {
    Command::Settle {
        document: ORDER,
        kind: DocumentKind::WorkOrder,
        field: field.to_owned(),
        value: FieldValue::Str(value.to_owned()),
        decision: decision.to_owned(),
    }
}

/// Two devices that both know of two priorities.
fn disagreeing() -> (Bench, Bench) {
    let mut a = Bench::with_order(ORDER);
    let mut b = a.copy_for(2, Role::Supervisor);
    a.must(priority(Priority::High));
    b.must(priority(Priority::Low));
    a.merge(&b);
    b.merge(&a);
    (a, b)
}

fn only_conflict(bench: &Bench) -> FieldConflict {
    let conflicts = bench.order(ORDER).conflicts;
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    conflicts[0].clone()
}

#[test]
fn a_conflict_says_who_wrote_what_when_and_which_is_shown() {
    let (a, b) = disagreeing();
    let conflict = only_conflict(&a);
    assert_eq!(conflict, only_conflict(&b));
    assert_eq!(conflict.field, "priority");
    let shown = &conflict.values[0];
    assert!(shown.shown && !conflict.values[1].shown);
    assert_eq!(shown.value, FieldValue::Str(a.order(ORDER).priority.code().to_owned()));
    let mut who: Vec<(FieldValue, ActorId, Timestamp)> =
        conflict.values.iter().map(|value| (value.value.clone(), value.actor, value.at)).collect();
    who.sort_by_key(|(_, actor, _)| *actor);
    let value = |text: &str| FieldValue::Str(text.to_owned());
    let expected = [(value("high"), a.author.actor(), a.now), (value("low"), b.author.actor(), b.now)];
    assert_eq!(who, expected);
}

#[test]
fn settling_keeps_one_value_and_shows_every_loser() {
    for kept in ["high", "low"] {
        let (mut a, mut b) = disagreeing();
        let stood = only_conflict(&a).values;
        a.must(settle("priority", kept, "d0"));
        b.merge(&a);
        let order = b.order(ORDER);
        assert_eq!((order.priority.code(), order.conflicts.len()), (kept, 0));
        let [decision] = order.decisions.as_slice() else { panic!("{:?}", order.decisions) };
        assert_eq!((decision.field.as_str(), decision.kept.as_str()), ("priority", kept));
        assert_eq!(decision.seen_values(), stood);
        // Somebody who still saw the conflict a moment ago finds nothing left to do.
        b.must(settle("priority", "low", "d1"));
        assert_eq!(b.made, []);
    }
}

#[test]
fn two_who_settle_differently_are_a_conflict_again() {
    for (one, other) in [("high", "low"), ("low", "high")] {
        let (mut a, mut b) = disagreeing();
        a.must(settle("priority", one, "d0"));
        b.must(settle("priority", other, "d1"));
        a.merge(&b);
        assert_eq!(only_conflict(&a).values.len(), 2);
        assert_eq!(a.order(ORDER).decisions.len(), 2);
    }
}

#[test]
fn the_same_value_written_twice_is_no_conflict() {
    let mut a = Bench::with_order(ORDER);
    let mut b = a.copy_for(2, Role::Supervisor);
    a.must(priority(Priority::High));
    b.must(priority(Priority::High));
    a.merge(&b);
    assert_eq!(a.order(ORDER).conflicts, []);
}

#[test]
fn only_a_value_that_stands_there_can_be_kept() {
    let (mut a, _) = disagreeing();
    assert_eq!(reason(a.run(settle("priority", "critical", "d0"))), "priority");
    assert_eq!(reason(a.run(settle("nowhere", "high", "d0"))), "field");
    assert_eq!(reason(a.run(settle("description", "high", "d0"))), "field");
    assert_eq!(reason(a.run(settle("priority", "high", "not a key"))), "decision");
    a.must(settle("title", "Pump leaks", "d0"));
    assert_eq!(a.made, [], "a field without a conflict has nothing to settle");
}

#[test]
fn settling_takes_two_permissions() {
    for (lacking, needed) in
        [(Permission::ConflictResolve, "conflict:resolve"), (Permission::WorkOrderEdit, "work_order:edit")]
    {
        let (_, mut b) = disagreeing();
        let Author::Person { grants, .. } = &mut b.author else { panic!("a person") };
        grants.grants = Role::Admin.grants(GrantLimit::Organisation);
        for grant in &mut grants.grants {
            grant.permissions.retain(|permission| *permission != lacking);
        }
        assert_eq!(reason(b.run(settle("priority", "high", "d0"))), needed);
    }
}

#[test]
fn a_field_inside_a_map_settles_like_any_other() {
    let mut a = Bench::with_order(ORDER);
    let custom = |text: &str| work_order::Command::Edit {
        id: ORDER,
        edits: vec![FieldEdit::Custom("colour".to_owned(), Some(text.to_owned()))],
    };
    let mut b = a.copy_for(2, Role::Supervisor);
    a.must(custom("red"));
    b.must(custom("blue"));
    a.merge(&b);
    a.must(settle("custom/colour", "blue", "d0"));
    assert_eq!(a.order(ORDER).custom.get("colour").map(String::as_str), Some("blue"));
    assert_eq!(a.made.len(), 1, "value and decision are one change");
}

#[test]
fn very_long_losers_are_cut_but_named() {
    let value = |n: u8| ConcurrentValue {
        value: FieldValue::Str("ü".repeat(2_000)),
        actor: ActorId::from_bytes([n; 16]),
        at: Timestamp::from_millis(0),
        shown: n == 0,
    };
    let values: Vec<ConcurrentValue> = (0..40).map(value).collect();
    let text = seen_text(&values);
    assert!(text.len() <= MAX_SEEN_BYTES, "{}", text.len());
    let back: Vec<ConcurrentValue> = serde_json::from_str(&text).unwrap();
    assert_eq!(back.len(), 40);
    assert!(back.iter().all(|value| matches!(&value.value, FieldValue::Str(text) if text.starts_with('ü'))));
}
