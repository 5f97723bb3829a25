//! What rows of a document were written last, so that a commit leaves those alone that stay as they are: most of a
//! document's rows do with every edit.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use parking_lot::Mutex;
use shared_model::identity::DocumentId;
use uuid::Uuid;

use super::Table;

/// Fingerprints of a document's rows as the database holds them, one for each table that was asked for.
#[derive(Clone, Debug, Default)]
pub struct Written {
    tables: Vec<(&'static str, u64)>,
    /// What holds of every other table; `None`: that is not known.
    others: Option<u64>,
}

impl Written {
    /// A document that has no rows yet.
    pub fn nothing() -> Self {
        Self { tables: Vec::new(), others: Some(fingerprint::<()>(&[])) }
    }

    /// Takes rows down as written. Returns whether they may be others than before.
    fn note<T: Hash>(&mut self, table: &'static str, rows: &[T]) -> bool {
        let now = fingerprint(rows);
        match self.tables.iter_mut().find(|(name, _)| *name == table) {
            Some((_, before)) => std::mem::replace(before, now) != now,
            None => {
                self.tables.push((table, now));
                self.others != Some(now)
            }
        }
    }
}

/// What is known of the rows of documents that are being written.
#[derive(Debug, Default)]
pub struct WrittenRows(Mutex<BTreeMap<DocumentId, Written>>);

/// Rows that are to be written.
pub(super) struct Unwritten<'r, T> {
    /// The documents whose rows these are, all of them.
    pub(super) documents: Vec<Uuid>,
    pub(super) rows: Vec<&'r T>,
}

impl WrittenRows {
    /// This much is known.
    pub fn new(known: impl IntoIterator<Item = (DocumentId, Written)>) -> Self {
        Self(Mutex::new(known.into_iter().collect()))
    }

    /// What is known after writing: it holds once the transaction is committed.
    pub fn into_inner(self) -> BTreeMap<DocumentId, Written> {
        self.0.into_inner()
    }

    /// Those of these rows that are not known to be there, and takes them down as written.
    pub(super) fn unwritten<'r, T: Hash>(
        &self,
        table: &Table,
        rows: &'r [(DocumentId, Vec<T>)],
    ) -> Unwritten<'r, T> {
        let mut written = self.0.lock();
        let mut unwritten = Unwritten { documents: Vec::new(), rows: Vec::new() };
        for (document, rows) in rows {
            if written.entry(*document).or_default().note(table.name, rows) {
                unwritten.documents.push(document.as_uuid());
                unwritten.rows.extend(rows);
            }
        }
        unwritten
    }
}

/// Nobody outside can foresee it, so nobody makes rows that look like others.
fn fingerprint<T: Hash>(rows: &[T]) -> u64 {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::new).hash_one(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table =
        Table { name: "answer", key: &["step"], document: "id", columns: &["step"], types: &[] };

    fn document(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn asked(rows: &WrittenRows, of: &[(DocumentId, Vec<&'static str>)]) -> (Vec<Uuid>, Vec<&'static str>) {
        let Unwritten { documents, rows } = rows.unwritten(&TABLE, of);
        (documents, rows.into_iter().copied().collect())
    }

    #[test]
    fn rows_are_written_once() {
        let rows = WrittenRows::default();
        let (one, two) = (document(1), document(2));
        let both = vec![one.as_uuid(), two.as_uuid()];
        let empty = |id| (id, Vec::new());
        assert_eq!(asked(&rows, &[(one, vec!["a", "b"]), empty(two)]), (both, vec!["a", "b"]));
        assert_eq!(asked(&rows, &[(one, vec!["a", "b"]), empty(two)]), (vec![], vec![]));
        assert_eq!(asked(&rows, &[(two, vec!["c"])]), (vec![two.as_uuid()], vec!["c"]));
        assert_eq!(asked(&rows, &[empty(one)]), (vec![one.as_uuid()], vec![]), "they went");
        let known = rows.into_inner();
        assert!(asked(&WrittenRows::new(known), &[empty(one), (two, vec!["c"])]).0.is_empty());
    }

    #[test]
    fn a_new_document_has_no_rows_to_take_away() {
        let rows = WrittenRows::new([(document(1), Written::nothing())]);
        assert!(asked(&rows, &[(document(1), vec![])]).0.is_empty());
        assert_eq!(asked(&rows, &[(document(1), vec!["a"])]).0, [document(1).as_uuid()]);
    }
}
