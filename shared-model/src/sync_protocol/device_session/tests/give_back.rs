//! A server that lost its history: what it lacks is given back before anything builds upon it.

use super::*;
use crate::document::DocumentKind;
use crate::sync_protocol::GivenBack;

fn given(n: u8) -> GivenBack {
    GivenBack {
        alone: false,
        root: None,
        document: document(n),
        kind: DocumentKind::Part,
        items: Vec::new(),
        receipts: Vec::new(),
        actors: Vec::new(),
    }
}

fn shown(at: u64, asked: &[u8]) -> ServerFrame {
    let asked = asked.iter().map(|n| document(*n)).collect();
    ServerFrame::Snapshots { at: cursor(at), items: Vec::new(), through: None, asked }
}

/// A device that compared its whole copy and owes these documents.
fn owing(documents: &[u8], outbox: Vec<OutboxEntry>) -> (Talk, Vec<DeviceEffect>) {
    let mut talk = Talk::new(standing(12), outbox);
    assert_eq!(sent(&talk.open(Plan::Diverged)), [DeviceFrame::NextSnapshots { after: None }]);
    let effects = talk.hear(&shown(9, &[]));
    let [DeviceEffect::StorePage { ticket, load, .. }, DeviceEffect::StoreSeen { at: None, .. }] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert!(!load.sweep, "nothing is forgotten");
    let owed = documents.iter().map(|n| document(*n)).collect();
    talk.tell(DeviceEvent::Stored {
        ticket: *ticket,
        report: StoreReport { owed, ..StoreReport::default() },
    });
    let effects = talk.stored(2);
    (talk, effects)
}

fn frames_of(effects: &[DeviceEffect]) -> Vec<DeviceFrame> {
    sent(effects).into_iter().filter(|frame| !matches!(frame, DeviceFrame::Stored { .. })).collect()
}

#[test]
fn what_builds_upon_a_loss_waits_until_it_is_given_back() {
    let (mut talk, effects) = owing(&[1], vec![entry(1, &[1]), entry(2, &[2])]);
    let fetch = DeviceFrame::FetchDocuments { documents: vec![document(1)] };
    assert_eq!(frames_of(&effects).last(), Some(&fetch), "{effects:?}");
    assert_eq!(pushed(&effects), [] as [CommandId; 0], "one push at the end of the load");

    let effects = talk.hear(&shown(9, &[1]));
    let [DeviceEffect::Compare { ticket, documents, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*documents, [document(1)]);
    let report = StoreReport { lacking: vec![given(1)], ..StoreReport::default() };
    let effects = talk.tell(DeviceEvent::Stored { ticket: *ticket, report });
    assert_eq!(sent(&effects), [DeviceFrame::GiveBack { documents: vec![given(1)] }]);
    assert!(!talk.session.is_settled());

    let effects = talk.hear(&ServerFrame::TakenBack { results: vec![(document(1), accepted())], at: None });
    let [DeviceEffect::SettleGiven { ticket, documents, wanted }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((&documents[..], &wanted[..]), (&[document(1)][..], &[document(1)][..]));
    assert_eq!(pushed(&talk.stored(*ticket)), [id(1)], "nothing is in its way any more");
}

/// The second page comes before the first one is stored, while what is on record is still of the history that is gone.
#[test]
fn a_comparison_is_on_record_from_its_second_page() {
    let lost = Standing { seen: Some(cursor(50)), ..standing(40) };
    let mut talk = Talk::new(lost, Vec::new());
    talk.open(Plan::Diverged);
    let page = |at, through: Option<u8>| ServerFrame::Snapshots {
        at: cursor(at),
        items: Vec::new(),
        through: through.map(document),
        asked: Vec::new(),
    };
    talk.hear(&page(9, Some(1)));
    let effects = talk.hear(&page(14, None));
    let [DeviceEffect::StoreSeen { at, .. }, DeviceEffect::StorePage { .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*at, Some(cursor(14)));
    (1..=4).for_each(|ticket| drop(talk.stored(ticket)));
    let after = talk.session.standing();
    assert_eq!((&after.cursor, &after.seen), (&Some(cursor(9)), &Some(cursor(14))));
}

/// What was given back stands beyond the feed that this device has heard: should it be lost once more, its cursor alone
/// would not show it.
#[test]
fn what_was_taken_back_is_on_record_before_it_is_settled() {
    let (mut talk, _) = owing(&[1], Vec::new());
    let effects = talk.hear(&shown(9, &[1]));
    let [DeviceEffect::Compare { ticket, .. }] = effects[..] else { panic!("{effects:?}") };
    let report = StoreReport { lacking: vec![given(1)], ..StoreReport::default() };
    talk.tell(DeviceEvent::Stored { ticket, report });
    let taken = ServerFrame::TakenBack { results: vec![(document(1), accepted())], at: Some(cursor(11)) };
    let effects = talk.hear(&taken);
    let [DeviceEffect::StoreSeen { ticket: seen, at }, DeviceEffect::SettleGiven { ticket: given, .. }] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(at, &Some(cursor(11)));
    assert!(seen < given);
}

#[test]
fn what_nobody_else_gave_back_yet_is_offered_again() {
    let (mut talk, _) = owing(&[1], Vec::new());
    let offer = |talk: &mut Talk| {
        let effects = talk.hear(&shown(9, &[1]));
        let [DeviceEffect::Compare { ticket, .. }] = effects[..] else { panic!("{effects:?}") };
        let report = StoreReport { lacking: vec![given(1)], ..StoreReport::default() };
        talk.tell(DeviceEvent::Stored { ticket, report });
        talk.hear(&ServerFrame::TakenBack { results: vec![(document(1), MISSING)], at: None })
    };
    assert!(offer(&mut talk).is_empty());
    talk.now += 2_000;
    let fetch = [DeviceFrame::FetchDocuments { documents: vec![document(1)] }];
    assert_eq!(frames_of(&talk.tell(DeviceEvent::Tick)), fetch);
    assert!(offer(&mut talk).is_empty());
    talk.now += 2_000;
    assert!(frames_of(&talk.tell(DeviceEvent::Tick)).is_empty(), "the pause doubles");
    talk.now += 2_000;
    assert_eq!(frames_of(&talk.tell(DeviceEvent::Tick)), fetch);
}

/// A document that the server lost, and only this device has, is not forgotten because it does not come.
#[test]
fn nothing_is_asked_for_while_the_whole_copy_is_compared() {
    let mut talk = Talk::new(standing(12), Vec::new());
    let asked = |effects: &[DeviceEffect]| {
        frames_of(effects).iter().any(|frame| matches!(frame, DeviceFrame::FetchDocuments { .. }))
    };
    // A page arrives, and all that comes of it is stored. Were documents asked for?
    let page = |talk: &mut Talk, through: Option<u8>| {
        let through = through.map(document);
        let page = ServerFrame::Snapshots { at: cursor(9), items: Vec::new(), through, asked: Vec::new() };
        let mut effects = talk.hear(&page);
        let mut has_asked = asked(&effects);
        while let Some(ticket) = effects.iter().find_map(|effect| match effect {
            DeviceEffect::StorePage { ticket, .. } | DeviceEffect::StoreSeen { ticket, .. } => Some(*ticket),
            _ => None,
        }) {
            effects.remove(0);
            let more = talk.stored(ticket);
            has_asked |= asked(&more);
            effects.extend(more);
        }
        has_asked
    };
    talk.open(Plan::Diverged);
    assert!(!asked(&talk.tell(DeviceEvent::Wanted { documents: vec![document(5)] })));
    assert!(!page(&mut talk, Some(3)));
    assert!(page(&mut talk, None), "the comparison is complete");
}

#[test]
fn after_a_while_nobody_else_is_waited_for() {
    let (mut talk, _) = owing(&[1], Vec::new());
    let mut said = Vec::new();
    for _ in 0..10 {
        let effects = talk.hear(&shown(9, &[1]));
        let [DeviceEffect::Compare { ticket, .. }] = effects[..] else { panic!("{effects:?}") };
        let report = StoreReport { lacking: vec![given(1)], ..StoreReport::default() };
        let frames = frames_of(&talk.tell(DeviceEvent::Stored { ticket, report }));
        let [DeviceFrame::GiveBack { documents }] = &frames[..] else { panic!("{frames:?}") };
        said.push(documents[0].alone);
        talk.hear(&ServerFrame::TakenBack { results: vec![(document(1), MISSING)], at: None });
        for _ in 0..12 {
            talk.now += 5_000;
            let frames = frames_of(&talk.tell(DeviceEvent::Tick));
            if frames.iter().any(|frame| matches!(frame, DeviceFrame::FetchDocuments { .. })) {
                break;
            }
            talk.hear(&ServerFrame::Pong { nonce: 0, sent: Some(9), directory: 0 });
        }
    }
    assert_eq!(said, [vec![false; 7], vec![true; 3]].concat());
}

#[test]
fn a_comparison_that_was_interrupted_goes_on_as_one() {
    let (talk, _) = owing(&[], Vec::new());
    let mut standing = talk.session.standing().clone();
    standing.load = Some(LoadProgress {
        from: cursor(9),
        rights: vec![1],
        after: Some(document(1)),
        sweep: false,
        loaded: 1,
        documents: 2,
        packs: None,
        from_nothing: false,
    });
    let mut again = Talk::new(standing, Vec::new());
    assert_eq!(loads_asked(&again.open(Plan::Packs)), 1);
    let bytes = Pack::empty(vec![1]).encode();
    let effects = again.tell(DeviceEvent::PackArrived { fetch: 1, bytes });
    let [DeviceEffect::StorePack { load, .. }, DeviceEffect::StoreSeen { at: None, .. }] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert!(!load.sweep, "what the packs do not name may be lost on the server");
}

fn loads_asked(effects: &[DeviceEffect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, DeviceEffect::FetchPack { .. })).count()
}

#[test]
fn a_command_is_kept_until_the_feed_that_holds_it_is_stored() {
    let mut talk = Talk::new(standing(3), vec![entry(1, &[1])]);
    assert_eq!(pushed(&talk.open(Plan::Delta)), [id(1)]);
    let result = CommandResult::Accepted { seqs: vec![4, 5], receipts: Vec::new() };
    assert!(talk.answer(1, result).is_empty(), "the server may still lose it");
    assert_eq!((talk.session.status().waiting, talk.session.status().sending), (0, 1));
    assert!(!talk.session.is_settled());
    talk.hear(&feed(3, 4));
    assert!(!settles(&talk.stored(1)));
    talk.hear(&feed(4, 5));
    assert!(settles(&talk.stored(2)));
}

fn settles(effects: &[DeviceEffect]) -> bool {
    effects.iter().any(|effect| {
        matches!(effect, DeviceEffect::Settle { fates, .. } if fates[..] == [(id(1), Fate::Accepted)])
    })
}
