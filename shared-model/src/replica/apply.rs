//! One document: its aggregate, and what arrived for it.

use std::collections::BTreeSet;

use automerge::{Change, ChangeHash};

use crate::document::{Document, DocumentKind};
use crate::identity::{ActorId, DocumentId};
use crate::record::Record;
use crate::sync_protocol::{FeedBody, FeedItem, Snapshot};
use crate::workspace::Aggregate;

/// A document after items arrived for it.
#[derive(Debug)]
pub struct ReplicaOutcome {
    /// The document; `None` when it is not (or no longer) on this device.
    pub aggregate: Option<Aggregate>,
    /// Something it builds on is not here, or bytes could not be read: fetch the whole document. What could be
    /// applied to a document that was here has been applied.
    pub missing: bool,
    /// What came has another root than what is held, and was not taken in.
    pub another_root: bool,
    /// Something is different from before.
    pub changed: bool,
}

/// Applies feed items of one document in order. Items that were applied before change nothing.
///
/// `own` is the actor this device writes under. A change of its own that the device does not hold means that the
/// document is older than the device remembers; writing on would give one sequence number twice, so that is
/// `missing`, too.
///
/// An item that lets the document leave gives `None`; the caller decides whether it may go yet.
pub fn apply(aggregate: Option<Aggregate>, items: &[FeedItem], own: ActorId) -> ReplicaOutcome {
    let mut arrival = Arrival::new(aggregate, own);
    for item in items {
        arrival.place = Some((item.document, item.kind));
        match &item.body {
            FeedBody::Change { bytes } => arrival.change(bytes),
            FeedBody::Record { bytes } => arrival.record(item.document, bytes),
            FeedBody::Enter { snapshot } => arrival.enter(snapshot),
            FeedBody::Leave => arrival.leave(),
        }
    }
    arrival.finish()
}

/// Merges a whole document into what is held of it. One with another root is another document: the two are not merged,
/// and the caller decides when what is held makes way.
pub fn apply_snapshot(aggregate: Option<Aggregate>, snapshot: &Snapshot) -> ReplicaOutcome {
    let Ok(loaded) = Document::load(snapshot.kind, &snapshot.bytes) else {
        return ReplicaOutcome { aggregate, missing: true, another_root: false, changed: false };
    };
    let mut missing = false;
    let (mut merged, mut changed) = match aggregate {
        None => (Aggregate { id: snapshot.document, document: loaded, records: Default::default() }, true),
        Some(held) if held.document.kind() != snapshot.kind || held.document.root() != loaded.root() => {
            let another_root = held.document.root() != loaded.root();
            return ReplicaOutcome { aggregate: Some(held), missing: true, another_root, changed: false };
        }
        Some(mut held) => {
            let news = held.document.missing(&loaded.heads());
            if !news.is_empty() && loaded.missing(&held.document.heads()).is_empty() {
                held.document = loaded;
            } else if !news.is_empty() {
                let changes = loaded.changes_since(&[]);
                let unknown = changes.into_iter().filter(|change| !held.document.has_change(&change.hash()));
                missing = held.document.apply(unknown.collect()).is_err();
            }
            (held, !news.is_empty())
        }
    };
    for bytes in &snapshot.records {
        match Record::decode(bytes) {
            Ok(record) if record.document == merged.id => changed |= add_record(&mut merged, record),
            Ok(_) | Err(_) => missing = true,
        }
    }
    ReplicaOutcome { aggregate: Some(merged), missing, another_root: false, changed }
}

/// The server's form of a record is the one that counts.
fn add_record(aggregate: &mut Aggregate, record: Record) -> bool {
    if aggregate.records.get(&record.id) == Some(&record) {
        return false;
    }
    aggregate.records.insert(record.id, record);
    true
}

/// Items of one document on their way into it: changes and records are gathered, so that Automerge merges them
/// in one batch.
struct Arrival {
    own: ActorId,
    place: Option<(DocumentId, DocumentKind)>,
    changes: Vec<Change>,
    records: Vec<Record>,
    outcome: ReplicaOutcome,
}

impl Arrival {
    const fn new(aggregate: Option<Aggregate>, own: ActorId) -> Self {
        let outcome = ReplicaOutcome { aggregate, missing: false, another_root: false, changed: false };
        Self { own, place: None, changes: Vec::new(), records: Vec::new(), outcome }
    }

    fn change(&mut self, bytes: &[u8]) {
        match Change::from_bytes(bytes.to_vec()) {
            Ok(change) => self.changes.push(change),
            Err(_) => self.outcome.missing = true,
        }
    }

    fn record(&mut self, document: DocumentId, bytes: &[u8]) {
        match Record::decode(bytes) {
            Ok(record) if record.document == document => self.records.push(record),
            Ok(_) | Err(_) => self.outcome.missing = true,
        }
    }

    /// The snapshot is newer than every item before it.
    fn enter(&mut self, snapshot: &Snapshot) {
        self.flush();
        let entered = apply_snapshot(self.outcome.aggregate.take(), snapshot);
        self.outcome.missing = entered.missing;
        self.outcome.changed |= entered.changed;
        self.outcome.aggregate = entered.aggregate;
    }

    fn leave(&mut self) {
        self.changes.clear();
        self.records.clear();
        self.outcome.changed |= self.outcome.aggregate.is_some();
        self.outcome.aggregate = None;
        self.outcome.missing = false;
    }

    fn finish(mut self) -> ReplicaOutcome {
        self.flush();
        self.outcome
    }

    fn flush(&mut self) {
        let Some((id, kind)) = self.place else { return };
        let (changes, records) = (std::mem::take(&mut self.changes), std::mem::take(&mut self.records));
        if changes.is_empty() && records.is_empty() {
            return;
        }
        let held = self.outcome.aggregate.take();
        let was_here = held.is_some();
        let mut aggregate = held.unwrap_or_else(|| Aggregate::new(id, kind));
        let (applicable, complete) = self.sort_out(&aggregate.document, changes);
        let begun = was_here || !applicable.is_empty();
        let mut whole = complete && begun && aggregate.document.kind() == kind;
        if !applicable.is_empty() {
            self.outcome.changed = true;
            whole &= aggregate.document.apply(applicable).is_ok();
        }
        for record in records {
            self.outcome.changed |= add_record(&mut aggregate, record);
        }
        self.outcome.missing |= !whole;
        // A document of which only a part arrived is not shown before the rest is here.
        self.outcome.aggregate = (was_here || whole).then_some(aggregate);
    }

    /// The changes that are new and can be applied now, and whether that is all of them.
    fn sort_out(&self, document: &Document, changes: Vec<Change>) -> (Vec<Change>, bool) {
        let mut complete = true;
        let mut coming: BTreeSet<ChangeHash> = BTreeSet::new();
        let mut applicable = Vec::new();
        for change in changes {
            let hash = change.hash();
            if coming.contains(&hash) || document.has_change(&hash) {
                continue;
            }
            let own = ActorId::from_automerge(change.actor_id()) == Some(self.own);
            let here = document.missing(change.deps()).iter().all(|dep| coming.contains(dep));
            if own || !here {
                complete = false;
                continue;
            }
            coming.insert(hash);
            applicable.push(change);
        }
        (applicable, complete)
    }
}
