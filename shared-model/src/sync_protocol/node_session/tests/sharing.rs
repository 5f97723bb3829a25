//! Many sessions that read the same rows: what each is sent is what it would be sent alone, and is encoded once for
//! those who see the same.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::record::RecordKind;
use crate::sync_protocol::{FeedRows, Frame, Visible, visible};

fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

fn with_role(who: u8, role: Role, limit: GrantLimit) -> Grants {
    Grants { person: person(who), grants: role.grants(limit) }
}

fn reads(talk: &mut Talk, rows: &Arc<FeedRows>) -> Vec<NodeEffect> {
    talk.tell(NodeEvent::FeedRead { after: 3, rows: Arc::clone(rows) })
}

fn frame(effects: &[NodeEffect]) -> Option<Frame> {
    effects.iter().find_map(|effect| match effect {
        NodeEffect::Send(frame) => Some(frame.clone()),
        _ => None,
    })
}

fn items(frame: &Frame) -> Vec<(u64, FeedBody)> {
    match ServerFrame::decode(frame).unwrap() {
        ServerFrame::Feed { items, .. } => items.into_iter().map(|item| (item.seq, item.body)).collect(),
        other => panic!("{other:?}"),
    }
}

/// A price for those who may see it, beside a remark for everybody.
#[test]
fn a_manager_and_a_contractor_never_get_each_others_frame() {
    let hers = vec![Scope::Site(document(1)), Scope::Person(person(5))];
    let record = |seq, kind, byte| FeedRow {
        payload: RowPayload::Record { kind: Some(kind), bytes: vec![byte; 9] },
        ..row(seq, &hers, &hers)
    };
    let rows =
        vec![record(4, RecordKind::Comment, 1), record(5, RecordKind::CostEntry, 2), row(6, &hers, &hers)];
    let rows: Arc<FeedRows> = Arc::new(rows.into());
    let manager = |who| Talk::following_with(with_role(who, Role::Manager, GrantLimit::Organisation));
    let contractor = || Talk::following_with(with_role(5, Role::Contractor, GrantLimit::Own));
    // In this order, so that each kind finds the other's frame when it comes.
    let heard: Vec<Frame> = [manager(3), contractor(), manager(4), contractor(), manager(3)]
        .iter_mut()
        .map(|talk| frame(&reads(talk, &rows)).unwrap())
        .collect();
    let (remark, price) = ((4, FeedBody::Record { bytes: vec![1; 9].into() }), vec![2; 9]);
    let change = (6, FeedBody::Change { bytes: vec![1, 2, 3].into() });
    for manager in [0, 2, 4] {
        let cost = (5, FeedBody::Record { bytes: price.clone().into() });
        assert_eq!(items(&heard[manager]), [remark.clone(), cost, change.clone()]);
        assert_eq!(heard[manager].as_ptr(), heard[0].as_ptr());
    }
    for contractor in [1, 3] {
        assert_eq!(items(&heard[contractor]), [remark.clone(), change.clone()]);
        assert!(!heard[contractor].windows(price.len()).any(|window| window == price));
        assert_eq!(heard[contractor].as_ptr(), heard[1].as_ptr());
    }
}

#[test]
fn a_thousand_sockets_cost_as_many_encodings_as_there_are_sights() {
    let rows: Arc<FeedRows> = Arc::new(vec![row(4, &[site(1), site(2)].concat(), &site(1))].into());
    let places = [1, 2].map(|n| GrantLimit::Site(document(n)));
    let frames: Vec<Frame> = (0..1_000)
        .map(|n| {
            let mut talk = Talk::following_with(with_role(3, Role::Technician, places[n % 2]));
            frame(&reads(&mut talk, &rows)).unwrap()
        })
        .collect();
    // All of them are held, so that one place in memory is one encoding.
    let encoded: BTreeSet<_> = frames.iter().map(|frame| frame.as_ptr()).collect();
    assert_eq!(encoded.len(), 2, "those who see the change, and those who see it leave");
    assert!(matches!(items(&frames[0])[..], [(4, FeedBody::Change { .. })]));
    assert_eq!(items(&frames[1]), [(4, FeedBody::Leave)]);
}

/// After a restore the same place has another name; who followed the old history is not told the new one.
#[test]
fn histories_share_nothing() {
    let rows: Arc<FeedRows> = Arc::new(vec![row(4, &site(1), &site(1))].into());
    let mut old = Talk::following();
    let mut new = Talk::new();
    let rights = new.session.rights.clone();
    let cursor = Cursor { epoch: vec![8; 16].into(), ..cursor(3) };
    new.hello(Some(cursor), &rights);
    new.head(Some(CursorStanding::Known));
    for (talk, epoch) in [(&mut old, 7), (&mut new, 8)] {
        let frame = frame(&reads(talk, &rows)).unwrap();
        let ServerFrame::Feed { to, .. } = ServerFrame::decode(&frame).unwrap() else { unreachable!() };
        assert_eq!(to.epoch, vec![epoch; 16].into());
    }
}

fn scopes() -> impl Strategy<Value = Vec<Scope>> {
    let all = vec![
        Scope::Site(document(1)),
        Scope::Site(document(2)),
        Scope::Person(person(3)),
        Scope::Person(person(4)),
        Scope::Kind(DocumentKind::Part),
    ];
    subsequence(all, 0..=3)
}

fn payloads() -> impl Strategy<Value = RowPayload> {
    let bytes = || proptest::collection::vec(any::<u8>(), 1..40);
    prop_oneof![
        3 => bytes().prop_map(RowPayload::Change),
        3 => (proptest::option::of(select(RecordKind::ALL)), bytes())
            .prop_map(|(kind, bytes)| RowPayload::Record { kind, bytes }),
        1 => Just(RowPayload::Blank),
        1 => Just(RowPayload::Deletion),
        1 => Just(RowPayload::Restoration),
        1 => bytes().prop_map(RowPayload::Root),
        1 => Just(RowPayload::Change(vec![9; 150_000])),
    ]
}

fn rows() -> impl Strategy<Value = Vec<FeedRow>> {
    let what = (scopes(), scopes(), scopes(), payloads(), select(DocumentKind::ALL), 2..6_u8, any::<bool>());
    proptest::collection::vec(what, 1..6).prop_map(|rows| {
        let numbered =
            (4..).zip(rows).map(|(seq, (before, after, now, payload, kind, author, deleted_now))| FeedRow {
                payload,
                kind,
                author: (author > 2).then(|| person(author)),
                scopes_now: now,
                deleted_now,
                ..row(seq, &before, &after)
            });
        numbered.collect()
    })
}

fn people() -> impl Strategy<Value = Vec<Grants>> {
    let limits = [
        GrantLimit::Organisation,
        GrantLimit::Site(document(1)),
        GrantLimit::Site(document(2)),
        GrantLimit::Own,
    ];
    let one = (3..5_u8, select(Role::ALL), select(limits.to_vec()));
    proptest::collection::vec(one.prop_map(|(who, role, limit)| with_role(who, role, limit)), 2..8)
}

proptest! {
    /// Whoever reads rows that others have read gets, byte for byte, what they would get of rows of their own.
    #[test]
    fn what_is_shared_is_what_each_would_get_alone(rows in rows(), people in people(), is_there in any::<bool>()) {
        let shared: Arc<FeedRows> = Arc::new(rows.clone().into());
        for grants in &people {
            let [mut together, mut alone] = [(); 2].map(|()| Talk::following_with(grants.clone()));
            let mut heard = reads(&mut together, &shared);
            let mut told = reads(&mut alone, &Arc::new(rows.clone().into()));
            prop_assert_eq!(&heard, &told);
            if let [NodeEffect::ReadDocuments { request, .. }] = &heard[..] {
                let documents = if is_there { vec![stored(site(1)), stored(site(2))] } else { Vec::new() };
                let answer = NodeEvent::DocumentsRead { request: *request, at: cursor(9), documents };
                heard = together.tell(answer.clone());
                told = alone.tell(answer);
                prop_assert_eq!(&heard, &told);
            }
            for (seq, body) in sent(&heard).into_iter().flat_map(|frame| match frame {
                ServerFrame::Feed { items, .. } => items.into_iter().map(|item| (item.seq, item.body)).collect(),
                _ => Vec::new(),
            }) {
                let row = rows.iter().find(|row| row.seq == seq).unwrap();
                let what = visible(row, grants);
                let is_right = match body {
                    FeedBody::Change { .. } => what == Visible::Change,
                    FeedBody::Record { .. } => what == Visible::Record,
                    FeedBody::Enter { .. } => matches!(what, Visible::Enter | Visible::Replace),
                    FeedBody::Leave => matches!(what, Visible::Leave | Visible::Replace),
                };
                prop_assert!(is_right, "{:?} for {:?}", row, grants);
            }
        }
    }
}
