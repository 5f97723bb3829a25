//! The pages of rows that were touched, in memory. A page is read the first time one of its rows changes.
//!
//! During a load every page of snapshots touches nearly every page of rows. Those rows wait in memory, while the
//! store says that its rows are incomplete; a start that finds that makes all rows again.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{self, META, ROWS, meta};
use client_bridge::rows::{PAGES, ROWS_VERSION, RowPage, page_of};
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::identity::DocumentId;

use crate::local_store::{Batch, LocalStore, StoreError};

/// Rows that may wait in memory during a load.
const MAX_WAITING: usize = 2_000;
/// The version of rows that are incomplete.
const INCOMPLETE: u32 = 0;

/// The page of a kind.
type PageKey = (&'static str, u8);

/// Pages in memory; equal to what is stored but for the rows of a transaction under way, and those that wait.
#[derive(Debug, Default)]
pub struct RowPages {
    pages: BTreeMap<PageKey, RowPage>,
    waiting: BTreeSet<PageKey>,
    waiting_rows: usize,
}

/// Which rows a transaction changes.
#[derive(Clone, Debug, Default)]
pub struct RowChanges {
    pub changed: BTreeMap<DocumentId, Row>,
    /// Documents that go. Their kind may be unknown, so every kind's page is looked at.
    pub removed: BTreeSet<DocumentId>,
}

impl RowChanges {
    fn pages(&self) -> BTreeSet<PageKey> {
        let changed = self.changed.iter().map(|(id, row)| (row.kind().code(), page_of(*id)));
        let removed = self.removed.iter().flat_map(|id| kinds().map(|kind| (kind.code(), page_of(*id))));
        changed.chain(removed).collect()
    }
}

fn kinds() -> impl Iterator<Item = DocumentKind> {
    DocumentKind::ALL.iter().copied()
}

impl RowPages {
    /// Reads the pages that `changes` touch and that are not in memory yet.
    pub async fn load(&mut self, store: &LocalStore, changes: &RowChanges) -> Result<(), StoreError> {
        let missing = changes.pages().into_iter().filter(|page| !self.pages.contains_key(page));
        self.read(store, missing.collect()).await
    }

    async fn read(&mut self, store: &LocalStore, missing: Vec<PageKey>) -> Result<(), StoreError> {
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = missing.iter().map(|page| key(*page)).collect();
        let values = store.get_many(ROWS, &keys).await?;
        let read =
            values.into_iter().map(|value| value.as_deref().map_or_else(RowPage::default, RowPage::read));
        self.pages.extend(missing.into_iter().zip(read));
        Ok(())
    }

    /// Reads all pages that are not in memory yet.
    pub async fn load_all(&mut self, store: &LocalStore) -> Result<(), StoreError> {
        let every = kinds().flat_map(|kind| (0..PAGES).map(move |page| (kind.code(), page)));
        let missing: Vec<PageKey> = every.filter(|page| !self.pages.contains_key(page)).collect();
        self.read(store, missing).await
    }

    /// The documents with a row that answer to `wanted`. All pages must be in memory.
    pub fn listed(&self, wanted: impl Fn(DocumentId) -> bool) -> BTreeSet<DocumentId> {
        let listed = self.pages.values().flat_map(|page| page.rows().keys().copied());
        listed.filter(|id| wanted(*id)).collect()
    }

    /// Changes the rows in memory and writes their pages. When the transaction fails, memory
    /// is ahead of the store, and the engine begins anew.
    pub fn write(&mut self, batch: &mut Batch, changes: &RowChanges) {
        for page in self.change(changes) {
            batch.put(ROWS, key(page), self.pages[&page].encode());
            self.waiting.remove(&page);
        }
    }

    /// Changes the rows in memory; their pages are written with later ones, at the latest by
    /// [`Self::write_waiting`].
    pub fn write_later(&mut self, batch: &mut Batch, changes: &RowChanges) {
        if self.waiting.is_empty() {
            put_version(batch, INCOMPLETE);
        }
        let touched = self.change(changes);
        self.waiting.extend(touched);
        self.waiting_rows += changes.changed.len();
        if self.waiting_rows >= MAX_WAITING {
            self.write_waiting(batch);
        }
    }

    /// Writes the pages that wait.
    pub fn write_waiting(&mut self, batch: &mut Batch) {
        for page in std::mem::take(&mut self.waiting) {
            batch.put(ROWS, key(page), self.pages[&page].encode());
        }
        self.waiting_rows = 0;
        put_version(batch, ROWS_VERSION);
    }

    fn change(&mut self, changes: &RowChanges) -> BTreeSet<PageKey> {
        let mut touched = BTreeSet::new();
        for (id, row) in &changes.changed {
            let page = (row.kind().code(), page_of(*id));
            self.pages.entry(page).or_default().upsert(*id, row.clone());
            touched.insert(page);
        }
        for id in &changes.removed {
            for kind in kinds() {
                let page = (kind.code(), page_of(*id));
                if self.pages.entry(page).or_default().remove(*id) {
                    touched.insert(page);
                }
            }
        }
        touched
    }
}

fn put_version(batch: &mut Batch, version: u32) {
    batch.put(META, meta::ROWS_VERSION.to_owned(), version.to_string().into_bytes());
}

fn key((kind, page): PageKey) -> String {
    DocumentKind::from_code(kind).map_or_else(String::new, |kind| database::rows_key(kind, page))
}

#[cfg(test)]
mod tests {
    use shared_model::features;
    use shared_model::workspace::Aggregate;

    use super::*;
    use crate::local_store::Write;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn row(n: u8, kind: DocumentKind) -> Row {
        features::row(&Aggregate::new(id(n), kind))
    }

    /// The keys a batch puts, in order.
    fn written(batch: &Batch) -> Vec<&str> {
        let keys = batch.writes().iter().filter_map(|write| match write {
            Write::Put { key, .. } => Some(key.as_str()),
            Write::Delete { .. } | Write::DeleteRange { .. } => None,
        });
        keys.collect()
    }

    #[test]
    fn rows_of_a_load_wait_until_they_are_many_or_the_load_ends() {
        let mut pages = RowPages::default();
        let changes = |n| RowChanges {
            changed: BTreeMap::from([(id(n), row(n, DocumentKind::Part))]),
            removed: BTreeSet::new(),
        };
        let mut first = Batch::default();
        pages.write_later(&mut first, &changes(1));
        assert_eq!(written(&first), [meta::ROWS_VERSION]);
        let mut second = Batch::default();
        pages.write_later(&mut second, &changes(2));
        assert!(written(&second).is_empty());

        let mut command = Batch::default();
        pages.write(&mut command, &changes(1));
        assert_eq!(written(&command), [key(("part", page_of(id(1))))]);
        let mut last = Batch::default();
        pages.write_waiting(&mut last);
        assert_eq!(written(&last), [&key(("part", page_of(id(2)))), meta::ROWS_VERSION]);
    }

    #[test]
    fn only_touched_pages_are_written() {
        let mut pages = RowPages::default();
        let mut batch = Batch::default();
        let changed =
            BTreeMap::from([(id(1), row(1, DocumentKind::WorkOrder)), (id(2), row(2, DocumentKind::Asset))]);
        pages.write(&mut batch, &RowChanges { changed, removed: BTreeSet::new() });
        assert_eq!(batch.writes().len(), 2);

        let mut batch = Batch::default();
        let removed = BTreeSet::from([id(2), id(77)]);
        pages.write(&mut batch, &RowChanges { changed: BTreeMap::new(), removed });
        assert_eq!(batch.writes().len(), 1, "nothing is written about a document that had no row");
        assert!(pages.pages[&("asset", page_of(id(2)))].is_empty());
    }
}
