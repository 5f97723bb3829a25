//! What clients of automerge-repo send: messages in CBOR, and in them sync messages of Automerge.

use std::sync::LazyLock;

use automerge::ChangeHash;
use automerge::sync::{State, SyncDoc};
use rand::Rng;
use rand::rngs::SmallRng;
use shared_model::document::{Document, DocumentKind};
use sync_server::automerge_repo::sync_message::Received;
use sync_server::automerge_repo::wire::{FromClient, FromServer};

use super::{Answer, Target, change, craft, gate, golden, kind_of, mutate, same};

pub(super) const MESSAGE: Target =
    Target { name: "repo-message", seeds: messages, words: MEMBERS, damage: |_, _| None, read: read_message };

pub(super) const SYNC: Target =
    Target { name: "repo-sync", seeds: syncs, words: WORDS, damage, read: read_sync };

const MEMBERS: &[&[u8]] = &[
    b"\x64type",
    b"\x68senderId",
    b"\x6adocumentId",
    b"\x69sessionId",
    b"\x65count",
    b"\x64data",
    b"\x78\x19supportedProtocolVersions",
    b"\x64join",
    b"\x64sync",
    b"\x69ephemeral",
    b"\x9f",
    b"\xbf",
    b"\xff",
    b"\x5f",
    b"\xfb\x7f\xf0\0\0\0\0\0\0",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    &[0x81; 512],
];

/// A Bloom filter that asks for four thousand million probes, and shorter lies.
const WORDS: &[&[u8]] = &[
    b"\x0a\x01\x0a\xff\xff\xff\xff\x0f\xff\xff",
    b"\x01\x0a\x07\x00\x00",
    b"\x85\x6f\x4a\x83",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
];

static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| Document::load(DocumentKind::WorkOrder, &golden("work_order", "v1.automerge")).unwrap());

fn messages() -> Vec<Vec<u8>> {
    let (document, session) = ("d".repeat(28), "s".repeat(16));
    let join = b"\xa4\x64type\x64join\x68senderId\x65peer1\x6cpeerMetadata\xa0\x78\x19supportedProtocolVersions\x81\x611";
    let sync = |data: Vec<u8>| FromServer::Sync { document: document.clone(), data }.encode("p");
    let ephemeral = FromServer::Ephemeral {
        document: document.clone(),
        sender: "s".into(),
        session,
        count: 300,
        data: vec![7; 40],
    };
    let others = [
        FromServer::Peer { storage: "x".into() },
        FromServer::Error { message: "no".into() },
        FromServer::Unavailable { document: document.clone() },
        ephemeral,
    ];
    let others = others.iter().map(|message| message.encode("p"));
    others.chain(syncs().into_iter().take(4).map(sync)).chain([join.to_vec()]).collect()
}

/// What Automerge itself says at the beginning and in the middle of an exchange; changes, plain and deflated.
fn syncs() -> Vec<Vec<u8>> {
    let empty = automerge::Automerge::new();
    let (mut here, mut there) = (State::new(), State::new());
    let mut said = Vec::new();
    let mut fresh = empty.clone();
    for _ in 0..4 {
        if let Some(message) = DOCUMENT.automerge().generate_sync_message(&mut here) {
            said.push(message.clone().encode());
            fresh.receive_sync_message(&mut there, message).unwrap();
        }
        if let Some(message) = fresh.generate_sync_message(&mut there) {
            said.push(message.clone().encode());
            DOCUMENT.automerge().clone().receive_sync_message(&mut here, message).unwrap();
        }
    }
    let changes = gate::changes();
    let deflated = changes.first().map(|bytes| deflated(bytes));
    let bomb = craft::chunk(craft::COMPRESSED, &flate(&vec![0; 8 * 1024 * 1024]));
    let crafted = changes.chunks(3).map(|some| message(&[], &[], &[some.concat()]));
    said.extend(crafted);
    said.extend(deflated.into_iter().chain([bomb]).map(|chunk| message(&[], &[], &[chunk])));
    said
}

fn flate(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// The same change in its deflated form, which keeps the checksum.
fn deflated(change: &[u8]) -> Vec<u8> {
    let start = 9 + change[9..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    let data = flate(&change[start..]);
    [&change[..8], &[craft::COMPRESSED], &craft::prefixed(&data)].concat()
}

/// A sync message of the second version without a summary.
fn message(heads: &[ChangeHash], need: &[ChangeHash], entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0x43];
    for hashes in [heads, need] {
        bytes.extend(craft::unsigned(hashes.len() as u64));
        hashes.iter().for_each(|hash| bytes.extend(hash.0));
    }
    bytes.extend(craft::unsigned(0));
    bytes.extend(craft::unsigned(entries.len() as u64));
    entries.iter().for_each(|entry| bytes.extend(craft::prefixed(entry)));
    bytes
}

/// A message with a damaged change, or one that is deflated.
fn damage(random: &mut SmallRng, corpus: &[Vec<u8>]) -> Option<Vec<u8>> {
    let received = Received::decode(mutate::pick(random, corpus)).ok()?;
    let own: Vec<Vec<u8>> = received.changes.into_iter().map(|offered| offered.bytes).collect();
    let changes = if own.is_empty() { gate::changes() } else { own };
    let damaged = change::damaged(random, &changes)?;
    let chunk = if random.random() { damaged } else { deflated(&damaged) };
    Some(message(&received.summary.heads, &received.summary.need, &[chunk]))
}

fn read_message(input: &[u8]) -> Answer {
    let message = match FromClient::decode(input) {
        Ok(message) => message,
        Err(error) => return Ok(kind_of(&error.to_string())),
    };
    let (name, said) = match message.clone() {
        FromClient::Join { .. } => return Ok("join".to_owned()),
        FromClient::Leave => return Ok("leave".to_owned()),
        FromClient::Other => return Ok("other".to_owned()),
        FromClient::Sync { document, data } => ("sync", FromServer::Sync { document, data }),
        FromClient::Ephemeral { document, session, count, data } => {
            let sender = "s".to_owned();
            ("ephemeral", FromServer::Ephemeral { document, sender, session, count, data })
        }
    };
    same(&message, FromClient::decode(&said.encode("p")))?;
    Ok(name.to_owned())
}

fn read_sync(input: &[u8]) -> Answer {
    let received = match Received::decode(input) {
        Ok(received) => received,
        Err(malformed) => return Ok(malformed.to_string()),
    };
    let changes: Vec<Vec<u8>> = received.changes.iter().map(|offered| offered.bytes.clone()).collect();
    let summary = &received.summary;
    let again = Received::decode(&message(&summary.heads, &summary.need, &changes))
        .map_err(|error| error.to_string())?;
    let hashes =
        |received: &Received| received.changes.iter().map(|offered| offered.hash).collect::<Vec<_>>();
    let told = |received: &Received| {
        (received.summary.heads.clone(), received.summary.need.clone(), hashes(received))
    };
    same(&told(&received), Ok::<_, String>(told(&again)))?;
    let answer = format!("{} {} {}", changes.len().min(9), summary.have.len(), summary.heads.len().min(9));
    // Automerge is told what the client has and needs, and answers.
    let mut automerge = DOCUMENT.automerge().clone();
    let mut state = State::new();
    let taken = automerge.receive_sync_message(&mut state, received.summary);
    let reply = automerge.generate_sync_message(&mut state).is_some();
    Ok(format!("{answer} {} {reply}", taken.is_ok()))
}
