//! What the server itself decides about a batch: facts that go into the feed like everybody else's.

use shared_model::identity::{DocumentId, RecordId};
use shared_model::ingest::AcceptedItem;
use shared_model::record::{Record, RecordKind};

use super::Core;
use super::ruling::Ruling;
use crate::random;

/// A fact the server states about a document of a batch.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The document.
    pub document: DocumentId,
    /// What kind of fact it is.
    pub kind: RecordKind,
    /// The fact, as JSON of the kind's type.
    pub payload: Vec<u8>,
}

/// Makes decisions part of the documents, and returns them as the feed stores them.
pub(super) fn adopt(core: &Core, ruling: &mut Ruling, decisions: Vec<Decision>) -> Vec<AcceptedItem> {
    let first_seq = core.record_seqs.reserve(decisions.len() as u64);
    let mut items = Vec::with_capacity(decisions.len());
    for (seq, decision) in (first_seq..).zip(decisions) {
        let Some(stored) = ruling.documents.get_mut(&decision.document) else { continue };
        let record = Record {
            id: RecordId::from_uuid(random::uuid(ruling.now)),
            kind: decision.kind.code().to_owned(),
            document: decision.document,
            author: None,
            actor: core.actor,
            seq,
            at: ruling.now,
            payload: decision.payload,
        };
        stored.aggregate.records.insert(record.id, record.clone());
        items.push(AcceptedItem::of_record(stored.aggregate.document.kind(), record));
    }
    items
}
