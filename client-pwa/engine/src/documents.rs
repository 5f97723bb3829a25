//! Documents with their records: a few live ones in memory, the rest on disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use client_bridge::database::{self, DOCUMENTS, RECORDS};
use shared_model::identity::{DocumentId, RecordId};
use shared_model::record::Record;
use shared_model::replica::RawDocument;
use shared_model::workspace::Aggregate;

use crate::local_store::values::{decode_document, decode_records, encode_document, put_records};
use crate::local_store::{Batch, LocalStore, StoreError};

/// Live documents kept in memory; each takes about 15 kB.
const LIVE: usize = 64;

/// The live documents, used last first.
#[derive(Debug, Default)]
pub struct Documents {
    live: BTreeMap<DocumentId, Aggregate>,
    used: VecDeque<DocumentId>,
}

/// The records of documents as they are on disk.
pub type StoredRecords = BTreeMap<DocumentId, BTreeMap<RecordId, Record>>;

impl Documents {
    /// These documents, as far as they are on the device. A damaged one counts as absent; the feed then finds
    /// that it is missing and fetches it whole.
    pub async fn load(
        &mut self,
        store: &LocalStore,
        ids: &BTreeSet<DocumentId>,
    ) -> Result<BTreeMap<DocumentId, Aggregate>, StoreError> {
        let absent: Vec<DocumentId> = ids.iter().filter(|id| !self.live.contains_key(id)).copied().collect();
        let mut found: BTreeMap<DocumentId, Aggregate> =
            ids.iter().filter_map(|id| Some((*id, self.live.get(id)?.clone()))).collect();
        let read = read(store, &absent).await?;
        found.extend(read.into_iter().map(|aggregate| (aggregate.id, aggregate)));
        Ok(found)
    }

    /// These documents are on disk now as they are here.
    pub fn keep(&mut self, documents: impl IntoIterator<Item = Aggregate>) {
        for aggregate in documents {
            let id = aggregate.id;
            if self.live.insert(id, aggregate).is_some() {
                self.used.retain(|used| *used != id);
            }
            self.used.push_front(id);
        }
        for old in self.used.split_off(self.used.len().min(LIVE)) {
            self.live.remove(&old);
        }
    }

    /// This document is not on disk any more.
    pub fn drop_one(&mut self, id: DocumentId) {
        self.live.remove(&id);
        self.used.retain(|used| *used != id);
    }
}

/// Reads documents with their records.
pub async fn read(store: &LocalStore, ids: &[DocumentId]) -> Result<Vec<Aggregate>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = ids.iter().map(|id| database::document_key(*id)).collect();
    let saved = store.get_many(DOCUMENTS, &keys).await?;
    let here: Vec<(DocumentId, Vec<u8>)> =
        ids.iter().zip(saved).filter_map(|(id, bytes)| Some((*id, bytes?))).collect();
    if here.is_empty() {
        return Ok(Vec::new());
    }
    let ranges: Vec<_> = here.iter().map(|(id, _)| database::records_range(*id)).collect();
    let records = store.get_ranges(RECORDS, &ranges).await?;
    let documents = here.into_iter().zip(records).filter_map(|((id, bytes), groups)| {
        let document = decode_document(&bytes);
        if document.is_none() {
            crate::console::warn(&format!("document {id} cannot be read"));
        }
        let records = groups.iter().flat_map(|group| decode_records(group));
        let records = records.map(|record| (record.id, record)).collect();
        document.map(|document| Aggregate { id, document, records })
    });
    Ok(documents.collect())
}

/// The records of documents before something changes them.
pub fn records_of(documents: &BTreeMap<DocumentId, Aggregate>) -> StoredRecords {
    documents.iter().map(|(id, aggregate)| (*id, aggregate.records.clone())).collect()
}

/// Writes a document. `saved` are its bytes when they are at hand.
pub fn put(batch: &mut Batch, aggregate: &Aggregate, saved: Option<&[u8]>, before: &StoredRecords) {
    let kind = aggregate.document.kind();
    let bytes = match saved {
        Some(saved) => encode_document(kind, saved),
        None => encode_document(kind, &aggregate.document.save()),
    };
    batch.put(DOCUMENTS, database::document_key(aggregate.id), bytes);
    put_records(batch, aggregate.id, before.get(&aggregate.id), &aggregate.records);
}

/// Writes a document as it came.
pub fn put_raw(batch: &mut Batch, id: DocumentId, raw: &RawDocument) {
    batch.put(DOCUMENTS, database::document_key(id), encode_document(raw.kind, &raw.bytes));
    put_records(batch, id, None, &raw.records);
}

/// Forgets a document and its records.
pub fn delete(batch: &mut Batch, id: DocumentId) {
    batch.delete(DOCUMENTS, database::document_key(id));
    batch.delete_range(RECORDS, database::records_range(id));
}

#[cfg(test)]
mod tests {
    use shared_model::document::DocumentKind;

    use super::*;

    fn aggregate(n: u8) -> Aggregate {
        Aggregate::new(DocumentId::from_bytes([n; 16]), DocumentKind::Part)
    }

    #[test]
    fn the_documents_used_last_stay_in_memory() {
        let mut documents = Documents::default();
        documents.keep((0..=63).map(aggregate));
        documents.keep([aggregate(0)]);
        documents.keep([aggregate(64)]);
        assert_eq!(documents.live.len(), LIVE);
        assert!(documents.live.contains_key(&DocumentId::from_bytes([0; 16])));
        assert!(!documents.live.contains_key(&DocumentId::from_bytes([1; 16])));
        documents.drop_one(DocumentId::from_bytes([64; 16]));
        assert_eq!((documents.live.len(), documents.used.len()), (63, 63));
    }
}
