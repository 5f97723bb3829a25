//! Is a device's copy right? The node compares range by range, by the rights of the person.

use super::*;
use crate::sync_protocol::{MAX_RANGES, Manifest, RangeMark, StoredMark};

fn mark_of(n: u8) -> u64 {
    crate::sync_protocol::mark(document(n), [], [])
}

/// Documents as they are stored; the odd ones belong to a site that the person does not see.
fn stored_marks(numbers: impl IntoIterator<Item = u8>) -> Vec<StoredMark> {
    let stored = |n: u8| StoredMark {
        document: document(n),
        kind: DocumentKind::WorkOrder,
        scopes: site(1 + n % 2),
        heads: Vec::new(),
        records: Vec::new(),
    };
    numbers.into_iter().map(stored).collect()
}

fn range(through: Option<u8>, documents: &[u8]) -> RangeMark {
    RangeMark::of(through.map(document), documents.iter().map(|n| mark_of(*n)))
}

fn manifest(after: Option<u8>, through: Option<u8>, documents: &[u8]) -> Manifest {
    Manifest {
        after: after.map(document),
        through: through.map(document),
        documents: documents.iter().map(|n| (document(*n), mark_of(*n))).collect(),
    }
}

impl Talk {
    fn check(&mut self, ranges: Vec<RangeMark>) -> Vec<NodeEffect> {
        self.hear(&DeviceFrame::Check { ranges })
    }

    fn marks(&mut self, numbers: impl IntoIterator<Item = u8>, through: Option<u8>) -> Vec<NodeEffect> {
        let documents = stored_marks(numbers);
        self.tell(NodeEvent::MarksRead { at: cursor(9), documents, through: through.map(document) })
    }
}

fn differing(effects: &[NodeEffect]) -> Vec<Manifest> {
    match &sent(effects)[..] {
        [ServerFrame::Checkpoint { differing, at }] => {
            assert_eq!(at, &cursor(9));
            differing.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_equal_copy_is_told_so_in_one_answer_however_it_is_read() {
    let ranges = vec![range(Some(4), &[2, 4]), range(Some(5), &[]), range(None, &[6, 8])];
    let mut talk = Talk::following();
    assert_eq!(talk.check(ranges.clone()), [NodeEffect::ReadMarks { after: None, limit: 2_000 }]);
    assert_eq!(differing(&talk.marks(1..=9, None)), []);

    talk.check(ranges);
    let effects = talk.marks(1..=3, Some(3));
    assert_eq!(effects, [NodeEffect::ReadMarks { after: Some(document(3)), limit: 2_000 }]);
    assert_eq!(
        talk.marks(4..=7, Some(7)),
        [NodeEffect::ReadMarks { after: Some(document(7)), limit: 2_000 }]
    );
    assert_eq!(differing(&talk.marks(8..=9, None)), []);
}

#[test]
fn ranges_that_differ_come_with_their_documents_and_the_others_do_not() {
    let mut talk = Talk::following();
    talk.check(vec![
        range(Some(4), &[2]),
        range(Some(6), &[6]),
        range(Some(10), &[8, 9]),
        range(None, &[12]),
    ]);
    let found = differing(&talk.marks(1..=12, None));
    assert_eq!(found, [manifest(None, Some(4), &[2, 4]), manifest(Some(6), Some(10), &[8, 10])]);

    // A device that has nothing, and a server that has nothing.
    talk.check(vec![range(None, &[])]);
    assert_eq!(differing(&talk.marks(1..=3, None)), [manifest(None, None, &[2])]);
    talk.check(vec![range(Some(3), &[2]), range(None, &[])]);
    assert_eq!(differing(&talk.marks([], None)), [manifest(None, Some(3), &[])]);
}

#[test]
fn an_answer_is_bounded_and_ends_where_it_was_cut() {
    let id = |n: usize| DocumentId::from_uuid(uuid::Uuid::from_u128(n as u128));
    let many = |from: usize, to: usize| -> Vec<StoredMark> {
        let one = |n| StoredMark { document: id(n), ..stored_marks([2]).remove(0) };
        (from..to).map(one).collect()
    };
    let mut talk = Talk::following();
    talk.check(vec![range(None, &[])]);
    for page in 0..2 {
        let documents = many(page * 2_000 + 1, page * 2_000 + 2_001);
        let through = documents.last().map(|last| last.document);
        let effects = talk.tell(NodeEvent::MarksRead { at: cursor(9), documents, through });
        assert_eq!(effects, [NodeEffect::ReadMarks { after: through, limit: 2_000 }]);
    }
    let documents = many(4_001, 6_001);
    let through = documents.last().map(|last| last.document);
    let found = differing(&talk.tell(NodeEvent::MarksRead { at: cursor(9), documents, through }));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].documents.len(), found[0].through), (4_096, Some(id(4_096))));
    assert_eq!(talk.check(vec![range(None, &[])]).len(), 1, "another one may follow");
}

#[test]
fn strange_questions_end_the_connection() {
    let whole = range(None, &[]);
    let many: Vec<RangeMark> = (0..=MAX_RANGES)
        .map(|n| RangeMark {
            through: Some(DocumentId::from_uuid(uuid::Uuid::from_u128(n as u128))),
            ..whole
        })
        .collect();
    for ranges in [
        vec![],
        vec![range(Some(3), &[])],
        vec![whole, whole],
        vec![range(Some(3), &[]), range(Some(3), &[]), whole],
        vec![range(Some(4), &[]), range(Some(3), &[]), whole],
        many,
    ] {
        let mut talk = Talk::following();
        talk.check(ranges);
        assert_eq!(talk.session.farewell(), "unexpected_frame");
    }
    let mut talk = Talk::following();
    talk.check(vec![whole]);
    assert!(!talk.session.is_closed());
    talk.check(vec![whole]);
    assert_eq!(talk.session.farewell(), "unexpected_frame");
}
