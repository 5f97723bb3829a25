//! Edits as of an older state, which other Automerge clients make under actors that Automerge makes up.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ChangeHash, ExpandedChange, ObjType, PatchLog, ROOT, ReadDoc};

use super::{ALICE, BOB, NOW, bind, check, work_order};
use crate::document::genesis::GENESIS_ACTOR;
use crate::document::{Document, EditError};
use crate::gate::{Numbering, Refused, Verdict, change_author, check_numbered_change};
use crate::identity::ActorId;

/// A work order in which Bob has edited since these heads.
fn edited() -> (Document, Vec<ChangeHash>) {
    let mut document = work_order();
    let older = document.heads();
    for title in ["Pump 7", "Pump 8", "Pump 9"] {
        let edit = document.edit::<_, EditError>(BOB, NOW, |door| door.put_str(&["title"], Some(title)));
        edit.unwrap();
    }
    (document, older)
}

/// What Bob writes as of older heads.
fn isolated(document: &Document, heads: &[ChangeHash], actor: ActorId) -> (Automerge, Change) {
    let mut automerge = document.automerge().clone();
    automerge.set_actor(actor.to_automerge());
    let mut transaction = automerge.transaction_at(PatchLog::inactive(), heads).unwrap();
    transaction.put(ROOT, "external", "SAP-1").unwrap();
    let (_, tags) = transaction.get(ROOT, "checklists").unwrap().unwrap();
    let list = transaction.put_object(&tags, "k9", ObjType::Map).unwrap();
    transaction.put(&list, "title", "Made before").unwrap();
    transaction.commit_with(CommitOptions::default().with_time(1_700_000_000));
    let change = automerge.get_changes(&document.heads()).remove(0);
    (automerge, change)
}

fn others(document: &Document, bytes: &[u8]) -> Result<Verdict, Refused> {
    check_numbered_change(document, bytes, Numbering::Isolated, bind)
}

#[test]
fn an_isolated_edit_passes_where_it_may_and_is_of_the_actor_behind_it() {
    let (document, older) = edited();
    let (_, change) = isolated(&document, &older, BOB);
    assert_eq!(change.actor_id().to_bytes().len(), 21);
    assert_eq!(change_author(change.raw_bytes()), Ok(BOB));
    let expected = document.automerge().get_changes(&[]).iter().map(Change::max_op).max().unwrap() + 1;
    assert_eq!(change.start_op().get(), expected, "it is numbered on from the newest");
    let Ok(Verdict::New(checked)) = others(&document, change.raw_bytes()) else { panic!("it is honest") };
    assert_eq!(checked.writes.len(), 3);
    assert_eq!(check(&document, change.raw_bytes()).unwrap_err(), Refused::ActorLength(21));
}

#[test]
fn our_own_engine_goes_on_from_what_an_isolated_edit_made() {
    let (mut document, older) = edited();
    let (_, change) = isolated(&document, &older, BOB);
    document.apply(vec![change]).unwrap();
    let before = document.heads();
    let mut after = document.clone();
    let edit = after.edit::<_, EditError>(ALICE, NOW, |door| {
        door.put_str(&["checklists", "k9", "title"], Some("Made after"))?;
        door.put_str(&["external"], Some("SAP-2"))
    });
    edit.unwrap();
    for change in after.changes_since(&before) {
        let verdict = check(&document, change.raw_bytes());
        assert!(matches!(verdict, Ok(Verdict::New(_))), "{verdict:?}");
    }
}

#[test]
fn numbers_beyond_the_newest_and_before_the_past_are_refused() {
    let (document, older) = edited();
    let (_, change) = isolated(&document, &older, BOB);
    let newest = change.start_op().get();
    let past = work_order().automerge().get_changes(&[]).iter().map(Change::max_op).max().unwrap();
    for (start, passes) in
        [(past, false), (past + 1, true), (newest - 1, true), (newest, true), (newest + 1, false)]
    {
        let mut expanded = ExpandedChange::from(&change);
        // Without what it made, whose numbers would have to follow.
        expanded.operations.truncate(1);
        expanded.start_op = start.try_into().unwrap();
        let verdict = others(&document, Change::from(expanded).raw_bytes());
        match verdict {
            Ok(Verdict::New(_)) => assert!(passes, "{start}"),
            Err(Refused::StartOp { found, .. }) => assert!(!passes && found == start, "{start}"),
            other => panic!("{start}: {other:?}"),
        }
    }
}

#[test]
fn an_isolated_actor_of_genesis_and_lookalikes_are_refused() {
    let (document, older) = edited();
    let (_, change) = isolated(&document, &older, BOB);
    let with_actor = |actor: Vec<u8>| {
        let mut expanded = ExpandedChange::from(&change);
        expanded.operations.truncate(1);
        expanded.actor_id = actor.into();
        others(&document, Change::from(expanded).raw_bytes()).unwrap_err()
    };
    let isolated = |number: u8, base: &[u8]| [&[0x13, 0xb2, 0x23, 0x09, number], base].concat();
    assert_eq!(with_actor(isolated(1, GENESIS_ACTOR.as_bytes())), Refused::ReservedActor);
    assert_eq!(with_actor(isolated(0, BOB.as_bytes())), Refused::ActorLength(21));
    assert_eq!(with_actor(isolated(128, BOB.as_bytes())), Refused::ActorLength(21));
    assert_eq!(with_actor(isolated(1, &[7; 15])), Refused::ActorLength(20));
    assert_eq!(with_actor(vec![7; 21]), Refused::ActorLength(21));
    assert_eq!(with_actor(vec![7; 22]), Refused::ActorLength(22));
}
