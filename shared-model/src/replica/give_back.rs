//! After a backup was restored: what the server lacks of a document that is here, and the receipts that come with what
//! the server sends.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;
use minicbor::bytes::ByteVec;
use sha2::{Digest, Sha256};

use crate::document::{Document, genesis};
use crate::gate;
use crate::identity::{ActorId, RecordId};
use crate::record::Record;
use crate::sync_protocol::{
    FeedBody, FeedItem, GivenActor, GivenBack, OutboxEntry, PushedItem, Receipt, Snapshot,
};
use crate::workspace::Aggregate;

/// A longer receipt, of a document with tens of thousands of facts, would fill a frame by itself: what it alone vouches
/// for an operator gets to see.
const MAX_RECEIPT_BYTES: usize = 512 * 1024;

/// A document on this device and what is known about it.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// As it is here.
    pub held: &'a Aggregate,
    /// As the server has it; `None`: it shows none.
    pub server: Option<&'a Snapshot>,
    /// Commands that wait: what the server never accepted of them is pushed by itself.
    pub pending: &'a [OutboxEntry],
    /// The receipts about it, oldest first.
    pub receipts: &'a [Receipt],
    /// Who is behind an actor, as the directory says.
    pub actor: &'a dyn Fn(ActorId) -> Option<GivenActor>,
}

/// Does the device hold more of a document than the server shows?
pub(super) fn holds_more(held: &Aggregate, server: &Snapshot) -> bool {
    let Ok(loaded) = Document::load(server.kind, &server.bytes) else { return false };
    let shown = records_in(server);
    !loaded.missing(&held.document.heads()).is_empty() || held.records.keys().any(|id| !shown.contains(id))
}

/// What to give back of a document; `None`: the server lacks nothing of it.
pub fn lacking(comparison: &Comparison<'_>) -> Option<GivenBack> {
    let Comparison { held, server, pending, receipts, actor } = *comparison;
    let kind = held.document.kind();
    let loaded = match server {
        Some(snapshot) => Document::load(snapshot.kind, &snapshot.bytes).ok()?,
        None => Document::new(kind),
    };
    let shown = server.map(records_in).unwrap_or_default();
    let (mut waiting, mut unsent) = waiting(pending);
    let vouched = Vouched::of(&held.document, receipts);
    waiting.retain(|hash, item| !vouched.changes.contains(hash) && !vouched.items.contains(item));
    unsent.retain(|_, item| !vouched.items.contains(item));
    let mut actors = BTreeSet::new();
    let mut items = Vec::new();
    for change in held.document.changes_since(&[]) {
        let (hash, bytes) = (change.hash(), change.raw_bytes());
        if loaded.has_change(&hash) || waiting.contains_key(&hash) || genesis::is_genesis(kind, bytes) {
            continue;
        }
        actors.extend(ActorId::from_automerge(change.actor_id()));
        items.push(PushedItem::Change { document: held.id, kind, bytes: bytes.to_vec().into() });
    }
    let records = held
        .records
        .values()
        .filter(|record| !shown.contains(&record.id) && !unsent.contains_key(&record.id));
    for record in records {
        actors.insert(record.actor);
        items.push(PushedItem::Record { bytes: record.encode().into() });
    }
    if items.is_empty() {
        return None;
    }
    let receipts = relevant(&held.document, receipts, &items);
    let actors = actors.into_iter().filter_map(actor).collect();
    let root = held.document.root();
    Some(GivenBack { document: held.id, kind, items, receipts, actors, root, alone: false })
}

/// The changes and records of commands that wait, with the hashes of their bytes.
type Waiting = (BTreeMap<ChangeHash, Vec<u8>>, BTreeMap<RecordId, Vec<u8>>);

fn waiting(pending: &[OutboxEntry]) -> Waiting {
    let (mut changes, mut records) = (BTreeMap::new(), BTreeMap::new());
    for item in pending.iter().flat_map(|entry| &entry.command.items) {
        match item {
            PushedItem::Change { bytes, .. } => {
                changes.extend(gate::change_hash(bytes).ok().map(|hash| (hash, hash_of(item))));
            }
            PushedItem::Record { bytes } => {
                records.extend(Record::decode(bytes).ok().map(|record| (record.id, hash_of(item))));
            }
        }
    }
    (changes, records)
}

/// What receipts say to have been accepted, although nobody may have told the device so.
struct Vouched<'a> {
    document: &'a Document,
    /// Hashes of items.
    items: BTreeSet<Vec<u8>>,
    /// Changes below the heads of documents that the server sent.
    changes: BTreeSet<ChangeHash>,
}

impl<'a> Vouched<'a> {
    const fn nothing(document: &'a Document) -> Self {
        Self { document, items: BTreeSet::new(), changes: BTreeSet::new() }
    }

    fn of(document: &'a Document, receipts: &[Receipt]) -> Self {
        let mut vouched = Self::nothing(document);
        receipts.iter().for_each(|receipt| _ = vouched.hear(receipt, |_| true, |_| true));
        vouched
    }

    /// Takes a receipt in. Does it vouch for one of these items or changes for which nothing did before?
    fn hear(
        &mut self,
        receipt: &Receipt,
        is_item: impl Fn(&[u8]) -> bool,
        is_change: impl Fn(&ChangeHash) -> bool,
    ) -> bool {
        let (heads, items) = match receipt {
            Receipt::Item { item, .. } => (&[][..], std::slice::from_ref(item)),
            Receipt::Snapshot { heads, records, .. } => (&heads[..], &records[..]),
        };
        let mut is_news = false;
        for item in items {
            is_news |= self.items.insert(item.to_vec()) && is_item(item);
        }
        let heads = heads.iter().filter_map(|hash| Some(ChangeHash(hash[..].try_into().ok()?)));
        let mut open: Vec<ChangeHash> = heads.collect();
        while let Some(hash) = open.pop() {
            if self.changes.insert(hash) {
                is_news |= is_change(&hash);
                let change = self.document.automerge().get_change_meta_by_hash(&hash);
                open.extend(change.into_iter().flat_map(|change| change.deps));
            }
        }
        is_news
    }
}

/// The receipts that vouch for these items, as few as there need be.
fn relevant(document: &Document, receipts: &[Receipt], items: &[PushedItem]) -> Vec<Receipt> {
    let is_single = |receipt: &&Receipt| matches!(receipt, Receipt::Item { .. });
    let mut alone = Vouched::nothing(document);
    receipts.iter().filter(is_single).for_each(|receipt| _ = alone.hear(receipt, |_| true, |_| true));
    let hashes: BTreeSet<Vec<u8>> = items.iter().map(hash_of).collect();
    let changes = items.iter().filter(|item| !alone.items.contains(&hash_of(item)));
    let changes = changes.filter_map(|item| match item {
        PushedItem::Change { bytes, .. } => gate::change_hash(bytes).ok(),
        PushedItem::Record { .. } => None,
    });
    let changes: BTreeSet<ChangeHash> = changes.collect();
    // Who made an item and on which device, its own receipt says alone, and the oldest says it of its maker.
    let oldest_first = receipts.iter().filter(is_single);
    // Of a whole document the newest says most.
    let newest_first =
        receipts.iter().rev().filter(|receipt| !is_single(receipt) && receipt.size() <= MAX_RECEIPT_BYTES);
    let mut vouched = Vouched::nothing(document);
    let news = oldest_first.chain(newest_first).filter(|receipt| {
        vouched.hear(receipt, |item| hashes.contains(item), |change| changes.contains(change))
    });
    news.cloned().collect()
}

fn hash_of(item: &PushedItem) -> Vec<u8> {
    match item {
        PushedItem::Change { bytes, .. } | PushedItem::Record { bytes } => {
            Sha256::digest(&bytes[..]).to_vec()
        }
    }
}

fn records_in(snapshot: &Snapshot) -> BTreeSet<RecordId> {
    snapshot.records.iter().filter_map(|bytes| Record::decode(bytes).ok()).map(|record| record.id).collect()
}

/// The receipts that came with a range of the feed.
pub(super) fn receipts_of_feed(items: &[FeedItem]) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for item in items {
        match (&item.body, &item.receipt) {
            (FeedBody::Change { bytes } | FeedBody::Record { bytes }, Some(code)) => {
                receipts.push(Receipt::Item {
                    document: item.document,
                    item: Sha256::digest(&bytes[..]).to_vec().into(),
                    author: item.author,
                    device: item.device,
                    code: code.clone(),
                });
            }
            (FeedBody::Enter { snapshot }, _) => receipts.extend(receipts_of_snapshot(snapshot)),
            (FeedBody::Change { .. } | FeedBody::Record { .. } | FeedBody::Leave, _) => {}
        }
    }
    receipts
}

/// The receipts that came with a document.
pub(super) fn receipts_of_snapshot(snapshot: &Snapshot) -> Vec<Receipt> {
    let mut records: BTreeMap<Option<String>, Vec<ByteVec>> = BTreeMap::new();
    for bytes in &snapshot.records {
        if let Ok(record) = Record::decode(bytes) {
            // What a newer server knows of a kind that nobody here does, its receipts say.
            let is_apart = match record.kind() {
                Some(kind) => kind.read_permission().is_some(),
                None => snapshot.receipts.iter().any(|receipt| receipt.kind.as_ref() == Some(&record.kind)),
            };
            let kind = is_apart.then(|| record.kind.clone());
            records.entry(kind).or_default().push(Sha256::digest(&bytes[..]).to_vec().into());
        }
    }
    let receipts = snapshot.receipts.iter().map(|receipt| {
        let mut records = records.remove(&receipt.kind).unwrap_or_default();
        records.sort_by(|one, other| one[..].cmp(&other[..]));
        Receipt::Snapshot {
            document: snapshot.document,
            kind: receipt.kind.clone(),
            heads: receipt.heads.clone(),
            records,
            code: receipt.code.clone(),
        }
    });
    receipts.collect()
}
