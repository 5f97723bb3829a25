//! The frames between a device and the server.

use shared_model::document::DocumentKind;
use shared_model::gate;
use shared_model::identity::{ActorId, CommandId, DeviceId, DocumentId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{
    CommandResult, Cursor, DeviceFrame, FeedBody, FeedItem, Manifest, Plan, PushedCommand, PushedItem,
    RangeMark, ServerFrame, Snapshot, SnapshotReceipt,
};

use super::{Answer, Target, change, gate::changes, kind_of, records, same};

/// What a device says, as the server reads it.
pub(super) const DEVICE: Target = Target {
    name: "device-frame",
    seeds: device_seeds,
    words: WORDS,
    damage: |random, _| {
        let bytes = change::damaged(random, &changes())?;
        Some(push(vec![PushedItem::Change {
            document: document(1),
            kind: DocumentKind::WorkOrder,
            bytes: bytes.into(),
        }]))
    },
    read: read_device,
};

/// What the server says, as a device reads it.
pub(super) const SERVER: Target = Target {
    name: "server-frame",
    seeds: server_seeds,
    words: WORDS,
    damage: |_, _| None,
    read: read_server,
};

/// Endless lists and maps, lists and texts longer than memory, deep nesting.
pub(super) const WORDS: &[&[u8]] = &[
    b"\x9f",
    b"\xbf",
    b"\xff",
    b"\x5f",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x7a\x7f\xff\xff\xff",
    b"\xf6",
    b"\x80",
    b"\xa0",
    b"\xd8\x1c\x81",
    &[0x81; 512],
];

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

fn cursor() -> Cursor {
    Cursor { epoch: vec![7; 16].into(), seq: 300, chain_hash: vec![9; 32].into() }
}

fn push(items: Vec<PushedItem>) -> Vec<u8> {
    let id = CommandId::from_bytes([3; 16]);
    DeviceFrame::Push { commands: vec![PushedCommand { id, intent: b"{}".to_vec().into(), items }] }.encode()
}

fn device_seeds() -> Vec<Vec<u8>> {
    let (device, actor) = (DeviceId::from_bytes([1; 16]), ActorId::from_bytes([2; 16]));
    let hello = |cursor: Option<Cursor>| DeviceFrame::Hello {
        protocol: 1,
        device,
        actor,
        cursor,
        directory_version: 5,
        loading: false,
        rights: vec![1; 32].into(),
        packs: true,
        seen: Some(self::cursor()),
    };
    let frames = [
        hello(None),
        hello(Some(cursor())),
        DeviceFrame::Push { commands: Vec::new() },
        DeviceFrame::NextSnapshots { after: Some(document(4)) },
        DeviceFrame::FetchDocuments { documents: vec![document(4), document(5)] },
        DeviceFrame::Ping { nonce: 1, stored: 300 },
        DeviceFrame::Follow { cursor: cursor() },
        DeviceFrame::Stored { seq: u64::MAX },
        DeviceFrame::GiveBack { documents: Vec::new() },
        DeviceFrame::Check {
            ranges: vec![
                RangeMark { through: Some(document(1)), count: 256, sum: 1 << 63 },
                RangeMark::default(),
            ],
        },
    ];
    let change = |bytes: Vec<u8>| PushedItem::Change {
        document: document(1),
        kind: DocumentKind::WorkOrder,
        bytes: bytes.into(),
    };
    let record = |bytes: Vec<u8>| PushedItem::Record { bytes: bytes.into() };
    let commands = changes().into_iter().map(|bytes| push(vec![change(bytes)]));
    let facts = records::seeds().into_iter().map(|bytes| push(vec![record(bytes)]));
    frames.iter().map(DeviceFrame::encode).chain(commands).chain(facts).collect()
}

fn manifest() -> Manifest {
    let documents = vec![(document(1), 1 << 63), (document(2), 3)];
    Manifest { after: None, through: Some(document(2)), documents }
}

fn snapshot() -> Snapshot {
    Snapshot {
        document: document(1),
        kind: DocumentKind::Asset,
        bytes: vec![1; 40].into(),
        records: records::seeds().into_iter().take(3).map(Into::into).collect(),
        receipts: vec![SnapshotReceipt {
            kind: None,
            heads: vec![vec![5; 32].into()],
            code: vec![6; 32].into(),
        }],
    }
}

fn server_seeds() -> Vec<Vec<u8>> {
    let snapshot = snapshot();
    let item = |body: FeedBody| FeedItem {
        seq: 301,
        document: document(1),
        kind: DocumentKind::Asset,
        received_at: Timestamp::from_millis(1_700_000_000_000),
        author: Some(PersonId::from_bytes([8; 16])),
        body,
        receipt: Some(vec![4; 32].into()),
        device: Some(DeviceId::from_bytes([9; 16])),
    };
    let bodies = [
        FeedBody::Change { bytes: vec![1; 40].into() },
        FeedBody::Record { bytes: vec![2; 40].into() },
        FeedBody::Enter { snapshot: snapshot.clone() },
        FeedBody::Leave,
    ];
    let results = [
        CommandResult::Accepted { seqs: vec![1, 2], receipts: vec![vec![3; 32].into()] },
        CommandResult::Duplicate { seqs: vec![1] },
        CommandResult::MissingDeps { hashes: vec![vec![4; 32].into()] },
        CommandResult::Rejected { code: "nothing".to_owned(), detail: "it does nothing".to_owned() },
        CommandResult::Retry { after_ms: 500 },
    ];
    let frames = [
        ServerFrame::Welcome {
            protocol: 1,
            head: cursor(),
            horizon: 0,
            server_time: Timestamp::from_millis(1_700_000_000_000),
            plan: Plan::Delta,
            rights: vec![1; 32].into(),
            documents: 10_000,
            schema: 1,
            checks: true,
        },
        ServerFrame::Snapshots {
            at: cursor(),
            items: vec![snapshot],
            through: Some(document(1)),
            asked: vec![document(2)],
        },
        ServerFrame::Feed {
            from: 299,
            to: cursor(),
            items: bodies.into_iter().map(item).collect(),
            at: Some(cursor()),
        },
        ServerFrame::PushResults {
            results: results.map(|result| (CommandId::from_bytes([3; 16]), result)).to_vec(),
        },
        ServerFrame::Directory { version: 6, changes: b"{}".to_vec().into(), grants: b"{}".to_vec().into() },
        ServerFrame::Pong { nonce: 1, sent: Some(300), directory: 6 },
        ServerFrame::TakenBack {
            results: vec![(document(1), CommandResult::Duplicate { seqs: vec![1] })],
            at: Some(cursor()),
        },
        ServerFrame::Checkpoint { at: cursor(), differing: vec![manifest()] },
        ServerFrame::Goodbye { code: "drain".to_owned(), detail: String::new(), retry_after_ms: Some(1_000) },
    ];
    frames.iter().map(ServerFrame::encode).collect()
}

/// The name of a variant, and how much of something is in it.
fn variant(frame: &impl std::fmt::Debug, things: usize) -> String {
    let name: String = format!("{frame:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect();
    format!("{name} {}", things.checked_ilog2().map_or(0, |magnitude| magnitude + 1))
}

fn read_device(input: &[u8]) -> Answer {
    let frame = match DeviceFrame::decode(input) {
        Ok(frame) => frame,
        Err(error) => return Ok(kind_of(&error.to_string())),
    };
    same(&frame, DeviceFrame::decode(&frame.encode()))?;
    let DeviceFrame::Push { commands } = &frame else { return Ok(variant(&frame, 0)) };
    let mut answer = variant(&frame, commands.len());
    for item in commands.iter().flat_map(|command| &command.items) {
        // What is looked up of an item before its document is there.
        answer = match item {
            PushedItem::Record { bytes } => match gate::check_record(bytes) {
                Ok(record) => record.kind,
                Err(refused) => refused.code().to_owned(),
            },
            PushedItem::Change { bytes, .. } => {
                let known = gate::change_hash(bytes).is_ok();
                let read = gate::change_author(bytes).and_then(|_| gate::change_sequel(bytes));
                format!("{known} {}", read.map_or_else(|refused| refused.code(), |_| "read"))
            }
        };
    }
    Ok(answer)
}

fn read_server(input: &[u8]) -> Answer {
    let frame = match ServerFrame::decode(input) {
        Ok(frame) => frame,
        Err(error) => return Ok(kind_of(&error.to_string())),
    };
    same(&frame, ServerFrame::decode(&frame.encode()))?;
    Ok(variant(&frame, frame.encode().len()))
}
