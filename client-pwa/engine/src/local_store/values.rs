//! The bytes of stored values before they are sealed. Precious ones are CBOR with numbered fields or Automerge's
//! own bytes; what they look like is fixed for ever.

use std::collections::BTreeMap;

use client_bridge::FieldDifference;
use client_bridge::database::{self, RECORDS};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use shared_model::document::{Document, DocumentKind};
use shared_model::identity::{ActorId, DocumentId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::record::Record;
use shared_model::sync_protocol::OutboxEntry;

use super::Batch;
use crate::clock;

/// Records that share one value when a document is written whole.
const RECORDS_PER_VALUE: usize = 128;

/// The engine's actor and where its numbering stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ActorState {
    #[n(0)]
    pub actor: ActorId,
    #[n(1)]
    pub next_record_seq: u64,
}

impl ActorState {
    /// An actor nobody has used.
    pub fn fresh() -> Self {
        Self { actor: clock::fresh_actor(), next_record_seq: 1 }
    }
}

/// An outbox entry with when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StoredEntry {
    #[n(0)]
    pub entry: OutboxEntry,
    #[n(1)]
    pub at: Timestamp,
}

/// A refused command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AttentionEntry {
    #[n(0)]
    pub entry: OutboxEntry,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub code: String,
    #[n(3)]
    pub detail: String,
    #[n(4)]
    pub differences: Vec<StoredDifference>,
}

/// A field as this device had it and as the server has it, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StoredDifference {
    #[n(0)]
    pub field: String,
    #[n(1)]
    pub mine: String,
    #[n(2)]
    pub server: String,
}

impl From<&StoredDifference> for FieldDifference {
    fn from(stored: &StoredDifference) -> Self {
        Self { field: stored.field.clone(), mine: stored.mine.clone(), server: stored.server.clone() }
    }
}

/// The bytes of a CBOR value.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap_or_default()
}

/// Reads a CBOR value.
pub fn decode<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Option<T> {
    minicbor::decode(bytes).ok()
}

/// A document: the length of its kind's code, the code, Automerge's bytes.
pub fn encode_document(kind: DocumentKind, saved: &[u8]) -> Vec<u8> {
    let code = kind.code().as_bytes();
    let mut bytes = Vec::with_capacity(1 + code.len() + saved.len());
    bytes.push(u8::try_from(code.len()).unwrap_or(u8::MAX));
    bytes.extend_from_slice(code);
    bytes.extend_from_slice(saved);
    bytes
}

/// Reads a document; `None` when it is of an unknown kind or damaged.
pub fn decode_document(bytes: &[u8]) -> Option<Document> {
    let (kind, saved) = split_document(bytes)?;
    Document::load(DocumentKind::from_code(kind)?, saved).ok()
}

/// The code of a document's kind, and Automerge's bytes.
pub fn split_document(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (code, saved) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(code).ok()?, saved))
}

/// Reads the records of one value.
pub fn decode_records(bytes: &[u8]) -> Vec<Record> {
    let encoded: Vec<ByteVec> = decode(bytes).unwrap_or_default();
    encoded.iter().filter_map(|record| Record::decode(record).ok()).collect()
}

/// Writes the difference between the records stored of a document (`before`) and those it has now. New ones get
/// values of their own, so that a long ledger is not written again for each entry; anything else writes all.
pub fn put_records(
    batch: &mut Batch,
    document: DocumentId,
    before: Option<&BTreeMap<RecordId, Record>>,
    after: &BTreeMap<RecordId, Record>,
) {
    let only_added = before.filter(|before| before.iter().all(|(id, record)| after.get(id) == Some(record)));
    match only_added {
        Some(before) => {
            let added: Vec<_> = after.iter().filter(|(id, _)| !before.contains_key(id)).collect();
            put_groups(batch, document, &added, 1);
        }
        None => {
            if before.is_some() {
                batch.delete_range(RECORDS, database::records_range(document));
            }
            put_groups(batch, document, &Vec::from_iter(after), RECORDS_PER_VALUE);
        }
    }
}

fn put_groups(batch: &mut Batch, document: DocumentId, records: &[(&RecordId, &Record)], size: usize) {
    for group in records.chunks(size) {
        let encoded: Vec<ByteVec> = group.iter().map(|(_, record)| Record::encode(record).into()).collect();
        let first = *group[0].0;
        batch.put(RECORDS, database::records_key(document, first), encode(&encoded));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_store::batch::Write;

    fn id() -> DocumentId {
        DocumentId::from_bytes([1; 16])
    }

    fn record(n: u8, text: &str) -> (RecordId, Record) {
        let id = RecordId::from_bytes([n; 16]);
        let record = Record {
            id,
            kind: "comment".to_owned(),
            document: self::id(),
            author: None,
            actor: ActorId::from_bytes([9; 16]),
            seq: u64::from(n),
            at: Timestamp::from_millis(7),
            payload: text.as_bytes().to_vec(),
        };
        (id, record)
    }

    /// The records a batch leaves behind in a store that held `before`.
    fn stored(batch: &Batch) -> Vec<Record> {
        let values = batch.writes().iter().filter_map(|write| match write {
            Write::Put { bytes, .. } => Some(decode_records(bytes)),
            Write::Delete { .. } | Write::DeleteRange { .. } => None,
        });
        values.flatten().collect()
    }

    #[test]
    fn a_document_is_read_as_it_was_written() {
        let document = Document::new(DocumentKind::Part);
        let read = decode_document(&encode_document(DocumentKind::Part, &document.save())).unwrap();
        assert_eq!((read.kind(), read.heads()), (DocumentKind::Part, document.heads()));
        assert!(decode_document(&[]).is_none());
        assert!(decode_document(&[200, 1]).is_none());
        assert!(decode_document(&encode_document(DocumentKind::Asset, &document.save())).is_none());
    }

    #[test]
    fn a_new_record_is_written_alone() {
        let before = BTreeMap::from([record(1, "a"), record(2, "b")]);
        let after = BTreeMap::from([record(1, "a"), record(2, "b"), record(3, "c")]);
        let mut batch = Batch::default();
        put_records(&mut batch, id(), Some(&before), &after);
        assert_eq!(batch.writes().len(), 1);
        assert_eq!(stored(&batch), [record(3, "c").1]);
    }

    #[test]
    fn a_changed_or_forgotten_record_writes_all_anew() {
        let before = BTreeMap::from([record(1, "a"), record(2, "b")]);
        for after in [BTreeMap::from([record(1, "a")]), BTreeMap::from([record(1, "x"), record(2, "b")])] {
            let mut batch = Batch::default();
            put_records(&mut batch, id(), Some(&before), &after);
            assert!(matches!(batch.writes()[0], Write::DeleteRange { store: RECORDS, .. }));
            assert_eq!(stored(&batch), after.into_values().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_fresh_document_shares_values() {
        let after: BTreeMap<_, _> = (0..=255).map(|n| record(n, "x")).collect();
        let mut batch = Batch::default();
        put_records(&mut batch, id(), None, &after);
        assert_eq!(batch.writes().len(), 2);
        assert_eq!(stored(&batch), after.into_values().collect::<Vec<_>>());
    }

    #[test]
    fn the_state_of_the_actor_survives() {
        let state = ActorState { actor: ActorId::from_bytes([3; 16]), next_record_seq: 41 };
        assert_eq!(decode(&encode(&state)), Some(state));
        assert_eq!(decode::<ActorState>(b"x"), None);
    }
}
