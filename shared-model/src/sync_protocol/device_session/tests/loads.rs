//! Loads by pages and by packs.

use super::*;

#[test]
fn a_load_pulls_pages_and_then_follows_from_where_it_began() {
    let mut talk = Talk::new(Standing::default(), Vec::new());
    assert_eq!(sent(&talk.open(Plan::Snapshots)), [DeviceFrame::NextSnapshots { after: None }]);
    let page = |through: Option<u8>| ServerFrame::Snapshots {
        at: cursor(9),
        items: Vec::<Snapshot>::new(),
        through: through.map(document),
        asked: Vec::new(),
    };
    let next = DeviceFrame::NextSnapshots { after: Some(document(5)) };
    assert_eq!(sent(&talk.hear(&page(Some(5)))), [next]);
    talk.stored(1);
    assert_eq!(talk.session.standing().load.as_ref().unwrap().after, Some(document(5)));
    assert!(sent(&talk.hear(&page(None))).is_empty());
    assert_eq!(sent(&talk.stored(2)), [DeviceFrame::Follow { cursor: cursor(9) }]);
    assert_eq!(talk.session.standing().cursor, Some(cursor(9)));
    assert_eq!(talk.session.status().link, Link::Live);
}

fn pack(next: Option<&str>) -> Vec<u8> {
    Pack { next: next.map(str::to_owned), ..Pack::empty(vec![1]) }.encode()
}

fn asked_pack(effects: &[DeviceEffect]) -> Option<(u64, Option<String>)> {
    effects.iter().find_map(|effect| match effect {
        DeviceEffect::FetchPack { fetch, next } => Some((*fetch, next.clone())),
        _ => None,
    })
}

#[test]
fn a_load_fetches_packs_and_then_follows_from_where_it_began() {
    let mut talk = Talk::new(Standing::default(), Vec::new());
    assert_eq!(asked_pack(&talk.open(Plan::Packs)), Some((1, None)));
    let effects = talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes: pack(Some("a")) });
    assert_eq!(asked_pack(&effects), Some((2, Some("a".to_owned()))), "one is fetched while one is stored");
    assert!(talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes: pack(None) }).is_empty(), "told twice");
    talk.stored(1);
    let next = talk.session.standing().load.as_ref().and_then(|load| load.packs.clone());
    assert_eq!(next, Some(PackProgress { next: Some("a".to_owned()) }));
    talk.tell(DeviceEvent::PackArrived { fetch: 2, bytes: pack(None) });
    assert_eq!(sent(&talk.stored(2)), [DeviceFrame::Follow { cursor: cursor(9) }]);
    assert_eq!(talk.session.status().link, Link::Live);
}

/// A comparison that begins takes the place of what was seen of the history that is gone; from then on its own parts are
/// on record before they are stored, as those of any load.
#[test]
fn a_comparison_by_packs_is_on_record_like_any_other_load() {
    let load = LoadProgress { sweep: false, ..load_by_packs(None) };
    let standing = Standing { load: Some(load), seen: Some(cursor(30)), ..Standing::default() };
    let mut talk = Talk::new(standing, Vec::new());
    talk.open(Plan::Packs);
    let pack = |at, next: Option<&str>| {
        let at = Some(cursor(at));
        Pack { next: next.map(str::to_owned), at, ..Pack::empty(vec![1]) }.encode()
    };
    let effects = talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes: pack(12, Some("a")) });
    let [DeviceEffect::StorePack { .. }, DeviceEffect::StoreSeen { at, .. }, ..] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*at, Some(cursor(12)), "the history that is gone is forgotten with it");
    talk.stored(1);
    talk.stored(2);
    let effects = talk.tell(DeviceEvent::PackArrived { fetch: 2, bytes: pack(14, None) });
    let [DeviceEffect::StoreSeen { at, .. }, DeviceEffect::StorePack { .. }, ..] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*at, Some(cursor(14)));
}

fn load_by_packs(next: Option<&str>) -> LoadProgress {
    LoadProgress {
        from: cursor(9),
        rights: vec![1],
        after: None,
        sweep: true,
        loaded: 2,
        documents: 3,
        packs: Some(PackProgress { next: next.map(str::to_owned) }),
        from_nothing: false,
    }
}

#[test]
fn a_load_by_packs_goes_on_after_a_restart_and_a_lost_pack_is_asked_for_again() {
    let standing = Standing { load: Some(load_by_packs(Some("b"))), ..Standing::default() };
    let mut talk = Talk::new(standing.clone(), Vec::new());
    assert_eq!(asked_pack(&talk.open(Plan::Packs)), Some((1, Some("b".to_owned()))));
    talk.random = 7;
    talk.tell(DeviceEvent::PackFailed { fetch: 1, cause: PackFailure::Lost });
    assert_eq!(asked_pack(&talk.tell(DeviceEvent::Tick)), None, "not at once");
    talk.now += 7;
    assert_eq!(asked_pack(&talk.tell(DeviceEvent::Tick)), Some((2, Some("b".to_owned()))));
    // One that never comes is lost after a minute.
    talk.now += 60_000;
    talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes: pack(None) });
    assert!(talk.session.standing().load.is_some(), "an old answer counts for nothing");

    // A server that knows no packs begins by snapshots.
    let mut talk = Talk::new(standing, Vec::new());
    assert_eq!(sent(&talk.open(Plan::Snapshots)), [DeviceFrame::NextSnapshots { after: None }]);
}

#[test]
fn a_load_whose_place_is_gone_begins_anew_and_not_upon_nothing() {
    let mut talk = Talk::new(Standing::default(), Vec::new());
    talk.open(Plan::Packs);
    talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes: pack(Some("a")) });
    talk.stored(1);
    let begun = talk.session.standing().load.clone().unwrap();
    assert!(begun.from_nothing);
    let effects = talk.tell(DeviceEvent::PackFailed { fetch: 2, cause: PackFailure::Stale });
    let [DeviceEffect::HangUp { .. }, DeviceEffect::Dial { connection }] = effects[..] else {
        panic!("{effects:?}")
    };
    let effects = talk.greet(connection, Plan::Packs, 0);
    assert_eq!(asked_pack(&effects), Some((3, None)), "from the start");
    talk.tell(DeviceEvent::PackArrived { fetch: 3, bytes: pack(Some("b")) });
    talk.stored(2);
    let load = talk.session.standing().load.clone().unwrap();
    assert!(!load.from_nothing && load.sweep);
    assert_eq!(load.packs, Some(PackProgress { next: Some("b".to_owned()) }));
}

#[test]
fn a_pack_under_other_rights_is_not_stored_and_a_refused_one_leads_to_snapshots() {
    let mut talk = Talk::new(Standing::default(), Vec::new());
    talk.open(Plan::Packs);
    let bytes = Pack::empty(vec![2]).encode();
    assert!(hangs_up(&talk.tell(DeviceEvent::PackArrived { fetch: 1, bytes })));

    let mut talk = Talk::new(Standing::default(), Vec::new());
    talk.open(Plan::Packs);
    let effects = talk.tell(DeviceEvent::PackFailed { fetch: 1, cause: PackFailure::Refused });
    let [DeviceEffect::HangUp { .. }, DeviceEffect::Dial { connection }] = effects[..] else {
        panic!("{effects:?}")
    };
    let said = sent(&talk.tell(DeviceEvent::Connected { connection }));
    assert!(matches!(said[..], [DeviceFrame::Hello { packs: false, .. }]), "{said:?}");
}

#[test]
fn documents_newer_than_the_cursor_are_put_on_record_before_they_are_stored() {
    let mut talk = Talk::new(Standing::default(), Vec::new());
    talk.open(Plan::Snapshots);
    let page = |at, through: Option<u8>| ServerFrame::Snapshots {
        at: cursor(at),
        items: Vec::new(),
        through: through.map(document),
        asked: Vec::new(),
    };
    let effects = talk.hear(&page(12, Some(5)));
    let [DeviceEffect::StoreSeen { at: Some(at), .. }, DeviceEffect::StorePage { .. }, ..] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(*at, cursor(12));
    talk.stored(1);
    talk.stored(2);
    let effects = talk.hear(&page(11, None));
    assert!(matches!(effects[..], [DeviceEffect::StorePage { .. }]), "that is on record: {effects:?}");
    talk.stored(3);
    let standing = talk.session.standing().clone();
    assert_eq!((&standing.cursor, &standing.seen), (&Some(cursor(9)), &Some(cursor(12))));
    assert_eq!(standing.after_feed(&cursor(12)).seen, None);

    let mut again = Talk::new(standing, Vec::new());
    let effects = again.tell(DeviceEvent::Online);
    let [DeviceEffect::Dial { connection }] = effects[..] else { panic!("{effects:?}") };
    let said = sent(&again.tell(DeviceEvent::Connected { connection }));
    let [DeviceFrame::Hello { cursor: Some(at), seen: Some(seen), .. }] = &said[..] else {
        panic!("{said:?}")
    };
    assert_eq!((at, seen), (&cursor(9), &cursor(12)));
}
