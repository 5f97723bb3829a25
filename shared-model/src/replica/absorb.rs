//! What a storing transaction of the sync session writes.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::{ReplicaOutcome, apply, apply_snapshot};
use super::give_back::{holds_more, receipts_of_feed, receipts_of_snapshot};
use crate::document::DocumentKind;
use crate::features::Row;
use crate::identity::{ActorId, DocumentId, RecordId};
use crate::record::Record;
use crate::sync_protocol::{
    Cursor, FeedBody, FeedItem, Listed, LoadProgress, OutboxEntry, Pack, PackedDocument, PushedItem, Receipt,
    Snapshot, Standing, read_row,
};
use crate::workspace::Aggregate;

/// What waits in the outbox about the documents in question or is to be given back, and must not be forgotten.
#[derive(Clone, Debug, Default)]
pub struct Pending {
    documents: BTreeSet<DocumentId>,
    records: BTreeSet<RecordId>,
    owed: BTreeSet<DocumentId>,
}

impl Pending {
    /// What these commands touch.
    pub fn of<'a>(outbox: impl IntoIterator<Item = &'a OutboxEntry>) -> Self {
        let mut pending = Self::default();
        for entry in outbox {
            pending.documents.extend(entry.documents.iter().copied());
            for item in &entry.command.items {
                if let PushedItem::Record { bytes } = item
                    && let Ok(record) = Record::decode(bytes)
                {
                    pending.records.insert(record.id);
                }
            }
        }
        pending
    }

    /// And these of the documents, of which the server may lack something.
    #[must_use]
    pub fn and_owed<'a>(mut self, owed: impl IntoIterator<Item = &'a DocumentId>) -> Self {
        self.owed.extend(owed);
        self
    }

    fn is_about(&self, document: DocumentId) -> bool {
        self.documents.contains(&document) || self.owed.contains(&document)
    }
}

/// What is to be written, in one transaction.
#[derive(Debug, Default)]
pub struct Absorbed {
    /// Documents that are new or different.
    pub put: BTreeMap<DocumentId, Aggregate>,
    /// Documents that were not here, to be stored as they came: nobody has opened them.
    pub raw: BTreeMap<DocumentId, RawDocument>,
    /// Rows of documents that are not here yet.
    pub listed: BTreeMap<DocumentId, Row>,
    /// Documents to forget, with their rows.
    pub removed: BTreeSet<DocumentId>,
    /// Documents to remember as wanted, and to report.
    pub wanted: BTreeSet<DocumentId>,
    /// Documents that are not wanted any more.
    pub settled: BTreeSet<DocumentId>,
    /// Documents of which the server, which lost its history, may lack something; to remember and to report.
    pub owed: BTreeSet<DocumentId>,
    /// Receipts to keep, beside those that are kept already.
    pub receipts: Vec<Receipt>,
    /// Where the copy stands afterwards; `None`: where it stood.
    pub standing: Option<Standing>,
    /// The server lost its history, and with it perhaps what this device wrote about documents that left it since. They
    /// may come again without that, and the next change would have its number: from here on the device writes under
    /// another actor.
    pub renews_actor: bool,
}

/// A document as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawDocument {
    /// Its kind.
    pub kind: DocumentKind,
    /// Saved Automerge bytes.
    pub bytes: Vec<u8>,
    /// Its records, each readable.
    pub records: BTreeMap<RecordId, Record>,
    /// Its row; `None`: the one that is listed here.
    pub row: Option<Row>,
}

/// What arrived does not follow what is stored: an earlier transaction failed. Nothing may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what arrived does not follow what is stored")]
pub struct OutOfOrder;

/// The documents these items are about: what to load before [`absorb_feed`].
pub fn documents_in(items: &[FeedItem]) -> BTreeSet<DocumentId> {
    items.iter().map(|item| item.document).collect()
}

/// Absorbs a range of the feed. `held` are the documents of [`documents_in`], as far as they are here.
pub fn absorb_feed(
    standing: &Standing,
    (from, to): (u64, &Cursor),
    items: &[FeedItem],
    mut held: BTreeMap<DocumentId, Aggregate>,
    pending: &Pending,
    own: ActorId,
) -> Result<Absorbed, OutOfOrder> {
    if standing.load.is_some() || standing.cursor.as_ref().map(|cursor| cursor.seq) != Some(from) {
        return Err(OutOfOrder);
    }
    let mut absorbed = Absorbed::default();
    let mut by_document: BTreeMap<DocumentId, Vec<FeedItem>> = BTreeMap::new();
    for item in items {
        by_document.entry(item.document).or_default().push(item.clone());
    }
    for (id, mut items) in by_document {
        let leaves = items.iter().rev().find_map(|item| match item.body {
            FeedBody::Leave => Some(true),
            FeedBody::Enter { .. } => Some(false),
            FeedBody::Change { .. } | FeedBody::Record { .. } => None,
        });
        let was_here = held.contains_key(&id);
        let waits = pending.is_about(id);
        if waits {
            // What waits is pushed first; then the document is asked for once more, and goes if it must.
            items.retain(|item| item.body != FeedBody::Leave);
            absorbed.wanted.extend((leaves == Some(true)).then_some(id));
        }
        let outcome = apply(held.remove(&id), &items, own);
        absorbed.take(id, was_here, outcome);
    }
    absorbed.receipts = receipts_of_feed(items);
    absorbed.standing = Some(standing.after_feed(to));
    Ok(absorbed)
}

/// Absorbs a page of a load. `held` are the documents of the page, as far as they are here; `present` is what is here
/// after `load.after` up to `through`.
pub fn absorb_page(
    standing: &Standing,
    (load, through): (&LoadProgress, Option<DocumentId>),
    items: &[Snapshot],
    mut held: BTreeMap<DocumentId, Aggregate>,
    present: &Present,
    pending: &Pending,
) -> Result<Absorbed, OutOfOrder> {
    let begins = load.is_beginning();
    if !begins && standing.load.as_ref() != Some(load) {
        return Err(OutOfOrder);
    }
    let mut absorbed = Absorbed { renews_actor: begins && !load.sweep, ..Absorbed::default() };
    let named: BTreeSet<DocumentId> = items.iter().map(|snapshot| snapshot.document).collect();
    for snapshot in items {
        absorbed.merge_or_compare(load, held.remove(&snapshot.document), snapshot, pending);
    }
    if !load.sweep {
        absorbed.owed.extend(present.documents.difference(&named));
    } else {
        for id in present.documents.difference(&named) {
            if pending.is_about(*id) {
                absorbed.wanted.insert(*id);
            } else {
                absorbed.removed.insert(*id);
            }
        }
    }
    // A row without a document is from a load before this one.
    let orphans = present.rows.iter().filter(|id| !present.documents.contains(id) && !named.contains(id));
    absorbed.removed.extend(orphans);
    absorbed.standing = Some(standing.after_page(load, through, items.len()));
    Ok(absorbed)
}

/// What is on the device of what a page or a pack is about.
#[derive(Clone, Debug, Default)]
pub struct Present {
    /// Documents of the range, and those among the documents of a pack.
    pub documents: BTreeSet<DocumentId>,
    /// The same, that have a row.
    pub rows: BTreeSet<DocumentId>,
}

/// Absorbs a pack of a load. `held` are the documents of the pack that are here.
pub fn absorb_pack(
    standing: &Standing,
    load: &LoadProgress,
    pack: Pack,
    mut held: BTreeMap<DocumentId, Aggregate>,
    present: &Present,
    pending: &Pending,
) -> Result<Absorbed, OutOfOrder> {
    let begins = load.is_beginning();
    if !begins && standing.load.as_ref() != Some(load) {
        return Err(OutOfOrder);
    }
    let mut absorbed = Absorbed { renews_actor: begins && !load.sweep, ..Absorbed::default() };
    let readable = pack.has_our_rows();
    absorbed.standing = Some(standing.after_pack(load, pack.next.as_deref(), pack.documents.len()));
    if let Some(listed) = &pack.listed {
        absorbed.list(listed, readable, load.sweep, present, pending);
    }
    for packed in pack.documents {
        let id = packed.snapshot.document;
        let row = read_row(&packed.row).and_then(|(_, row)| row).filter(|row| readable && row.id() == id);
        let fresh = !held.contains_key(&id) && !present.documents.contains(&id);
        // Where documents were before the load, a row may be of one that a disk lost since.
        let is_listed = load.from_nothing && present.rows.contains(&id);
        match raw(&packed, row).filter(|raw| fresh && (raw.row.is_some() || is_listed)) {
            Some(raw) => {
                absorbed.receipts.extend(receipts_of_snapshot(&packed.snapshot));
                absorbed.raw.insert(id, raw);
            }
            None => absorbed.merge_or_compare(load, held.remove(&id), &packed.snapshot, pending),
        }
    }
    Ok(absorbed)
}

/// A document of a pack as it came, if its records can be read.
fn raw(packed: &PackedDocument, row: Option<Row>) -> Option<RawDocument> {
    let snapshot = &packed.snapshot;
    let mut records = BTreeMap::new();
    for bytes in &snapshot.records {
        let record = Record::decode(bytes).ok().filter(|record| record.document == snapshot.document)?;
        records.insert(record.id, record);
    }
    Some(RawDocument { kind: snapshot.kind, bytes: snapshot.bytes.to_vec(), records, row })
}

/// Absorbs documents that were asked for. `held` are those of `asked` that are here.
pub fn absorb_fetched(
    asked: &[DocumentId],
    items: &[Snapshot],
    mut held: BTreeMap<DocumentId, Aggregate>,
    pending: &Pending,
) -> Absorbed {
    let mut absorbed = Absorbed::default();
    for snapshot in items.iter().filter(|snapshot| asked.contains(&snapshot.document)) {
        absorbed.settled.insert(snapshot.document);
        absorbed.merge(held.remove(&snapshot.document), snapshot, pending);
    }
    let came: BTreeSet<DocumentId> = items.iter().map(|snapshot| snapshot.document).collect();
    for id in asked.iter().filter(|id| !came.contains(id)).copied() {
        if pending.is_about(id) {
            absorbed.wanted.insert(id);
        } else {
            absorbed.removed.insert(id);
            absorbed.settled.insert(id);
        }
    }
    absorbed
}

impl Absorbed {
    /// Takes a range of rows: those of documents that are here are made from the documents.
    fn list(&mut self, listed: &Listed, readable: bool, sweep: bool, present: &Present, pending: &Pending) {
        let mut named: BTreeSet<DocumentId> = listed.unlisted.iter().copied().collect();
        for (id, row) in listed.rows.iter().filter_map(|json| read_row(json)) {
            named.insert(id);
            if let Some(row) = row.filter(|_| readable && !present.documents.contains(&id)) {
                self.listed.insert(id, row);
            }
        }
        // A row without a document is from a load before this one.
        let orphans = present.rows.difference(&present.documents).filter(|id| !self.listed.contains_key(id));
        let mut gone: BTreeSet<DocumentId> = orphans.copied().collect();
        if sweep {
            for id in present.documents.difference(&named) {
                if pending.is_about(*id) {
                    self.wanted.insert(*id);
                } else {
                    gone.insert(*id);
                }
            }
        } else {
            self.owed.extend(present.documents.difference(&named));
        }
        self.removed.extend(gone);
    }

    fn take(&mut self, id: DocumentId, was_here: bool, outcome: ReplicaOutcome) {
        if outcome.missing {
            self.wanted.insert(id);
            self.settled.remove(&id);
        }
        match outcome.aggregate {
            Some(aggregate) if outcome.changed => {
                self.put.insert(id, aggregate);
            }
            Some(_) => {}
            None if was_here || !outcome.missing => {
                self.removed.insert(id);
                self.settled.extend((!outcome.missing).then_some(id));
            }
            None => {}
        }
    }

    /// Merges a snapshot of a load. A server that lost its history may have less than the device: nothing is forgotten
    /// then, and what is more is remembered.
    fn merge_or_compare(
        &mut self,
        load: &LoadProgress,
        held: Option<Aggregate>,
        snapshot: &Snapshot,
        pending: &Pending,
    ) {
        if load.sweep {
            return self.merge(held, snapshot, pending);
        }
        let owes = held.as_ref().is_some_and(|held| holds_more(held, snapshot));
        self.owed.extend(owes.then_some(snapshot.document));
        let was_here = held.is_some();
        self.receipts.extend(receipts_of_snapshot(snapshot));
        let mut outcome = apply_snapshot(held, snapshot);
        // A row that was listed may be of the history that is gone, although the document is the same in both.
        outcome.changed |= !outcome.missing;
        self.take(snapshot.document, was_here, outcome);
    }

    /// Merges a snapshot; records behind a right that the snapshot does not show any more are forgotten. A document upon
    /// another root takes the place of what is here, unless something of it waits: that is refused, and done again.
    fn merge(&mut self, held: Option<Aggregate>, snapshot: &Snapshot, pending: &Pending) {
        let was_here = held.is_some();
        let mut waits = false;
        self.receipts.extend(receipts_of_snapshot(snapshot));
        let mut outcome = apply_snapshot(held, snapshot);
        if outcome.another_root && !pending.is_about(snapshot.document) {
            outcome = apply_snapshot(None, snapshot);
        }
        if let Some(aggregate) = &mut outcome.aggregate {
            let shown: BTreeSet<RecordId> = snapshot
                .records
                .iter()
                .filter_map(|bytes| Record::decode(bytes).ok())
                .map(|record| record.id)
                .collect();
            let before = aggregate.records.len();
            let is_owed = pending.owed.contains(&snapshot.document);
            aggregate.records.retain(|id, record| {
                let stays = shown.contains(id) || !needs_more_than_the_document(record);
                // It goes once it is given back.
                waits |= !stays && is_owed;
                stays || is_owed || pending.records.contains(id)
            });
            outcome.changed |= aggregate.records.len() != before;
        }
        self.take(snapshot.document, was_here, outcome);
        if waits {
            self.wanted.insert(snapshot.document);
            self.settled.remove(&snapshot.document);
        }
    }
}

fn needs_more_than_the_document(record: &Record) -> bool {
    record.kind().is_none_or(|kind| kind.read_permission().is_some())
}
