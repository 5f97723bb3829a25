//! The copy is compared once a day, at rest, and what differs is put right.

use super::*;
use crate::sync_protocol::{Manifest, RangeMark};

const DAY: i64 = 24 * 60 * 60 * 1_000;

fn checked(ago: i64) -> Standing {
    Standing { checked: Some(Timestamp::from_millis(START - ago)), ..standing(3) }
}

fn range(through: Option<u8>, sum: u64) -> RangeMark {
    RangeMark { through: through.map(document), count: 1, sum }
}

fn manifest(documents: &[u8]) -> Manifest {
    let documents = documents.iter().map(|n| (document(*n), u64::from(*n))).collect();
    Manifest { after: None, through: None, documents }
}

fn checkpoint(seq: u64, differing: Vec<Manifest>) -> ServerFrame {
    ServerFrame::Checkpoint { at: cursor(seq), differing }
}

fn ticket(effects: &[DeviceEffect]) -> u64 {
    match effects {
        [
            DeviceEffect::MarkCopy { ticket, .. }
            | DeviceEffect::JudgeCopy { ticket, .. }
            | DeviceEffect::StoreChecked { ticket, .. },
        ] => *ticket,
        other => panic!("{other:?}"),
    }
}

fn settles(effects: &[DeviceEffect]) -> u64 {
    let settles = effects.iter().find_map(|effect| match effect {
        DeviceEffect::Settle { ticket, .. } => Some(*ticket),
        _ => None,
    });
    settles.unwrap()
}

impl Talk {
    /// At rest, with a server that checks.
    fn at_rest(standing: Standing) -> (Self, Vec<DeviceEffect>) {
        let mut talk = Self::new(standing, Vec::new());
        talk.checks = true;
        let effects = talk.open(Plan::Delta);
        (talk, effects)
    }

    fn marked(&mut self, ticket: u64, range: RangeMark) -> Vec<DeviceEffect> {
        let report = StoreReport { marked: Some(range), ..StoreReport::default() };
        self.tell(DeviceEvent::Stored { ticket, report })
    }

    /// A check up to its question.
    fn asked() -> Self {
        let (mut talk, effects) = Self::at_rest(checked(DAY));
        let effects = talk.marked(ticket(&effects), range(Some(5), 1));
        assert!(
            matches!(effects[..], [DeviceEffect::MarkCopy { after: Some(after), .. }] if after == document(5))
        );
        let effects = talk.marked(ticket(&effects), range(None, 2));
        let expected = DeviceFrame::Check { ranges: vec![range(Some(5), 1), range(None, 2)] };
        assert_eq!(sent(&effects), [expected]);
        talk
    }
}

#[test]
fn the_first_copy_is_checked_a_day_after_it_came_and_an_equal_one_costs_one_round_trip() {
    let (mut talk, effects) = Talk::at_rest(standing(3));
    assert!(matches!(effects[..], [DeviceEffect::StoreChecked { at, .. }] if at.as_millis() == START));
    assert!(talk.stored(ticket(&effects)).is_empty());
    assert!(talk.session.is_settled());
    talk.now += DAY - 1;
    assert!(
        !talk.tell(DeviceEvent::Tick).iter().any(|effect| matches!(effect, DeviceEffect::MarkCopy { .. }))
    );

    let mut talk = Talk::asked();
    assert!(!talk.session.is_settled());
    let effects = talk.hear(&checkpoint(3, Vec::new()));
    assert!(talk.stored(ticket(&effects)).is_empty());
    assert!(talk.session.is_settled());
    assert_eq!(talk.session.standing().checked, Some(Timestamp::from_millis(START)));
}

#[test]
fn nobody_checks_too_soon_or_with_an_older_server_but_whoever_asks() {
    let (mut talk, effects) = Talk::at_rest(checked(DAY / 2));
    assert!(effects.is_empty() && talk.session.is_settled());
    assert!(matches!(talk.tell(DeviceEvent::CheckCopy)[..], [DeviceEffect::MarkCopy { after: None, .. }]));

    let mut talk = Talk::new(checked(DAY), Vec::new());
    assert!(talk.open(Plan::Delta).is_empty());
    assert!(talk.tell(DeviceEvent::CheckCopy).is_empty());

    // A clock that was set back.
    let (_, effects) = Talk::at_rest(checked(-DAY));
    assert!(matches!(effects[..], [DeviceEffect::MarkCopy { .. }]));
}

#[test]
fn a_check_waits_until_nothing_else_is_under_way() {
    let mut talk = Talk::new(checked(DAY), vec![entry(1, &[1])]);
    talk.checks = true;
    let effects = talk.open(Plan::Delta);
    assert_eq!(pushed(&effects), [id(1)]);
    assert_eq!(effects.len(), 1);
    let settled = settles(&talk.answer(1, accepted()));
    assert!(matches!(talk.stored(settled)[..], [DeviceEffect::MarkCopy { .. }]));
}

#[test]
fn what_differs_is_judged_once_the_feed_is_stored_and_what_changed_meanwhile_is_left_alone() {
    let mut talk = Talk::asked();
    talk.tell(DeviceEvent::Saved(entry(7, &[2])));
    assert!(talk.hear(&checkpoint(4, vec![manifest(&[1, 2, 3])])).is_empty(), "the feed is behind");
    let effects = talk.hear(&feed(3, 4));
    let [DeviceEffect::StoreFeed { ticket: stored, .. }] = effects[..] else { panic!("{effects:?}") };
    let effects = talk.stored(stored);
    let judges = effects.iter().find_map(|effect| match effect {
        DeviceEffect::JudgeCopy { except, manifests, ticket } => {
            Some((except.clone(), manifests.len(), *ticket))
        }
        _ => None,
    });
    let (except, manifests, ticket) = judges.unwrap();
    assert_eq!((except, manifests), (vec![document(1), document(2)], 1));

    // It is owed first: what the server lacks is given back before its state takes the place.
    let settled = settles(&talk.answer(7, accepted()));
    talk.stored(settled);
    let report = StoreReport { owed: vec![document(3)], ..StoreReport::default() };
    let effects = talk.tell(DeviceEvent::Stored { ticket, report });
    assert_eq!(sent(&effects), [DeviceFrame::FetchDocuments { documents: vec![document(3)] }]);
    let shown =
        ServerFrame::Snapshots { at: cursor(4), items: Vec::new(), through: None, asked: vec![document(3)] };
    let effects = talk.hear(&shown);
    let compares = effects.iter().find_map(|effect| match effect {
        DeviceEffect::Compare { ticket, .. } => Some(*ticket),
        _ => None,
    });
    let effects = talk.stored(compares.unwrap());
    assert_eq!(sent(&effects), [DeviceFrame::FetchDocuments { documents: vec![document(3)] }]);
    let effects = talk.hear(&shown);
    assert!(
        effects.iter().any(|effect| matches!(effect,
            DeviceEffect::Rebuild { documents, .. } if *documents == [document(3)])),
        "{effects:?}"
    );
}

#[test]
fn what_differs_again_right_after_it_was_put_right_is_left_until_the_next_check() {
    let mut talk = Talk::asked();
    let effects = talk.hear(&checkpoint(3, vec![manifest(&[3])]));
    let report = StoreReport { owed: vec![document(3)], ..StoreReport::default() };
    talk.tell(DeviceEvent::Stored { ticket: ticket(&effects), report });
    let shown =
        ServerFrame::Snapshots { at: cursor(3), items: Vec::new(), through: None, asked: vec![document(3)] };
    for _ in 0..2 {
        let effects = talk.hear(&shown);
        let next = effects.iter().find_map(|effect| match effect {
            DeviceEffect::Compare { ticket, .. } | DeviceEffect::Rebuild { ticket, .. } => Some(*ticket),
            _ => None,
        });
        let effects = talk.stored(next.unwrap());
        if let [DeviceEffect::MarkCopy { ticket, .. }] = effects[..] {
            assert!(!talk.session.is_settled());
            talk.marked(ticket, range(None, 2));
        }
    }
    let effects = talk.hear(&checkpoint(3, vec![manifest(&[3])]));
    let [DeviceEffect::JudgeCopy { ticket: judged, ref except, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*except, [document(3)]);
    let effects = talk.stored(judged);
    assert!(matches!(effects[..], [DeviceEffect::StoreChecked { .. }]), "{effects:?}");
}

#[test]
fn a_document_that_never_merges_is_replaced() {
    let (mut talk, _) =
        Talk::at_rest(Standing { checked: Some(Timestamp::from_millis(START)), ..standing(3) });
    let mut effects = talk.tell(DeviceEvent::Wanted { documents: vec![document(3)] });
    let asks = |effects: &[DeviceEffect]| {
        sent(effects) == [DeviceFrame::FetchDocuments { documents: vec![document(3)] }]
    };
    let shown =
        ServerFrame::Snapshots { at: cursor(3), items: Vec::new(), through: None, asked: vec![document(3)] };
    for _ in 0..3 {
        assert!(asks(&effects), "{effects:?}");
        let stores = talk.hear(&shown);
        let [DeviceEffect::StoreFetched { ticket, .. }] = stores[..] else { panic!("{stores:?}") };
        let report = StoreReport { wanted: vec![document(3)], ..StoreReport::default() };
        effects = talk.tell(DeviceEvent::Stored { ticket, report });
        if effects.is_empty() {
            talk.now += 5_000;
            effects = talk.tell(DeviceEvent::Tick);
        }
    }
    assert!(asks(&effects), "once more, to take its place: {effects:?}");
    let rebuilds = talk.hear(&shown);
    let [DeviceEffect::Rebuild { ref documents, ticket, .. }] = rebuilds[..] else { panic!("{rebuilds:?}") };
    assert_eq!(*documents, [document(3)]);
    talk.stored(ticket);
    assert!(talk.session.is_settled());
}

#[test]
fn an_answer_that_does_not_come_ends_the_connection_and_one_of_before_is_not_heard() {
    let mut talk = Talk::asked();
    assert_eq!(talk.session.wake_at().map(|at| at.as_millis() - START), Some(15_000), "it asks first");
    talk.now += 30_000;
    assert!(hangs_up(&talk.tell(DeviceEvent::Tick)));

    let mut talk = Talk::asked();
    assert!(matches!(talk.hear(&checkpoint(3, Vec::new()))[..], [DeviceEffect::StoreChecked { .. }]));
    assert!(talk.hear(&checkpoint(3, vec![manifest(&[3])])).is_empty());
}
