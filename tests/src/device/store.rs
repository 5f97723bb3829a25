//! What a device keeps: bytes, as in IndexedDB. A transaction is a clone that takes the store's place.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::directory::DirectoryActor;
use shared_model::document::{Document, DocumentKind};
use shared_model::features::{self, Row};
use shared_model::identity::{ActorId, CommandId, DocumentId};
use shared_model::permission::Grants;
use shared_model::record::Record;
use shared_model::replica::Absorbed;
use shared_model::sync_protocol::{OutboxEntry, PushedItem, Receipt, Standing};
use shared_model::workspace::Aggregate;

/// The whole store of one device.
#[derive(Clone, Debug, Default)]
pub struct DeviceStore {
    /// Documents with their records.
    pub documents: BTreeMap<DocumentId, StoredCopy>,
    /// The rows of documents, those that are not here yet included.
    pub rows: BTreeMap<DocumentId, Row>,
    /// Commands that wait for their answers, in order.
    pub outbox: Vec<OutboxEntry>,
    /// Commands that could not be done: *needs attention*.
    pub attention: Vec<SetAsideCommand>,
    /// Documents to fetch whole.
    pub wanted: BTreeSet<DocumentId>,
    /// Documents of which the server may lack something.
    pub owed: BTreeSet<DocumentId>,
    /// What the server vouches for, oldest first.
    pub receipts: Vec<Receipt>,
    /// Who is behind actors.
    pub actors: BTreeMap<ActorId, DirectoryActor>,
    /// What the device wrote under.
    pub own_actors: BTreeSet<ActorId>,
    /// Where the copy stands.
    pub standing: Standing,
    /// The rights of the person, as last heard.
    pub grants: Option<Grants>,
    /// Commands that the server acknowledged; a real device forgets them, tests ask.
    pub acknowledged: BTreeSet<CommandId>,
    /// Commands that the server refused, and why; also only for tests.
    pub refused: BTreeMap<CommandId, String>,
}

/// A document as bytes.
#[derive(Clone, Debug)]
pub struct StoredCopy {
    /// Its kind.
    pub kind: DocumentKind,
    /// Saved Automerge bytes.
    pub bytes: Vec<u8>,
    /// Encoded records.
    pub records: Vec<Vec<u8>>,
}

/// A command under *needs attention*.
#[derive(Clone, Debug)]
pub struct SetAsideCommand {
    /// As it stood in the outbox.
    pub entry: OutboxEntry,
    /// Why.
    pub reason: String,
}

/// What the feed will call the items of a command: their documents, and the hashes of changes or ids of records.
pub fn items_of(entry: &OutboxEntry) -> Vec<(DocumentId, Vec<u8>)> {
    let items = entry.command.items.iter().map(|item| match item {
        PushedItem::Change { document, bytes, .. } => {
            let change = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
            (*document, change.hash().0.to_vec())
        }
        PushedItem::Record { bytes } => {
            let record = Record::decode(bytes).unwrap();
            (record.document, record.id.as_bytes().to_vec())
        }
    });
    items.collect()
}

impl StoredCopy {
    /// The bytes of an aggregate.
    pub fn of(aggregate: &Aggregate) -> Self {
        Self {
            kind: aggregate.document.kind(),
            bytes: aggregate.document.save(),
            records: aggregate.records.values().map(Record::encode).collect(),
        }
    }

    /// The aggregate again; `None`: the bytes are damaged.
    pub fn readable(&self, id: DocumentId) -> Option<Aggregate> {
        let document = Document::load(self.kind, &self.bytes).ok()?;
        let records = self.records.iter().filter_map(|bytes| Record::decode(bytes).ok());
        Some(Aggregate { id, document, records: records.map(|record| (record.id, record)).collect() })
    }

    /// The aggregate again.
    pub fn load(&self, id: DocumentId) -> Aggregate {
        let records = self.records.iter().map(|bytes| Record::decode(bytes).unwrap());
        Aggregate {
            id,
            document: Document::load(self.kind, &self.bytes).unwrap(),
            records: records.map(|record| (record.id, record)).collect(),
        }
    }
}

impl DeviceStore {
    /// Writes a document with its row.
    pub(crate) fn put(&mut self, aggregate: &Aggregate) {
        self.documents.insert(aggregate.id, StoredCopy::of(aggregate));
        self.rows.insert(aggregate.id, features::row(aggregate));
    }

    /// Forgets a document with its row.
    pub(super) fn remove(&mut self, id: DocumentId) {
        self.documents.remove(&id);
        self.rows.remove(&id);
        self.receipts.retain(|receipt| receipt.document() != id);
    }

    /// Writes what was absorbed.
    pub(super) fn write(&mut self, absorbed: &mut Absorbed) {
        absorbed.put.values().for_each(|aggregate| self.put(aggregate));
        self.rows.append(&mut absorbed.listed);
        for (id, raw) in std::mem::take(&mut absorbed.raw) {
            let records = raw.records.values().map(Record::encode).collect();
            self.documents.insert(id, StoredCopy { kind: raw.kind, bytes: raw.bytes, records });
            self.rows.extend(raw.row.map(|row| (id, row)));
        }
        absorbed.removed.iter().for_each(|id| self.remove(*id));
        self.wanted.retain(|id| !absorbed.settled.contains(id));
        self.wanted.extend(&absorbed.wanted);
        self.owed.extend(&absorbed.owed);
        absorbed.receipts.retain(|receipt| !absorbed.removed.contains(&receipt.document()));
        self.receipts.append(&mut absorbed.receipts);
        if let Some(standing) = &absorbed.standing {
            self.standing = standing.clone();
        }
    }
}
