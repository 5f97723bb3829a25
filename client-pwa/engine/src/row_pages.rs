//! The pages of rows that were touched, in memory. A page is read the first time one of its rows changes.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{self, ROWS};
use client_bridge::rows::{RowPage, page_of};
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::identity::DocumentId;

use crate::local_store::{Batch, LocalStore, StoreError};

/// The page of a kind.
type PageKey = (&'static str, u8);

/// Pages in memory; equal to what is stored but for the rows of a transaction under way.
#[derive(Debug, Default)]
pub struct RowPages {
    pages: BTreeMap<PageKey, RowPage>,
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
        let missing: Vec<PageKey> =
            changes.pages().into_iter().filter(|page| !self.pages.contains_key(page)).collect();
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

    /// Changes the rows in memory and writes their pages. When the transaction fails, [`Self::forget`] them.
    pub fn write(&mut self, batch: &mut Batch, changes: &RowChanges) {
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
        for page in touched {
            batch.put(ROWS, key(page), self.pages[&page].encode());
        }
    }

    /// Memory may differ from the store: read pages again when they are needed.
    pub fn forget(&mut self) {
        self.pages.clear();
    }
}

fn key((kind, page): PageKey) -> String {
    DocumentKind::from_code(kind).map_or_else(String::new, |kind| database::rows_key(kind, page))
}

#[cfg(test)]
mod tests {
    use shared_model::features;
    use shared_model::workspace::Aggregate;

    use super::*;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn row(n: u8, kind: DocumentKind) -> Row {
        features::row(&Aggregate::new(id(n), kind))
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
