//! Rows on the device: 64 pages per document kind, each a JSON object of rows by document id. Lists read whole
//! pages and filter in memory; there is no index on content, so values can be sealed.

use std::collections::BTreeMap;

use shared_model::features::Row;
use shared_model::identity::DocumentId;

use crate::lenient;

/// Pages per document kind.
pub const PAGES: u8 = 64;
/// Another version than the stored one: devices rebuild the rows from their documents.
pub use shared_model::features::ROWS_VERSION;

/// The page a document's row is on (FNV-1a over the id, so that ids of any making spread).
pub fn page_of(document: DocumentId) -> u8 {
    let hash = document
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash.to_be_bytes()[0] % PAGES
}

/// The rows of one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPage {
    rows: BTreeMap<DocumentId, Row>,
}

impl RowPage {
    /// Reads a stored page. Rows of a kind this version does not know are left out; what is no page at all is
    /// empty, because rows can always be rebuilt.
    pub fn read(bytes: &[u8]) -> Self {
        let rows = serde_json::from_slice(bytes)
            .or_else(|_| lenient::rows(&mut serde_json::Deserializer::from_slice(bytes)))
            .unwrap_or_default();
        Self { rows }
    }

    /// The bytes to store.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(&self.rows).unwrap_or_default()
    }

    /// Adds or replaces a row.
    pub fn upsert(&mut self, document: DocumentId, row: Row) {
        self.rows.insert(document, row);
    }

    /// Takes a row out; false when it was not there.
    pub fn remove(&mut self, document: DocumentId) -> bool {
        self.rows.remove(&document).is_some()
    }

    /// The row of a document.
    pub fn get(&self, document: DocumentId) -> Option<&Row> {
        self.rows.get(&document)
    }

    /// Is there no row?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows by document.
    pub const fn rows(&self) -> &BTreeMap<DocumentId, Row> {
        &self.rows
    }

    /// The rows by document, to keep.
    pub fn into_rows(self) -> BTreeMap<DocumentId, Row> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use shared_model::document::DocumentKind;
    use shared_model::features::{Row, work_order};
    use shared_model::workspace::Aggregate;

    use super::*;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn row(n: u8) -> Row {
        Row::WorkOrder(work_order::summarise(&Aggregate::new(id(n), DocumentKind::WorkOrder)))
    }

    #[test]
    fn a_page_is_read_as_it_was_written() {
        let mut page = RowPage::default();
        page.upsert(id(1), row(1));
        page.upsert(id(2), row(2));
        page.upsert(id(1), row(1));
        assert_eq!(RowPage::read(&page.encode()), page);
        assert!(page.remove(id(1)) && !page.remove(id(1)));
        assert_eq!(page.rows().keys().copied().collect::<Vec<_>>(), [id(2)]);
    }

    #[test]
    fn rows_of_an_unknown_kind_are_left_out_and_the_rest_is_read() {
        let mut page = RowPage::default();
        page.upsert(id(1), row(1));
        let text = String::from_utf8(page.encode()).unwrap();
        let newer = text.replacen('{', &format!("{{\"{}\":{{\"kind\":\"drone\"}},", id(9)), 1);
        assert_eq!(RowPage::read(newer.as_bytes()), page);
        assert!(RowPage::read(b"not a page").is_empty());
    }

    #[test]
    fn pages_fill_evenly() {
        let mut filled = [0_u32; PAGES as usize];
        for n in 0..6_400_u32 {
            let mut bytes = [7; 16];
            bytes[12..].copy_from_slice(&n.to_be_bytes());
            filled[usize::from(page_of(DocumentId::from_bytes(bytes)))] += 1;
        }
        assert!(filled.iter().all(|count| (50..200).contains(count)), "{filled:?}");
        assert_eq!(page_of(id(1)), page_of(id(1)));
    }
}
