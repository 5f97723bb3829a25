//! A document with a new root: what arrives of it, what waits, and what is done again.

use super::*;
use crate::document::TextEdit;
use crate::identity::RootId;

const SERVER: ActorId = ActorId::from_bytes([3; 16]);
const ROOT: RootId = RootId::from_bytes([4; 16]);

/// The server's copy after somebody gave the document a new root.
fn rerooted(copy: &Copy) -> Copy {
    let mut rerooted = copy.clone();
    let order = rerooted.aggregates.get_mut(&ORDER).unwrap();
    (order.document, _) = order.document.upon_new_root(ROOT, SERVER).unwrap();
    rerooted
}

fn told(copy: &Copy) -> [FeedItem; 2] {
    [feed_item(FeedBody::Leave), feed_item(FeedBody::Enter { snapshot: copy.snapshot() })]
}

fn absorb(copy: &Copy, items: &[FeedItem], pending: &Pending) -> Absorbed {
    let standing = Standing { cursor: Some(cursor(3)), ..Standing::default() };
    absorb_feed(&standing, (3, &cursor(4)), items, copy.aggregates.clone(), pending, ANN).unwrap()
}

fn root(aggregate: &Aggregate) -> Option<RootId> {
    aggregate.document.root()
}

#[test]
fn a_new_root_takes_the_place_of_what_is_here() {
    let (mut ann, _) = two_copies();
    ann.write("It leaks.\nann\n");
    let server = rerooted(&ann);
    let absorbed = absorb(&ann, &told(&server), &Pending::default());
    let put = &absorbed.put[&ORDER];
    assert_eq!(put.document.heads(), server.order().document.heads());
    assert_eq!((text(put), &put.records), (text(ann.order()), &ann.order().records));
    assert_eq!((absorbed.wanted.len(), absorbed.removed.len()), (0, 0));
    // Whoever was away is sent what comes after it, too.
    let mut later = server.clone();
    let after = later.write("It leaks.\nann\nserver\n");
    let more: Vec<FeedItem> = told(&later).into_iter().chain(items(after)).collect();
    let absorbed = absorb(&ann, &more, &Pending::default());
    assert_eq!(absorbed.put[&ORDER].document.heads(), later.order().document.heads());
}

#[test]
fn the_two_are_never_merged_by_any_way_in() {
    let (mut ann, _) = two_copies();
    let server = rerooted(&ann);
    ann.write("It leaks.\nann\n");
    let (none, waits) = (Pending::default(), Pending::of(&ann.made));
    let fetched =
        |pending: &Pending| absorb_fetched(&[ORDER], &[server.snapshot()], ann.aggregates.clone(), pending);
    let paged = |sweep: bool, pending: &Pending| {
        let load = load(sweep);
        let here = BTreeSet::from([ORDER]);
        let present = Present { documents: here.clone(), rows: here };
        let (held, snapshots) = (ann.aggregates.clone(), [server.snapshot()]);
        absorb_page(&Standing::default(), (&load, None), &snapshots, held, &present, pending).unwrap()
    };
    for replaced in [absorb(&ann, &told(&server), &none), fetched(&none), paged(true, &none)] {
        assert_eq!(root(&replaced.put[&ORDER]), Some(ROOT));
        assert!(replaced.wanted.is_empty() && replaced.owed.is_empty());
    }
    let kept = |absorbed: &Absorbed| absorbed.put.get(&ORDER).is_none_or(|here| root(here).is_none());
    for waiting in [absorb(&ann, &told(&server), &waits), fetched(&waits), paged(true, &waits)] {
        assert!(kept(&waiting) && waiting.wanted.contains(&ORDER), "{waiting:?}");
    }
    // A server that lost its history gets what it lacks before anything makes way.
    let compared = paged(false, &none);
    assert!(kept(&compared) && compared.wanted.contains(&ORDER) && compared.owed.contains(&ORDER));
}

#[test]
fn what_comes_upon_a_root_that_is_not_here_asks_for_the_whole() {
    let (mut ann, _) = two_copies();
    let mut server = rerooted(&ann);
    ann.write("It leaks.\nann\n");
    let later = items(server.write("It leaks.\nserver\n"));
    let absorbed = absorb(&ann, &later, &Pending::of(&ann.made));
    assert_eq!(absorbed.wanted, BTreeSet::from([ORDER]));
}

#[test]
fn what_is_given_back_says_upon_which_root() {
    let (ann, _) = two_copies();
    let server = rerooted(&ann);
    let actor = |_| None;
    let lacking = |held: &Aggregate, server: &Snapshot| {
        let (pending, receipts) = (&[], &[]);
        lacking(&Comparison { held, server: Some(server), pending, receipts, actor: &actor })
    };
    assert_eq!(lacking(ann.order(), &server.snapshot()).unwrap().root, None);
    assert_eq!(lacking(server.order(), &ann.snapshot()).unwrap().root, Some(ROOT));
    assert_eq!(lacking(server.order(), &server.snapshot()), None);
}

fn do_again(ann: &Copy, server: &Copy) -> Rebuilt {
    let fresh: Vec<CommandId> = (100..110).map(|n| CommandId::from_bytes([n; 16])).collect();
    let Author::Person { grants, .. } = ann.author.clone() else { panic!() };
    let input = Rebuild {
        documents: &[ORDER],
        snapshots: &[server.snapshot()],
        outbox: &ann.made,
        set_aside: &[],
        held: ann.aggregates.clone(),
        author: Author::Person { grants, actor: ActorId::from_bytes([6; 16]) },
        now: NOW,
        next_record_seq: 1,
        schema: step::SCHEMA,
        fresh: &fresh,
    };
    rebuild(&input).unwrap()
}

#[test]
fn refused_work_is_done_again_upon_the_new_root() {
    let (mut ann, mut bob) = two_copies();
    ann.made.clear();
    let typed = |base: &str, text: &str| {
        edit(FieldEdit::Description(TextEdit::over(base.to_owned(), text.to_owned())))
    };
    ann.execute(&edit(FieldEdit::Priority(Priority::High)));
    ann.execute(&typed("It leaks.\n", "It leaks.\nann one\n"));
    ann.execute(&remark(1));
    ann.execute(&typed("It leaks.\nann one\n", "It leaks.\nann one\nann two\n"));
    bob.write("bob\nIt leaks.\n");
    let rebuilt = do_again(&ann, &rerooted(&bob));
    let order = &rebuilt.put[&ORDER];
    assert_eq!(root(order), Some(ROOT));
    assert_eq!(text(order), "bob\nIt leaks.\nann one\nann two\n");
    assert_eq!(work_order::read(order).priority, Priority::High);
    assert_eq!((rebuilt.remade.len(), rebuilt.set_aside.len()), (4, 0));
    assert!(rebuilt.remade.iter().all(|remade| remade.entry.is_some()));
}

/// Nothing can stand beside what a root holds: Bob's value would be gone without anybody having seen both.
#[test]
fn what_would_overwrite_what_its_author_never_saw_is_for_them_to_decide() {
    let (mut ann, mut bob) = two_copies();
    ann.made.clear();
    ann.execute(&edit(FieldEdit::Priority(Priority::High)));
    ann.write("It leaks.\nann\n");
    bob.execute(&edit(FieldEdit::Priority(Priority::Low)));
    let rebuilt = do_again(&ann, &rerooted(&bob));
    let order = work_order::read(&rebuilt.put[&ORDER]);
    assert_eq!((order.priority, order.description.as_str()), (Priority::Low, "It leaks.\nann\n"));
    let [aside] = &rebuilt.set_aside[..] else { panic!("{:?}", rebuilt.set_aside) };
    assert_eq!(aside.entry, ann.made[0]);
    assert!(
        matches!(&aside.reason, Some(crate::workspace::Refusal::Rule { rule, detail })
            if rule == CHANGED_MEANWHILE && detail == "priority"),
        "{:?}",
        aside.reason
    );
    // A text that says nothing of what it was typed over would take Bob's line away.
    bob.write("bob\nIt leaks.\n");
    let asides = do_again(&ann, &rerooted(&bob)).set_aside;
    assert_eq!(asides.into_iter().map(|aside| aside.entry).collect::<Vec<_>>(), ann.made);
    // Both wrote the same: nobody has to decide anything.
    let mut same = two_copies().1;
    same.execute(&edit(FieldEdit::Priority(Priority::High)));
    assert!(do_again(&ann, &rerooted(&same)).set_aside.is_empty());
}
