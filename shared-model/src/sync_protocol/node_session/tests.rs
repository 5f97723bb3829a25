//! One node session, talked to by hand.

mod check;
mod sharing;

use std::sync::Arc;

use super::*;
use crate::document::DocumentKind;
use crate::permission::{Grant, GrantLimit, Permission, Role, Scope};
use crate::sync_protocol::{
    CommandResult, FeedBody, FeedRow, MAX_FRAME_BYTES, PushedCommand, PushedItem, RowPayload, StoredDocument,
};

struct Talk {
    session: NodeSession,
    now: i64,
}

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: vec![7; 16].into(), seq, chain_hash: vec![u8::try_from(seq).unwrap(); 32].into() }
}

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn site(n: u8) -> Vec<Scope> {
    vec![Scope::Site(document(n))]
}

fn grants() -> Grants {
    let limit = GrantLimit::Site(document(1));
    Grants { person: PersonId::from_bytes([3; 16]), grants: Role::Technician.grants(limit) }
}

fn row(seq: u64, before: &[Scope], after: &[Scope]) -> FeedRow {
    FeedRow {
        seq,
        chain_hash: [u8::try_from(seq).unwrap(); 32],
        document: document(9),
        kind: DocumentKind::WorkOrder,
        received_at: Timestamp::default(),
        author: None,
        payload: RowPayload::Change(vec![1, 2, 3]),
        device: None,
        receipt: vec![7; 32],
        scopes_before: before.to_vec(),
        scopes_after: after.to_vec(),
        scopes_now: after.to_vec(),
        deleted_now: false,
    }
}

fn stored(scopes: Vec<Scope>) -> StoredDocument {
    StoredDocument {
        document: document(9),
        kind: DocumentKind::WorkOrder,
        scopes,
        bytes: vec![4, 5, 6],
        records: Vec::new(),
        receipts: Vec::new(),
    }
}

impl Talk {
    fn new() -> Self {
        Self::of(grants())
    }

    fn of(grants: Grants) -> Self {
        let peer = Peer { person: grants.person, device: DeviceId::from_bytes([1; 16]), grants };
        Self { session: NodeSession::new(Timestamp::from_millis(0), peer), now: 0 }
    }

    fn tell(&mut self, event: NodeEvent) -> Vec<NodeEffect> {
        self.session.handle(Timestamp::from_millis(self.now), event)
    }

    fn hear(&mut self, frame: &DeviceFrame) -> Vec<NodeEffect> {
        self.tell(NodeEvent::Received { frame: frame.encode() })
    }

    fn hello(&mut self, cursor: Option<Cursor>, rights: &[u8]) -> Vec<NodeEffect> {
        self.hear(&DeviceFrame::Hello {
            protocol: 1,
            device: DeviceId::from_bytes([1; 16]),
            actor: crate::identity::ActorId::from_bytes([2; 16]),
            cursor,
            directory_version: 5,
            loading: false,
            rights: rights.to_vec().into(),
            packs: false,
            seen: None,
        })
    }

    fn head(&mut self, standing: Option<CursorStanding>) -> Vec<NodeEffect> {
        self.head_with_horizon(standing, 0)
    }

    fn head_with_horizon(&mut self, standing: Option<CursorStanding>, horizon: u64) -> Vec<NodeEffect> {
        self.tell(NodeEvent::HeadRead { head: cursor(9), horizon, standing, documents: 2 })
    }

    /// A session that follows the feed from seq 3.
    fn following() -> Self {
        Self::following_with(grants())
    }

    fn following_with(grants: Grants) -> Self {
        let mut talk = Self::of(grants);
        let rights = talk.session.rights.clone();
        talk.hello(Some(cursor(3)), &rights);
        let effects = talk.head(Some(CursorStanding::Known));
        assert!(effects.contains(&NodeEffect::ReadFeed { after: 3, limit: 256 }), "{effects:?}");
        talk.tell(NodeEvent::DirectoryRead { version: 5, changes: Vec::new() });
        talk
    }

    fn rows(&mut self, rows: Vec<FeedRow>) -> Vec<NodeEffect> {
        let after = rows.first().map_or(0, |row| row.seq - 1);
        self.tell(NodeEvent::FeedRead { after, rows: Arc::new(rows.into()) })
    }
}

fn sent(effects: &[NodeEffect]) -> Vec<ServerFrame> {
    let frame = |effect: &NodeEffect| match effect {
        NodeEffect::Send(frame) => Some(ServerFrame::decode(frame).unwrap()),
        _ => None,
    };
    effects.iter().filter_map(frame).collect()
}

fn goodbye(effects: &[NodeEffect]) -> String {
    assert_eq!(effects.last(), Some(&NodeEffect::Close), "{effects:?}");
    match sent(effects).pop() {
        Some(ServerFrame::Goodbye { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_cursor_and_the_rights_decide_how_a_device_catches_up() {
    use CursorStanding::{Foreign, Known};
    let rights = Talk::new().session.rights;
    let cases = [
        (None, None, rights.as_slice(), Plan::Snapshots),
        (Some(cursor(3)), Some(Known), rights.as_slice(), Plan::Delta),
        (Some(cursor(3)), Some(Known), b"other".as_slice(), Plan::Snapshots),
        (Some(cursor(3)), Some(Foreign), rights.as_slice(), Plan::Diverged),
    ];
    for (from, standing, rights, expected) in cases {
        let mut talk = Talk::new();
        let resumes = rights == talk.session.rights;
        assert_eq!(
            talk.hello(from.clone(), rights),
            [NodeEffect::ReadHead { cursor: from, seen: None, resumes }]
        );
        let effects = talk.head(standing);
        let frames = sent(&effects);
        assert!(matches!(frames[..], [ServerFrame::Welcome { plan, .. }] if plan == expected), "{frames:?}");
    }
}

#[test]
fn news_of_the_directory_waits_for_the_welcome() {
    let mut talk = Talk::new();
    assert!(talk.tell(NodeEvent::DirectoryMoved { version: 9 }).is_empty());
}

#[test]
fn equal_rights_have_one_fingerprint_and_others_another() {
    let mut turned = grants();
    turned.grants.push(Grant::new(vec![Permission::CostRead], GrantLimit::Own));
    let straight = fingerprint(&turned);
    turned.grants.reverse();
    assert_eq!(fingerprint(&turned), straight);
    assert_ne!(fingerprint(&grants()), straight);
}

#[test]
fn what_does_not_belong_ends_the_session_with_a_code() {
    assert_eq!(
        goodbye(&Talk::new().tell(NodeEvent::Received { frame: b"nonsense".to_vec() })),
        "malformed_frame"
    );
    let long = vec![0; MAX_FRAME_BYTES + 1];
    assert_eq!(goodbye(&Talk::new().tell(NodeEvent::Received { frame: long })), "malformed_frame");
    assert_eq!(goodbye(&Talk::new().hear(&DeviceFrame::Push { commands: Vec::new() })), "unexpected_frame");
    assert_eq!(goodbye(&Talk::following().hello(None, &[])), "unexpected_frame");
    let follow = DeviceFrame::Follow { cursor: cursor(3) };
    assert_eq!(goodbye(&Talk::following().hear(&follow)), "unexpected_frame");
    let many = DeviceFrame::FetchDocuments { documents: vec![document(1); MAX_FETCH + 1] };
    assert_eq!(goodbye(&Talk::following().hear(&many)), "unexpected_frame");
    let other = GrantLimit::Organisation;
    let grants = Grants { person: grants().person, grants: Role::Technician.grants(other) };
    assert_eq!(goodbye(&Talk::following().tell(NodeEvent::GrantsChanged { grants })), "rights_changed");

    let mut talk = Talk::following();
    talk.tell(NodeEvent::SignedOut);
    assert!(talk.session.is_closed());
    assert!(talk.hear(&DeviceFrame::Ping { nonce: 1, stored: 0 }).is_empty());
}

#[test]
fn a_document_that_enters_comes_whole_and_one_that_left_since_does_not_come() {
    let mut talk = Talk::following();
    let effects = talk.rows(vec![row(4, &site(2), &site(1)), row(5, &site(1), &site(1))]);
    let [NodeEffect::ReadDocuments { request, documents }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*documents, [document(9)]);
    let answer = |scopes| NodeEvent::DocumentsRead {
        request: *request,
        at: cursor(9),
        documents: vec![stored(scopes)],
    };
    let mut other = Talk::following();
    other.rows(vec![row(4, &site(2), &site(1))]);

    let frames = sent(&talk.tell(answer(site(1))));
    let [ServerFrame::Feed { from: 3, to, items, .. }] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!(to.seq, 5);
    assert!(
        matches!(items[0].body, FeedBody::Enter { .. }) && matches!(items[1].body, FeedBody::Change { .. })
    );

    let frames = sent(&other.tell(answer(site(2))));
    assert!(frames.is_empty(), "{frames:?}");
}

#[test]
fn ranges_without_anything_for_the_device_are_told_together_later() {
    let mut talk = Talk::following();
    assert!(sent(&talk.rows(vec![row(4, &site(2), &site(2))])).is_empty());
    assert_eq!(talk.session.wake_at().as_millis(), 2_000);
    talk.now = 2_000;
    let frames = sent(&talk.tell(NodeEvent::Tick));
    assert_eq!(frames, [ServerFrame::Feed { from: 3, to: cursor(4), items: Vec::new(), at: None }]);
}

#[test]
fn the_feed_waits_for_a_device_that_stores_slowly() {
    let mut talk = Talk::following();
    talk.tell(NodeEvent::HeadMoved { seq: 100 });
    for seq in 4..12 {
        let effects = talk.rows(vec![row(seq, &site(1), &site(1))]);
        let reads = effects.iter().any(|effect| matches!(effect, NodeEffect::ReadFeed { .. }));
        assert_eq!(reads, seq < 11, "{seq}: {effects:?}");
    }
    let effects = talk.hear(&DeviceFrame::Stored { seq: 4 });
    assert_eq!(effects, [NodeEffect::ReadFeed { after: 11, limit: 256 }]);
}

#[test]
fn pushes_are_ingested_in_order_and_too_many_come_back() {
    let mut talk = Talk::following();
    let push =
        |range: std::ops::Range<u8>| DeviceFrame::Push { commands: range.map(|n| command(n, &[])).collect() };
    let effects = talk.hear(&push(0..2));
    assert!(matches!(&effects[..], [NodeEffect::Ingest { batch: 1, commands }] if commands.len() == 2));
    assert!(talk.hear(&push(2..4)).is_empty(), "one batch at a time");
    let frames = sent(&talk.hear(&push(4..80)));
    assert!(matches!(&frames[..], [ServerFrame::PushResults { results }] if results.len() == 76));
    let effects = talk.tell(NodeEvent::Ingested { batch: 1, results: Vec::new() });
    assert!(
        matches!(&effects[1], NodeEffect::Ingest { batch: 2, commands } if commands.len() == 2),
        "{effects:?}"
    );
}

/// Each writes a long text anew; together they would take too long to judge.
#[test]
fn heavy_commands_are_judged_one_after_the_other_and_a_message_brings_no_more_than_one_may() {
    let heavy = rewritten_text();
    let weight = crate::gate::burden(&command(0, &heavy)).weight;
    assert!(
        (24_000..26_000).contains(&weight),
        "{weight}: as many characters go as come, and going weighs twice"
    );
    let mut talk = Talk::following();
    let push = |commands: Vec<PushedCommand>| DeviceFrame::Push { commands };
    let effects = talk.hear(&push((0..6).map(|n| command(n, &heavy)).collect()));
    let [back] = &sent(&effects)[..] else { panic!("{effects:?}") };
    let ServerFrame::PushResults { results } = back else { panic!("{back:?}") };
    assert_eq!(results.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (2..6).map(id).collect::<Vec<_>>());
    assert!(results.iter().all(|(_, result)| matches!(result, CommandResult::Retry { .. })), "{results:?}");

    let mut batches = batch_of(&effects);
    for commands in [vec![command(2, &heavy)], vec![command(3, &heavy), command(4, &[])]] {
        assert!(talk.hear(&push(commands)).is_empty(), "one batch at a time");
    }
    for batch in 1..=3 {
        let effects = talk.tell(NodeEvent::Ingested { batch, results: Vec::new() });
        batches.extend(batch_of(&effects));
    }
    assert_eq!(batches, [2, 3], "a light one goes with whatever is before it");
}

fn id(n: u8) -> crate::identity::CommandId {
    crate::identity::CommandId::from_bytes([n; 16])
}

fn command(n: u8, items: &[PushedItem]) -> PushedCommand {
    PushedCommand { id: id(n), intent: Vec::new().into(), items: items.to_vec() }
}

/// How many commands are handed to the ingest.
fn batch_of(effects: &[NodeEffect]) -> Vec<usize> {
    let count = |effect: &NodeEffect| match effect {
        NodeEffect::Ingest { commands, .. } => Some(commands.len()),
        _ => None,
    };
    effects.iter().filter_map(count).collect()
}

/// Changes that write a text of 8,000 characters over one as long.
fn rewritten_text() -> Vec<PushedItem> {
    let mut order = crate::document::Document::new(DocumentKind::WorkOrder);
    let mut rewrite = |letter: &str| {
        let (actor, now) = (crate::identity::ActorId::from_bytes([2; 16]), Timestamp::default());
        let text = letter.repeat(8_000);
        let written = order
            .edit::<_, crate::document::EditError>(actor, now, |door| door.set_text(&["description"], &text));
        let (document, kind) = (document(9), DocumentKind::WorkOrder);
        let change = |bytes: Vec<u8>| PushedItem::Change { document, kind, bytes: bytes.into() };
        written.unwrap().1.into_iter().map(change).collect::<Vec<_>>()
    };
    rewrite("a");
    rewrite("b")
}

#[test]
fn a_silent_device_is_let_go() {
    let mut talk = Talk::new();
    talk.now = 10_000;
    assert_eq!(talk.tell(NodeEvent::Tick), [NodeEffect::Close]);
    let mut talk = Talk::following();
    talk.now = 60_000;
    assert_eq!(talk.tell(NodeEvent::Tick), [NodeEffect::Close]);
}

#[test]
fn a_cursor_behind_the_horizon_leads_to_a_load_and_one_at_it_to_the_feed() {
    for (horizon, expected) in
        [(2, Plan::Delta), (3, Plan::Delta), (4, Plan::Snapshots), (9, Plan::Snapshots)]
    {
        let mut talk = Talk::new();
        let rights = talk.session.rights.clone();
        talk.hello(Some(cursor(3)), &rights);
        let said = sent(&talk.head_with_horizon(Some(CursorStanding::Known), horizon));
        let Some(ServerFrame::Welcome { plan, documents, .. }) = said.first() else { panic!("{said:?}") };
        assert_eq!((*plan, *documents > 0), (expected, expected != Plan::Delta), "{horizon}");
    }
}
