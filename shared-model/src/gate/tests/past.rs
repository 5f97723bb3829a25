//! Attacks on numbering, dependencies and references into the past.

use automerge::{Change, ChangeHash};

use super::craft::{
    Craft, DELETE, Id, Key, MAKE_MAP, Op, PUT, first_character, genesis_id, id_at, null, string,
};
use super::*;

fn due(document: &Document) -> Craft {
    Craft::after(document, BOB, &[Op::put("due", null())])
}

fn add(document: &mut Document, actor: ActorId, op: Op) {
    let bytes = Craft::after(document, actor, &[op]).bytes();
    let checked = passes(document, &bytes);
    document.apply(vec![checked.change]).unwrap();
}

fn title_id(document: &Document) -> Id {
    id_at(document, &["title"])
}

#[test]
fn inflated_start_op() {
    let document = work_order();
    let start = due(&document).start_op;
    for (start_op, harm) in [
        (start + 1, Harm::Applies),
        (start - 1, Harm::Unloadable),
        (1, Harm::Unloadable),
        (u64::from(u32::MAX) - 1, Harm::Applies),
    ] {
        let bytes = due(&document).with(|change| change.start_op = start_op).bytes();
        refused(&document, &bytes, "start_op", harm);
    }
    // Without the gate the next honest edit, by anybody, runs out of numbers.
    let last = due(&document).with(|change| change.start_op = u64::from(u32::MAX) - 1).bytes();
    let mut poisoned = document;
    poisoned.apply(vec![Change::try_from(last.as_slice()).unwrap()]).unwrap();
    #[cfg(not(target_family = "wasm"))]
    assert!(super::ungated::panics(move || {
        poisoned.edit::<_, EditError>(ALICE, NOW, |door| door.put_str(&["title"], Some("x"))).unwrap();
    }));
}

#[test]
fn sequence_number_used_twice() {
    let mut document = work_order();
    add(&mut document, BOB, Op::put("due", null()));
    let other = Craft::after(&document, BOB, &[Op::put("site", null())]).with(|change| change.seq = 1);
    refused(&document, &other.bytes(), "seq_taken", Harm::Refuses);
}

#[test]
fn sequence_numbers_with_a_gap() {
    let mut document = work_order();
    for (seq, harm) in
        [(0, Harm::Refuses), (2, Harm::Panics), (1_000, Harm::Panics), (u64::MAX, Harm::Panics)]
    {
        let bytes = due(&document).with(|change| change.seq = seq).bytes();
        refused(&document, &bytes, "seq_gap", harm);
    }
    add(&mut document, BOB, Op::put("due", null()));
    for (seq, harm) in [(0, Harm::Refuses), (3, Harm::Panics), (u64::MAX, Harm::Panics)] {
        let bytes = due(&document).with(|change| change.seq = seq).bytes();
        refused(&document, &bytes, "seq_gap", harm);
    }
    passes(&document, &due(&document).bytes());
}

/// Alice's second change does not build upon her first: every clock would be wrong.
#[test]
fn own_changes_that_fork() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let genesis = document.heads();
    add(&mut document, ALICE, Op::put("title", string("one")));
    let fork = Craft::after(&document, ALICE, &[Op::put("due", null())]).with(|change| {
        change.deps = genesis;
        change.start_op -= 1;
    });
    assert_eq!(fork.seq, 2);
    refused(&document, &fork.bytes(), "seq_gap", Harm::Unloadable);
}

/// The author's last change is in the past, but not a direct dependency.
#[test]
fn own_change_deeper_in_the_past() {
    let mut document = work_order();
    add(&mut document, BOB, Op::put("due", null()));
    for n in 0..20 {
        let actor = ActorId::from_bytes([n; 16]);
        let now_due = vec![id_at(&document, &["due"])];
        add(&mut document, actor, Op::put("due", null()).over(now_due));
    }
    let next = due(&document);
    assert_eq!(next.seq, 2);
    passes(&document, &next.bytes());
    refused(&document, &next.clone().with(|change| change.seq = 1).bytes(), "seq_taken", Harm::Refuses);
    refused(&document, &next.with(|change| change.seq = 3).bytes(), "seq_gap", Harm::Panics);
}

#[test]
fn orphan() {
    let document = work_order();
    let unknown = ChangeHash([0xee; 32]);
    let bytes = due(&document).with(|change| change.deps.push(unknown)).bytes();
    assert_eq!(check(&document, &bytes).unwrap_err(), Refused::MissingDeps(vec![unknown]));
    refused(&document, &bytes, "missing_deps", Harm::Ignores);
}

#[test]
fn no_dependencies() {
    let document = work_order();
    let bytes = due(&document)
        .with(|change| {
            change.deps.clear();
            change.start_op = 1;
        })
        .bytes();
    refused(&document, &bytes, "no_dependencies", Harm::Applies);
}

#[test]
fn unknown_object() {
    let document = work_order();
    let tags = genesis_id(&document, "tags").0;
    for object in [(500, ALICE), (tags, ALICE), (500, GENESIS_ACTOR), (3, ActorId::from_bytes([7; 16]))] {
        let bytes = Craft::after(&document, BOB, &[Op::on(Some(object), "a", PUT, (2, Vec::new()))]).bytes();
        refused(&document, &bytes, "unknown_object", Harm::Panics);
    }
}

#[test]
fn scalar_as_object() {
    let document = work_order();
    let op = Op::on(Some(title_id(&document)), "a", PUT, (2, Vec::new()));
    let bytes = Craft::after(&document, BOB, &[op]).bytes();
    refused(&document, &bytes, "unknown_object", Harm::Panics);
}

#[test]
fn object_of_the_same_change() {
    let document = work_order();
    let checklists = genesis_id(&document, "checklists");
    let draft = Craft::after(&document, BOB, &[]);
    let (first, second) = (draft.id(0), draft.id(1));
    let make = Op::on(Some(checklists), "k2", MAKE_MAP, null());
    let fill = Op::on(Some(first), "title", PUT, string("Shut-down"));
    passes(&document, &Craft::after(&document, BOB, &[make.clone(), fill.clone()]).bytes());
    // The map is made only after it is written to.
    let early = Op { object: Some(second), ..fill };
    refused(
        &document,
        &Craft::after(&document, BOB, &[early, make]).bytes(),
        "unknown_object",
        Harm::Applies,
    );
}

/// An object that exists, but not in the past of the change: no honest device can have seen it.
#[test]
fn object_made_concurrently() {
    let mut document = work_order();
    let before = document.heads();
    let start = due(&document).start_op;
    let checklists = genesis_id(&document, "checklists");
    let made = Craft::after(&document, ALICE, &[]).id(0);
    add(&mut document, ALICE, Op::on(Some(checklists), "k2", MAKE_MAP, null()));
    let blind =
        Craft::after(&document, BOB, &[Op::on(Some(made), "title", PUT, string("x"))]).with(|change| {
            change.deps = before;
            change.start_op = start;
        });
    refused(&document, &blind.bytes(), "unknown_object", Harm::Applies);
}

#[test]
fn dangling_predecessor() {
    let document = work_order();
    for (missing, harm) in [
        ((500, ALICE), Harm::Unloadable),
        ((500, GENESIS_ACTOR), Harm::Unloadable),
        ((3, ActorId::from_bytes([7; 16])), Harm::Panics),
    ] {
        let bytes = Craft::after(&document, BOB, &[Op::put("title", string("x")).over([missing])]).bytes();
        refused(&document, &bytes, "unknown_predecessor", harm);
    }
    let bytes = Craft::after(&document, BOB, &[Op::put("title", string("x")).over([(500, ALICE)])]).bytes();
    expect(&document, &bytes, Harm::Unloadable);
}

#[test]
fn own_later_operation_as_predecessor() {
    let document = work_order();
    let own = Craft::after(&document, BOB, &[]).id(0);
    let bytes = Craft::after(&document, BOB, &[Op::put("title", string("x")).over([own])]).bytes();
    refused(&document, &bytes, "unknown_predecessor", Harm::Unloadable);
}

#[test]
fn predecessor_of_another_key() {
    let document = work_order();
    let bytes = Craft::after(&document, BOB, &[Op::put("due", null()).over([title_id(&document)])]).bytes();
    refused(&document, &bytes, "wrong_predecessor", Harm::Unloadable);
}

#[test]
fn predecessor_in_another_object() {
    let document = work_order();
    let tags = genesis_id(&document, "tags");
    let other = Op::on(Some(tags), "title", PUT, (2, Vec::new())).over([title_id(&document)]);
    let bytes = Craft::after(&document, BOB, &[other]).bytes();
    refused(&document, &bytes, "wrong_predecessor", Harm::Unloadable);
}

#[test]
fn deletion_as_predecessor() {
    let mut document = work_order();
    let tags = genesis_id(&document, "tags");
    let leak = id_at(&document, &["tags", "leak"]);
    let deleted = Craft::after(&document, BOB, &[]).id(0);
    add(&mut document, BOB, Op::on(Some(tags), "leak", DELETE, null()).over([leak]));
    let again = Op::on(Some(tags), "leak", PUT, (2, Vec::new())).over([deleted]);
    let bytes = Craft::after(&document, ALICE, &[again]).bytes();
    refused(&document, &bytes, "wrong_predecessor", Harm::Unloadable);
}

#[test]
fn own_earlier_operation_as_predecessor() {
    let document = work_order();
    let own = Craft::after(&document, BOB, &[]).id(0);
    let ops = [Op::put("due", null()), Op::put("due", null()).over([own])];
    let checked = passes(&document, &Craft::after(&document, BOB, &ops).bytes());
    assert_eq!(checked.writes.len(), 2);
}

#[test]
fn character_of_another_text() {
    let document = work_order();
    let text = genesis_id(&document, "description");
    for element in [(500, ALICE), title_id(&document), text, (500, BOB)] {
        let bytes = Craft::after(&document, SERVER, &[Op::insert(text, Key::Element(element), "x")]).bytes();
        refused(&document, &bytes, "unknown_element", Harm::Panics);
    }
    let bytes = Craft::after(&document, SERVER, &[Op::insert(text, Key::Element((500, ALICE)), "x")]).bytes();
    expect(&document, &bytes, Harm::Panics);
}

#[test]
fn characters_are_deleted_one_by_one() {
    let document = work_order();
    let text = genesis_id(&document, "description");
    let first = first_character(&document, "description");
    let delete = |predecessor: Id| {
        let op = Op { key: Key::Element(first), ..Op::on(Some(text), "", DELETE, null()) };
        Craft::after(&document, BOB, &[op.over([predecessor])]).bytes()
    };
    passes(&document, &delete(first));
    let next = (first.0 + 1, first.1);
    refused(&document, &delete(next), "wrong_predecessor", Harm::Unloadable);
    refused(&document, &delete(title_id(&document)), "wrong_predecessor", Harm::Unloadable);
}

/// One change that names characters and values from a great many others.
#[test]
fn many_changes_are_named_at_once() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let keys: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
    for key in &keys {
        document.edit::<_, EditError>(ALICE, NOW, |door| door.put(&["tags", key], true)).unwrap();
    }
    let before = document.clone();
    let clear =
        |door: &mut crate::document::Edit| keys.iter().try_for_each(|key| door.remove(&["tags", key]));
    let (_, made) = document.edit::<_, EditError>(BOB, NOW, clear).unwrap();
    assert_eq!(passes(&before, &made[0]).writes.len(), keys.len());
}
