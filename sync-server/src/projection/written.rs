//! What rows of a document were written last, so that a commit leaves those alone that stay as they are: most of a
//! document's rows do with every edit.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};
use std::sync::OnceLock;

use parking_lot::Mutex;
use shared_model::identity::DocumentId;
use uuid::Uuid;

use super::{Row, Table};

/// Fingerprints of a row: of its key, and of all of it.
type Print = (u64, u64);

/// Fingerprints of a document's rows as the database holds them, for each table that was asked for.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Of each table, in order.
    tables: Vec<(&'static str, Vec<Print>)>,
    /// No other table holds a row of the document; otherwise that is not known.
    nothing_else: bool,
}

/// What has to be written of a document's rows in a table.
#[derive(Debug, PartialEq, Eq)]
enum Rewrite<'r, T> {
    /// These are new, or others than before; every one that was there still is.
    Rows(Vec<&'r T>),
    /// Some may have to go: they are all to be put in the place of what is there.
    All,
}

impl Written {
    /// A document that has no rows yet.
    pub const fn nothing() -> Self {
        Self { tables: Vec::new(), nothing_else: true }
    }

    /// Takes rows down as written. Returns what there is to write.
    fn note<'r, T: Row>(&mut self, table: &'static str, rows: &'r [T]) -> Rewrite<'r, T> {
        let print =
            |row: &T| (fingerprint(|state| row.hash_key(state)), fingerprint(|state| row.hash(state)));
        let printed: Vec<(Print, &T)> = rows.iter().map(|row| (print(row), row)).collect();
        let mut now: Vec<Print> = printed.iter().map(|(print, _)| *print).collect();
        now.sort_unstable();
        let before = match self.tables.iter_mut().find(|(name, _)| *name == table) {
            Some((_, before)) => Some(std::mem::replace(before, now.clone())),
            None => {
                self.tables.push((table, now.clone()));
                self.nothing_else.then(Vec::new)
            }
        };
        let Some(before) = before else { return Rewrite::All };
        let is_there = |key: u64| now.binary_search_by_key(&key, |(key, _)| *key).is_ok();
        if before.iter().any(|(key, _)| !is_there(*key)) {
            return Rewrite::All;
        }
        let changed = printed.into_iter().filter(|(print, _)| before.binary_search(print).is_err());
        Rewrite::Rows(changed.map(|(_, row)| row).collect())
    }
}

/// What is known of the rows of documents that are being written.
#[derive(Debug, Default)]
pub struct WrittenRows(Mutex<BTreeMap<DocumentId, Written>>);

/// Rows that are to be written.
pub(super) struct Unwritten<'r, T> {
    /// Documents of which all rows are here: what else they have is to go.
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
    pub(super) fn unwritten<'r, T: Row>(
        &self,
        table: &Table,
        rows: &'r [(DocumentId, Vec<T>)],
    ) -> Unwritten<'r, T> {
        let mut written = self.0.lock();
        let mut unwritten = Unwritten { documents: Vec::new(), rows: Vec::new() };
        for (document, rows) in rows {
            match written.entry(*document).or_default().note(table.name, rows) {
                Rewrite::Rows(changed) => unwritten.rows.extend(changed),
                Rewrite::All => {
                    unwritten.documents.push(document.as_uuid());
                    unwritten.rows.extend(rows);
                }
            }
        }
        unwritten
    }
}

/// Nobody outside can foresee it, so nobody makes rows that look like others.
fn fingerprint(hash: impl FnOnce(&mut DefaultHasher)) -> u64 {
    static STATE: OnceLock<RandomState> = OnceLock::new();
    let mut state = STATE.get_or_init(RandomState::new).build_hasher();
    hash(&mut state);
    state.finish()
}

#[cfg(test)]
mod tests {
    use std::hash::Hash;

    use sqlx::error::BoxDynError;
    use sqlx::postgres::PgArguments;

    use super::*;

    const TABLE: Table =
        Table { name: "answer", key: &["step"], document: "id", columns: &["step"], types: &[] };

    #[derive(Debug, Hash, PartialEq, Eq, Clone, Copy)]
    struct Answer(&'static str, u8);

    impl Row for Answer {
        fn hash_key<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }

        fn bind(_: &[&Self], _: &mut PgArguments) -> Result<(), BoxDynError> {
            Ok(())
        }
    }

    const A: Answer = Answer("a", 1);
    const B: Answer = Answer("b", 1);

    fn document(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn asked(rows: &WrittenRows, of: &[(DocumentId, Vec<Answer>)]) -> (Vec<Uuid>, Vec<Answer>) {
        let Unwritten { documents, rows } = rows.unwritten(&TABLE, of);
        (documents, rows.into_iter().copied().collect())
    }

    #[test]
    fn rows_are_written_once() {
        let rows = WrittenRows::default();
        let (one, two) = (document(1), document(2));
        let both = vec![one.as_uuid(), two.as_uuid()];
        let empty = |id| (id, Vec::new());
        assert_eq!(asked(&rows, &[(one, vec![A, B]), empty(two)]), (both, vec![A, B]), "nothing was known");
        assert_eq!(asked(&rows, &[(one, vec![B, A]), empty(two)]), (vec![], vec![]));
        assert_eq!(asked(&rows, &[(two, vec![A])]), (vec![], vec![A]), "nothing has to go");
        let other = Answer("b", 2);
        assert_eq!(asked(&rows, &[(one, vec![A, other])]), (vec![], vec![other]), "one is another");
        assert_eq!(asked(&rows, &[(one, vec![other])]), (vec![one.as_uuid()], vec![other]), "one has to go");
        assert_eq!(asked(&rows, &[empty(one)]), (vec![one.as_uuid()], vec![]), "they went");
        let known = rows.into_inner();
        assert_eq!(asked(&WrittenRows::new(known), &[empty(one), (two, vec![A])]), (vec![], vec![]));
    }

    #[test]
    fn a_new_document_has_no_rows_to_take_away() {
        let rows = WrittenRows::new([(document(1), Written::nothing())]);
        assert_eq!(asked(&rows, &[(document(1), vec![])]), (vec![], vec![]));
        assert_eq!(asked(&rows, &[(document(1), vec![A])]), (vec![], vec![A]));
    }
}
