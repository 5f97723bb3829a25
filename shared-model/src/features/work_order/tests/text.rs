//! Typing into the description: merging by sentence, pieces small enough for the gate, nothing left of a failure.

use automerge::Change;

use super::super::{Command, FieldEdit};
use crate::document::{Document, DocumentKind, EditError, MAX_CHANGE_OPS, TextEdit};
use crate::features::test_bench::{Bench, document, reason};
use crate::identity::{ActorId, DocumentId};
use crate::instant::Timestamp;
use crate::permission::Role;
use crate::workspace::Item;

const ORDER: DocumentId = document(7);

fn describe(text: &str) -> Command {
    Command::Edit { id: ORDER, edits: vec![FieldEdit::Description(text.into())] }
}

fn operations(made: &[Item]) -> Vec<usize> {
    let of = |item: &Item| match item {
        Item::Change { bytes, .. } => Change::from_bytes(bytes.clone()).unwrap().len(),
        Item::Record(_) => panic!("an edit makes no record"),
    };
    made.iter().map(of).collect()
}

#[test]
fn edits_at_two_places_of_one_text_survive() {
    let mut a = Bench::with_order(ORDER);
    a.must(describe("The pump leaks at the seal. Ask Müller."));
    let mut b = a.copy_for(2, Role::Technician);
    a.must(describe("The north pump leaks at the seal. Ask Müller."));
    b.must(describe("The pump leaks at the seal. Ask Müller.\nThere is a spare ☂."));
    let mut merged = a.clone();
    merged.merge(&b);
    b.merge(&a);
    let both = "The north pump leaks at the seal. Ask Müller.\nThere is a spare ☂.";
    assert_eq!(merged.order(ORDER).description, both);
    assert_eq!(b.order(ORDER), merged.order(ORDER));
    assert_eq!(merged.order(ORDER).conflicts, []);
}

/// Bob's line arrives on Ann's device after she has looked and before what she types is saved; and she takes out a
/// sentence of what she saw.
#[test]
fn a_line_that_arrives_while_somebody_types_is_not_taken_out() {
    let mut ann = Bench::with_order(ORDER);
    ann.must(describe("It leaks. Oil on the floor."));
    let mut bob = ann.copy_for(2, Role::Technician);
    bob.must(describe("It leaks. Oil on the floor.\nIsolated."));
    ann.merge(&bob);
    let typed = TextEdit::over("It leaks. Oil on the floor.".to_owned(), "It leaks.\nAsk Müller.".to_owned());
    ann.must(Command::Edit { id: ORDER, edits: vec![FieldEdit::Description(typed)] });
    assert_eq!(ann.order(ORDER).description, "It leaks.\nAsk Müller.\nIsolated.");
    bob.merge(&ann);
    assert_eq!(bob.order(ORDER), ann.order(ORDER));
}

/// The first text of a field that came with a schema step.
#[test]
fn a_first_text_is_typed_over_nothing() {
    let mut bench = Bench::with_order(ORDER);
    let typed = TextEdit::over(String::new(), "Seal replaced.".to_owned());
    bench.must(Command::Edit { id: ORDER, edits: vec![FieldEdit::Resolution(typed)] });
    assert_eq!(bench.order(ORDER).resolution, "Seal replaced.");
}

#[test]
fn a_long_paste_comes_in_changes_that_pass_the_gate() {
    let mut bench = Bench::with_order(ORDER);
    let long: String = ('a'..='z').cycle().take(10_000).collect();
    bench.must(describe(&long));
    assert_eq!(bench.order(ORDER).description, long);
    let pasted = operations(&bench.made);
    assert!(
        pasted.len() == 10_000_usize.div_ceil(MAX_CHANGE_OPS)
            && pasted.iter().all(|count| *count <= MAX_CHANGE_OPS),
        "{pasted:?}"
    );

    let ends = format!("{}{}", &long[..10], &long[9_990..]);
    bench.must(describe(&ends));
    assert_eq!(bench.order(ORDER).description, ends);
    let deleted = operations(&bench.made);
    assert!(
        deleted.len() == 9_980_usize.div_ceil(MAX_CHANGE_OPS)
            && deleted.iter().all(|count| *count <= MAX_CHANGE_OPS),
        "{deleted:?}"
    );
}

/// A list that was numbered anew: each line is a difference of its own, and none is a change of its own.
#[test]
fn a_thousand_small_differences_are_few_changes() {
    let mut bench = Bench::with_order(ORDER);
    let list = |by: usize| -> String { (0..1_000).map(|n| format!("{n} of {}\nBolt\n", n * by)).collect() };
    bench.must(describe(&list(0)));
    bench.must(describe(&list(7)));
    assert_eq!(bench.order(ORDER).description, list(7));
    let changes = operations(&bench.made);
    let full = changes.iter().sum::<usize>().div_ceil(MAX_CHANGE_OPS);
    assert!(changes.len() <= full + 1 && changes.iter().all(|count| *count <= MAX_CHANGE_OPS), "{changes:?}");
}

#[test]
fn what_else_the_command_wrote_travels_with_a_long_paste() {
    let mut bench = Bench::with_order(ORDER);
    let other = bench.copy_for(2, Role::Technician);
    let edits = vec![
        FieldEdit::Title("Pump stands in oil".to_owned()),
        FieldEdit::Description("ü".repeat(5_000).as_str().into()),
        FieldEdit::AddTag("leak".to_owned()),
    ];
    bench.must(Command::Edit { id: ORDER, edits });
    let mut elsewhere = other;
    let changes = bench.made.iter().map(|item| match item {
        Item::Change { bytes, .. } => Change::from_bytes(bytes.clone()).unwrap(),
        Item::Record(_) => panic!("an edit makes no record"),
    });
    let changes = changes.collect();
    elsewhere.aggregates.get_mut(&ORDER).unwrap().document.apply(changes).unwrap();
    assert_eq!(elsewhere.order(ORDER), bench.order(ORDER));
    assert_eq!(bench.order(ORDER).title, "Pump stands in oil");
    assert_eq!(bench.order(ORDER).tags, ["leak"]);
}

#[test]
fn a_text_without_end_is_refused() {
    let mut bench = Bench::with_order(ORDER);
    assert_eq!(reason(bench.run(describe(&"x".repeat(20_001)))), "description");
    bench.must(describe(&"ü".repeat(20_000)));
}

#[test]
fn a_failed_edit_leaves_the_document_as_it_was() {
    let actor = ActorId::from_bytes([9; 16]);
    let now = Timestamp::from_millis(1_700_000_000_000);
    let mut document = Document::new(DocumentKind::WorkOrder);
    let titled = document.edit(actor, now, |door| door.put_str(&["title"], Some("Pump")));
    assert!(titled.is_ok());
    let (heads, saved) = (document.heads(), document.save());
    let long = "x".repeat(9_000);
    let attempts: [(&str, &str); 2] = [("short", "title"), (&long, "description")];
    for (text, what) in attempts {
        let outcome = document.edit(actor, now, |door| {
            door.put_str(&["title"], Some("Pump stands in oil"))?;
            door.set_text(&["description"], text)?;
            door.put_str(&["nowhere"], Some(what))
        });
        assert!(matches!(outcome, Err(EditError::UnknownField(_))));
        assert_eq!((document.heads(), document.save()), (heads.clone(), saved.clone()), "{what}");
    }
    // The actor's next change takes the number the failed ones did not use.
    let (_, made) = document.edit(actor, now, |door| door.put_str(&["title"], Some("Motor"))).unwrap();
    assert_eq!(
        made.iter().map(|bytes| Change::from_bytes(bytes.clone()).unwrap().seq()).collect::<Vec<_>>(),
        [2]
    );
}
