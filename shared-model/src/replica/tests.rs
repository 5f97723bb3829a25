//! A device's copy of one work order, while items, snapshots and refusals arrive.

mod give_back;
mod packs;
mod reroot;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::document::{DocumentKind, step};
use crate::features::work_order::{self, FieldEdit, NewWorkOrder, Origin, Priority, WorkType};
use crate::features::{Command, comment};
use crate::identity::{ActorId, CommandId, DocumentId, PersonId, RecordId};
use crate::ingest::REROOTED;
use crate::instant::Timestamp;
use crate::permission::{GrantLimit, Grants, Role};
use crate::sync_protocol::{
    Cursor, FeedBody, FeedItem, LoadProgress, OutboxEntry, Snapshot, SnapshotReceipt, Standing,
};
use crate::workspace::{Aggregate, Author, Item};

const ORDER: DocumentId = DocumentId::from_bytes([9; 16]);
const ANN: ActorId = ActorId::from_bytes([1; 16]);
const BOB: ActorId = ActorId::from_bytes([2; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Somebody's copy, and what they made.
#[derive(Clone)]
struct Copy {
    author: Author,
    aggregates: BTreeMap<DocumentId, Aggregate>,
    made: Vec<OutboxEntry>,
}

impl Copy {
    fn of(actor: ActorId) -> Self {
        let grants = Role::Manager.grants(GrantLimit::Organisation);
        let grants = Grants { person: PersonId::from_bytes([7; 16]), grants };
        Self { author: Author::Person { grants, actor }, aggregates: BTreeMap::new(), made: Vec::new() }
    }

    fn execute(&mut self, command: &Command) -> Vec<Item> {
        let seq = u64::try_from(self.made.len()).unwrap() * 10;
        let outcome = replay(command, &self.aggregates, &self.author, NOW, seq, step::SCHEMA).unwrap();
        self.aggregates = outcome.aggregates;
        let id = CommandId::from_bytes([u8::try_from(self.made.len()).unwrap(); 16]);
        let intent = serde_json::to_vec(command).unwrap();
        self.made.push(OutboxEntry::of_items(id, intent, outcome.items.clone()));
        outcome.items
    }

    fn write(&mut self, text: &str) -> Vec<Item> {
        self.execute(&edit(FieldEdit::Description(text.into())))
    }

    fn order(&self) -> &Aggregate {
        &self.aggregates[&ORDER]
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            document: ORDER,
            kind: DocumentKind::WorkOrder,
            bytes: self.order().document.save().into(),
            records: self.order().records.values().map(|record| record.encode().into()).collect(),
            receipts: Vec::new(),
        }
    }
}

fn edit(edit: FieldEdit) -> Command {
    Command::WorkOrder(work_order::Command::Edit { id: ORDER, edits: vec![edit] })
}

fn remark(n: u8) -> Command {
    let (id, text) = (RecordId::from_bytes([n; 16]), format!("remark {n}"));
    Command::Comment(comment::Command::Add { id, document: ORDER, kind: DocumentKind::WorkOrder, text })
}

fn create() -> Command {
    Command::WorkOrder(work_order::Command::Create(Box::new(NewWorkOrder {
        id: ORDER,
        title: "Pump 7".to_owned(),
        description: "It leaks.\n".to_owned(),
        work_type: WorkType::Corrective,
        priority: Priority::Medium,
        origin: Origin::Manual,
        external: None,
        requester: None,
        site: None,
        location: None,
        assets: Vec::new(),
        people: Vec::new(),
        teams: Vec::new(),
        tags: Vec::new(),
        planned_start: None,
        due: None,
        estimated_minutes: None,
        checklists: Vec::new(),
        assigned_event: None,
    })))
}

fn items(made: Vec<Item>) -> Vec<FeedItem> {
    let body = |item| match item {
        Item::Change { bytes, .. } => FeedBody::Change { bytes: bytes.into() },
        Item::Record(record) => FeedBody::Record { bytes: record.encode().into() },
    };
    made.into_iter().map(body).map(feed_item).collect()
}

fn feed_item(body: FeedBody) -> FeedItem {
    let (document, kind, receipt) = (ORDER, DocumentKind::WorkOrder, None);
    FeedItem { seq: 1, document, kind, received_at: NOW, author: None, body, receipt, device: None }
}

/// A load by pages of one document, from the start.
fn load(sweep: bool) -> LoadProgress {
    LoadProgress {
        from: cursor(3),
        rights: vec![5],
        after: None,
        sweep,
        loaded: 0,
        documents: 1,
        packs: None,
        from_nothing: false,
    }
}

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: vec![1].into(), seq, chain_hash: vec![2].into() }
}

fn text(aggregate: &Aggregate) -> String {
    work_order::read(aggregate).description
}

/// Ann's copy, and Bob's, who has all of hers.
fn two_copies() -> (Copy, Copy) {
    let mut ann = Copy::of(ANN);
    ann.execute(&create());
    let mut bob = Copy::of(BOB);
    bob.aggregates = ann.aggregates.clone();
    (ann, bob)
}

#[test]
fn items_make_the_same_document_and_change_nothing_the_second_time() {
    let mut ann = Copy::of(ANN);
    let feed: Vec<FeedItem> =
        [create(), remark(1)].iter().flat_map(|command| items(ann.execute(command))).collect();
    let first = apply(None, &feed, BOB);
    assert!(first.changed && !first.missing);
    let copy = first.aggregate.unwrap();
    assert_eq!((copy.document.heads(), &copy.records), (ann.order().document.heads(), &ann.order().records));
    let again = apply(Some(copy), &feed, BOB);
    assert!(!again.changed && !again.missing);
}

#[test]
fn what_cannot_be_read_or_builds_on_nothing_is_missing() {
    let (mut ann, _) = two_copies();
    ann.write("It leaks.\nBadly.\n");
    let later = items(ann.write("It leaks.\nBadly.\nStill.\n"));
    let outcome = apply(None, &later, BOB);
    assert!(outcome.missing && outcome.aggregate.is_none(), "a part of a document is not shown");
    for bytes in [b"nonsense".to_vec(), Vec::new()] {
        assert!(apply(None, &[feed_item(FeedBody::Change { bytes: bytes.clone().into() })], BOB).missing);
        assert!(apply(None, &[feed_item(FeedBody::Record { bytes: bytes.clone().into() })], BOB).missing);
        let snapshot = Snapshot { bytes: bytes.into(), ..ann.snapshot() };
        assert!(apply_snapshot(None, &snapshot).missing);
    }
}

#[test]
fn its_own_change_coming_back_to_a_copy_without_it_is_missing() {
    let (mut ann, bob) = two_copies();
    let own = items(ann.write("It leaks.\nBadly.\n"));
    let before = bob.order().clone();
    assert!(apply(Some(before.clone()), &own, ANN).missing);
    assert!(!apply(Some(before), &own, BOB).missing);
}

#[test]
fn a_snapshot_is_merged_with_what_waits() {
    let (mut ann, mut bob) = two_copies();
    ann.write("It leaks.\nann\n");
    bob.write("bob\nIt leaks.\n");
    let merged = apply_snapshot(Some(ann.order().clone()), &bob.snapshot()).aggregate.unwrap();
    assert_eq!(text(&merged), "bob\nIt leaks.\nann\n");
}

#[test]
fn a_document_leaves_when_nothing_of_it_waits() {
    let (ann, _) = two_copies();
    let leave = [feed_item(FeedBody::Leave)];
    let absorb = |pending: &Pending| {
        let standing = Standing { cursor: Some(cursor(3)), ..Standing::default() };
        absorb_feed(&standing, (3, &cursor(4)), &leave, ann.aggregates.clone(), pending, ANN).unwrap()
    };
    let gone = absorb(&Pending::default());
    assert_eq!((gone.removed, gone.wanted), (BTreeSet::from([ORDER]), BTreeSet::new()));
    assert_eq!(gone.standing.unwrap().cursor, Some(cursor(4)));
    let owed = Pending::default().and_owed(&BTreeSet::from([ORDER]));
    for waits in [Pending::of(&ann.made), owed] {
        let kept = absorb(&waits);
        assert_eq!((kept.removed, kept.wanted), (BTreeSet::new(), BTreeSet::from([ORDER])));
    }
}

#[test]
fn what_does_not_follow_is_not_stored() {
    let standing = Standing { cursor: Some(cursor(3)), ..Standing::default() };
    let pending = Pending::default();
    let absorb = |from| absorb_feed(&standing, (from, &cursor(9)), &[], BTreeMap::new(), &pending, ANN);
    assert!(absorb(3).is_ok());
    assert_eq!(absorb(4).unwrap_err(), OutOfOrder);
    let load = LoadProgress { after: Some(ORDER), ..load(true) };
    let page =
        |load| absorb_page(&standing, (load, None), &[], BTreeMap::new(), &Present::default(), &pending);
    assert_eq!(page(&load).unwrap_err(), OutOfOrder);
    let first = LoadProgress { after: None, ..load.clone() };
    assert!(page(&first).is_ok());
}

#[test]
fn a_page_sweeps_what_it_does_not_name_unless_it_waits_or_history_was_lost() {
    let (ann, _) = two_copies();
    let standing = Standing::default();
    let absorb = |sweep, pending: &Pending| {
        let load = load(sweep);
        let stale = DocumentId::from_bytes([8; 16]);
        let present = Present { documents: BTreeSet::from([ORDER]), rows: BTreeSet::from([ORDER, stale]) };
        absorb_page(&standing, (&load, None), &[], BTreeMap::new(), &present, pending).unwrap()
    };
    let swept = absorb(true, &Pending::default());
    let stale = DocumentId::from_bytes([8; 16]);
    assert_eq!(swept.removed, BTreeSet::from([ORDER, stale]));
    let standing_after = swept.standing.unwrap();
    assert_eq!((standing_after.cursor, standing_after.rights), (Some(cursor(3)), vec![5]));
    let waiting = absorb(true, &Pending::of(&ann.made));
    assert_eq!((waiting.removed, waiting.wanted), (BTreeSet::from([stale]), BTreeSet::from([ORDER])));
    // What an earlier comparison found and nobody took back yet may be here alone.
    let owed = absorb(true, &Pending::default().and_owed(&BTreeSet::from([ORDER])));
    assert_eq!((owed.removed, owed.wanted), (BTreeSet::from([stale]), BTreeSet::from([ORDER])));
    let compared = absorb(false, &Pending::default());
    assert_eq!((compared.removed, compared.owed), (BTreeSet::from([stale]), BTreeSet::from([ORDER])));
}

/// Its row may have been listed by a server that has lost its history since.
#[test]
fn a_comparison_writes_what_is_the_same_in_both_histories_with_its_row() {
    let (ann, _) = two_copies();
    for sweep in [true, false] {
        let load = load(sweep);
        let here = BTreeSet::from([ORDER]);
        let present = Present { documents: here.clone(), rows: here.clone() };
        let (held, pending) = (ann.aggregates.clone(), Pending::default());
        let page =
            absorb_page(&Standing::default(), (&load, None), &[ann.snapshot()], held, &present, &pending);
        let written: BTreeSet<DocumentId> = page.unwrap().put.into_keys().collect();
        assert_eq!(written, if sweep { BTreeSet::new() } else { here });
    }
}

/// A document comes again without what this device wrote about it before it left: that is lost, and held by others.
#[test]
fn a_comparison_begins_under_another_actor() {
    let renews = |sweep, after: Option<DocumentId>| {
        let load = LoadProgress { after, ..load(sweep) };
        let standing = Standing { load: Some(load.clone()), ..Standing::default() };
        let (present, pending) = (Present::default(), Pending::default());
        let page = absorb_page(&standing, (&load, None), &[], BTreeMap::new(), &present, &pending);
        page.unwrap().renews_actor
    };
    assert!(renews(false, None));
    assert!(!renews(false, Some(ORDER)), "once is enough");
    assert!(!renews(true, None), "nothing is lost");
}

#[test]
fn what_was_asked_for_and_did_not_come_is_forgotten() {
    let (ann, _) = two_copies();
    let absorb = |items: &[Snapshot], pending: &Pending| {
        absorb_fetched(&[ORDER], items, ann.aggregates.clone(), pending)
    };
    assert_eq!(absorb(&[], &Pending::default()).removed, BTreeSet::from([ORDER]));
    let waiting = absorb(&[], &Pending::of(&ann.made));
    assert_eq!((waiting.removed.len(), waiting.wanted), (0, BTreeSet::from([ORDER])));
    let came = absorb(&[ann.snapshot()], &Pending::default());
    assert_eq!((came.removed.len(), came.settled), (0, BTreeSet::from([ORDER])));
}

/// Two histories in which one actor says different things under one number, as after a disk that forgot.
#[test]
fn what_came_and_cannot_be_merged_stays_and_is_asked_for_again() {
    let (mut ann, _) = two_copies();
    let mut other = ann.clone();
    ann.write("It leaks.\nAt the flange.\n");
    other.write("It leaks.\nAt the seal.\n");
    let absorbed = absorb_fetched(&[ORDER], &[other.snapshot()], ann.aggregates.clone(), &Pending::default());
    assert_eq!((absorbed.removed.len(), absorbed.settled.len()), (0, 0));
    assert_eq!(absorbed.wanted, BTreeSet::from([ORDER]));
    assert!(
        absorbed.put.get(&ORDER).is_none_or(|kept| kept.document.heads() == ann.order().document.heads())
    );
}

/// Bob writes on the server's copy while Ann's second edit is refused and her third builds on it.
#[test]
fn refused_work_is_done_again_without_taking_back_what_others_wrote() {
    let (mut ann, mut bob) = two_copies();
    ann.made.clear();
    ann.execute(&remark(1));
    ann.write("It leaks.\nann one\n");
    ann.write("It leaks.\nann one\nann two\n");
    bob.write("bob\nIt leaks.\n");
    // Bob's line reaches Ann's device only after she has written hers.
    let dead = apply_snapshot(Some(ann.order().clone()), &bob.snapshot()).aggregate.unwrap();
    ann.aggregates.insert(ORDER, dead);
    let fresh: Vec<CommandId> = (100..103).map(|n| CommandId::from_bytes([n; 16])).collect();
    let receipts = vec![SnapshotReceipt { kind: None, heads: Vec::new(), code: vec![1].into() }];
    let snapshot = Snapshot { receipts, ..bob.snapshot() };
    let (snapshots, Author::Person { grants, .. }) = ([snapshot], ann.author.clone()) else { panic!() };
    ann.made[0].refuse("no_reason");
    ann.made[1].refuse(REROOTED);
    let input = Rebuild {
        documents: &[ORDER],
        snapshots: &snapshots,
        outbox: &ann.made,
        set_aside: &[],
        held: ann.aggregates.clone(),
        author: Author::Person { grants, actor: ActorId::from_bytes([3; 16]) },
        now: NOW,
        next_record_seq: 1,
        schema: step::SCHEMA,
        fresh: &fresh,
    };
    let rebuilt = rebuild(&input).unwrap();
    assert_eq!(text(&rebuilt.put[&ORDER]), "bob\nIt leaks.\nann one\nann two\n");
    let replays = rebuilt.remade.iter().filter_map(|remade| Some(remade.entry.as_ref()?.replays));
    assert_eq!(replays.collect::<Vec<_>>(), [1, 0, 0], "of its own fault, of a new root, of the one before");
    assert_eq!(rebuilt.put[&ORDER].records.len(), 1);
    assert_eq!(rebuilt.receipts.len(), 1, "what the server vouches for comes along");
    assert_eq!((rebuilt.remade.len(), rebuilt.set_aside.len()), (3, 0));

    // The server takes the commands made anew, and nothing of the dead branch is among what they build on.
    let mut server = bob.order().clone();
    for entry in rebuilt.remade.iter().filter_map(|remade| remade.entry.as_ref()) {
        for item in &entry.command.items {
            if let crate::sync_protocol::PushedItem::Change { bytes, .. } = item {
                let change = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
                assert!(server.document.missing(change.deps()).is_empty());
                server.document.apply(vec![change]).unwrap();
            }
        }
    }
    assert_eq!(server.document.heads(), rebuilt.put[&ORDER].document.heads());
}

/// Ann was the first to say what was done; her command is refused while Bob's of the same kind is accepted.
#[test]
fn a_refused_first_write_of_a_new_field_is_done_again() {
    let resolve = |text: &str| edit(FieldEdit::Resolution(text.into()));
    let resolution = |aggregate: &Aggregate| work_order::read(aggregate).resolution;
    for bob_was_first in [false, true] {
        let (mut ann, mut bob) = two_copies();
        ann.made.clear();
        bob.write("bob\nIt leaks.\n");
        let seen = apply_snapshot(Some(ann.order().clone()), &bob.snapshot()).aggregate.unwrap();
        ann.aggregates.insert(ORDER, seen);
        ann.execute(&resolve("seal replaced\n"));
        ann.write("bob\nIt leaks no more.\n");
        if bob_was_first {
            bob.execute(&resolve("bearing greased\n"));
        }
        let fresh: Vec<CommandId> = (100..102).map(|n| CommandId::from_bytes([n; 16])).collect();
        let Author::Person { grants, .. } = ann.author.clone() else { panic!() };
        let input = |schema| Rebuild {
            documents: &[ORDER],
            snapshots: &[],
            outbox: &ann.made,
            set_aside: &[],
            held: ann.aggregates.clone(),
            author: Author::Person { grants: grants.clone(), actor: ActorId::from_bytes([3; 16]) },
            now: NOW,
            next_record_seq: 1,
            schema,
            fresh: &fresh,
        };
        let snapshots = [bob.snapshot()];
        let rebuilt = rebuild(&Rebuild { snapshots: &snapshots, ..input(step::SCHEMA) }).unwrap();
        assert_eq!((rebuilt.remade.len(), rebuilt.set_aside.len()), (2, 0));
        let order = &rebuilt.put[&ORDER];
        assert!(resolution(order).contains("seal replaced\n"));
        assert_eq!(resolution(order).contains("bearing greased\n"), bob_was_first);
        assert_eq!(text(order), "bob\nIt leaks no more.\n", "upon what she had seen");

        // A server that went back to an older version meanwhile: her words wait, whole, for a newer one.
        let rebuilt = rebuild(&Rebuild { snapshots: &snapshots, ..input(0) }).unwrap();
        let [aside] = &rebuilt.set_aside[..] else { panic!("{rebuilt:?}") };
        assert_eq!(aside.reason.as_ref().map(crate::workspace::Refusal::code), Some("server_too_old"));
        assert_eq!(text(&rebuilt.put[&ORDER]), "bob\nIt leaks no more.\n");
    }
}

#[test]
fn what_cannot_be_done_again_is_set_aside_whole() {
    let (ann, _) = two_copies();
    let fresh = [CommandId::from_bytes([100; 16])];
    let input = Rebuild {
        documents: &[ORDER],
        snapshots: &[],
        outbox: &ann.made,
        set_aside: &[ann.made[0].id()],
        held: ann.aggregates.clone(),
        author: ann.author.clone(),
        now: NOW,
        next_record_seq: 1,
        schema: step::SCHEMA,
        fresh: &fresh,
    };
    let rebuilt = rebuild(&input).unwrap();
    assert_eq!(rebuilt.removed, BTreeSet::from([ORDER]));
    assert_eq!(rebuilt.set_aside[0].entry, ann.made[0]);

    let mut joined = ann.made[0].clone();
    joined.documents.push(DocumentId::from_bytes([8; 16]));
    let outbox = [joined];
    assert_eq!(
        rebuild(&Rebuild { outbox: &outbox, ..input }).unwrap_err(),
        Widened(vec![DocumentId::from_bytes([8; 16])])
    );
}
