//! What a device gives back, and the receipts that go along with it.

use sha2::{Digest, Sha256};

use super::*;
use crate::features::cost::{self, CostEntry, CostKind};
use crate::gate;
use crate::sync_protocol::{GivenBack, PushedItem, Receipt};
use crate::units::{Currency, Money};

fn cost(n: u8) -> Command {
    let entry = CostEntry {
        money: Money { minor: 100, currency: Currency::EUR },
        kind: CostKind::Other,
        note: None,
        external: None,
    };
    let (id, kind) = (RecordId::from_bytes([n; 16]), DocumentKind::WorkOrder);
    Command::Cost(cost::Command::Enter { id, document: ORDER, kind, entry })
}

/// What the server vouches for when it sends a copy, with and without the costs, each with a code of its own.
fn receipts(copy: &Copy, kind: Option<&str>, code: u8) -> Vec<Receipt> {
    let heads = copy.order().document.heads().iter().map(|head| head.0.to_vec().into()).collect();
    let receipts = vec![SnapshotReceipt { kind: kind.map(str::to_owned), heads, code: vec![code].into() }];
    super::super::give_back::receipts_of_snapshot(&Snapshot { receipts, ..copy.snapshot() })
}

fn given(copy: &Copy, server: &Copy, receipts: &[Receipt]) -> GivenBack {
    let (server, actor) = (server.snapshot(), |_| None);
    let comparison =
        Comparison { held: copy.order(), server: Some(&server), pending: &[], receipts, actor: &actor };
    lacking(&comparison).unwrap()
}

#[test]
fn what_is_owed_keeps_its_facts_whatever_comes_meanwhile() {
    let (server, mut ann) = two_copies();
    ann.execute(&cost(2));
    let fetch = |owed: &[DocumentId]| {
        let pending = Pending::default().and_owed(owed);
        absorb_fetched(&[ORDER], &[server.snapshot()], ann.aggregates.clone(), &pending)
    };
    let gone = fetch(&[]);
    assert!(gone.wanted.is_empty());
    assert_eq!(gone.put[&ORDER].records.len(), server.order().records.len(), "a right that is gone");
    let kept = fetch(&[ORDER]);
    assert!(kept.put.is_empty(), "nothing is taken away");
    assert_eq!(kept.wanted, BTreeSet::from([ORDER]), "until it is given back");
}

fn codes(given: &GivenBack) -> BTreeSet<u8> {
    given.receipts.iter().map(|receipt| receipt.claim().1[0]).collect()
}

#[test]
fn everything_given_back_comes_with_the_receipt_that_vouches_for_it_however_old() {
    let (mut ann, server) = two_copies();
    let mut held = ann.clone();
    held.execute(&remark(1));
    held.execute(&cost(2));
    let mut all = receipts(&held, Some("cost_entry"), 1);
    // From here on costs are no business of this person's; the document comes again and again.
    for code in 10..40 {
        held.write(&format!("It leaks.\n{code}\n"));
        all.extend(receipts(&held, None, code));
    }
    assert_eq!(codes(&given(&held, &server, &all)), BTreeSet::from([1, 39]), "the newest says most");

    // A change above the last copy has a receipt of its own; one below needs none.
    let own = |item: Item, code: u8| {
        let Item::Change { bytes, .. } = item else { panic!("{item:?}") };
        let (document, item) = (ORDER, Sha256::digest(&bytes).to_vec().into());
        Receipt::Item { document, item, author: None, device: None, code: vec![code].into() }
    };
    let [change] = &held.write("It leaks.\nabove\n")[..] else { panic!("one change") };
    all.push(own(change.clone(), 50));
    let back = given(&held, &server, &all);
    assert_eq!(codes(&back), BTreeSet::from([1, 39, 50]));
    let hashes = back.items.iter().filter_map(|item| match item {
        PushedItem::Change { bytes, .. } => gate::change_hash(bytes).ok(),
        PushedItem::Record { .. } => None,
    });
    assert_eq!(hashes.count(), 31);

    // With a receipt of its own nothing needs that of a whole document.
    let above: Vec<Receipt> = receipts(&held, None, 55);
    all.extend(above);
    assert_eq!(codes(&given(&held, &server, &all)), BTreeSet::from([1, 50, 55]), "of those below");
    let mut later = held.clone();
    let [change] = &later.write("It leaks.\nlater\n")[..] else { panic!("one change") };
    let single = [own(change.clone(), 56), receipts(&later, None, 57).remove(0)];
    assert_eq!(codes(&given(&later, &held, &single)), BTreeSet::from([56]));

    // What says nothing of what is lacking stays at home.
    ann.execute(&remark(3));
    all.extend(receipts(&ann, None, 60));
    assert_eq!(codes(&given(&held, &server, &all)), BTreeSet::from([1, 50, 55]));
}
