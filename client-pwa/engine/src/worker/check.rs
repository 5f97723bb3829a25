//! Is the copy on this device the server's? Ranges of it are marked as they are on disk; what differs is owed.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{DOCUMENTS, META, RECORDS, document_key, meta, records_range};
use shared_model::identity::{DocumentId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::replica;
use shared_model::sync_protocol::{Manifest, RANGE_DOCUMENTS, RangeMark, StoreReport};

use super::Worker;
use crate::documents;
use crate::local_store::values::{decode_records, encode, split_document};
use crate::local_store::{Batch, Durability, StoreError};

impl Worker {
    /// Marks the next range. What is listed there and is no document is asked for: it comes, or its row goes.
    pub(super) async fn mark_copy(&mut self, after: Option<DocumentId>) -> Option<StoreReport> {
        let range = self.range_mark(after).await;
        let (marked, present) = self.noted(range).ok()?;
        let read = self.rows.load_all(&self.store).await;
        self.noted(read).ok()?;
        let within = |id| Some(id) > after && marked.through.is_none_or(|through| id <= through);
        let listed = self.rows.listed(within);
        let wanted = listed.difference(&present).copied().collect();
        Some(StoreReport { marked: Some(marked), wanted, ..StoreReport::default() })
    }

    /// The mark of the next range, and the documents in it.
    async fn range_mark(
        &self,
        after: Option<DocumentId>,
    ) -> Result<(RangeMark, BTreeSet<DocumentId>), StoreError> {
        let after = after.map_or_else(String::new, document_key);
        let stored = self.store.entries_after(DOCUMENTS, &after, RANGE_DOCUMENTS).await?;
        let is_last = stored.len() < RANGE_DOCUMENTS;
        let stored: Vec<(DocumentId, Option<Vec<u8>>)> =
            stored.into_iter().filter_map(|(key, bytes)| Some((key.parse().ok()?, bytes))).collect();
        let (Some((first, _)), Some((last, _))) = (stored.first(), stored.last()) else {
            return Ok(Default::default());
        };
        let through = Some(*last).filter(|_| !is_last);
        let range = (records_range(*first).0, records_range(*last).1);
        let groups = self.store.get_ranges(RECORDS, &[range]).await?;
        let mut records: BTreeMap<DocumentId, Vec<RecordId>> = BTreeMap::new();
        for record in groups.iter().flatten().flat_map(|group| decode_records(group)) {
            records.entry(record.document).or_default().push(record.id);
        }
        let marks = stored.iter().map(|(id, bytes)| {
            let saved = bytes.as_ref().and_then(|bytes| split_document(bytes));
            let records = records.remove(id).unwrap_or_default();
            replica::mark_saved(*id, saved.map_or(&[], |(_, saved)| saved), records)
        });
        let marked = RangeMark::of(through, marks);
        Ok((marked, stored.iter().map(|(id, _)| *id).collect()))
    }

    /// Finds out what differs from these ranges. The server's state will take its place; before, what the server may lack
    /// of it is owed.
    pub(super) async fn judge_copy(
        &mut self,
        manifests: &[Manifest],
        except: &[DocumentId],
    ) -> Option<StoreReport> {
        let mut present = BTreeSet::new();
        for manifest in manifests {
            present.extend(self.present(manifest.after, manifest.through).await?);
        }
        let ids: Vec<DocumentId> = present.iter().copied().collect();
        // As they are on disk: what is in memory may be better.
        let read = documents::read(&self.store, &ids).await;
        let readable = self.noted(read).ok()?.into_iter().map(|held| (held.id, held)).collect();
        let differing = replica::differing(manifests, &present, &readable, except);
        differing.iter().for_each(|id| self.documents.drop_one(*id));
        let owed: BTreeSet<DocumentId> = self.owed.union(&differing).copied().collect();
        let mut batch = Batch::default();
        batch.put(META, meta::OWED.to_owned(), encode(&Vec::from_iter(owed.iter().copied())));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        self.owed = owed;
        Some(StoreReport { owed: differing.into_iter().collect(), ..StoreReport::default() })
    }

    /// Stores when the copy was compared.
    pub(super) async fn store_checked(&mut self, at: Timestamp) -> Option<StoreReport> {
        let standing = self.standing.after_check(at);
        let mut batch = Batch::default();
        batch.put(META, meta::STANDING.to_owned(), encode(&standing));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        self.standing = standing;
        Some(StoreReport::default())
    }
}
