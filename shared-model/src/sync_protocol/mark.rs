//! Marks of documents: few bytes that differ when two copies do. A device sends those of its copy, range by range; where
//! the server's differ it answers with a manifest of the range.

use automerge::ChangeHash;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::document::DocumentKind;
use crate::identity::{DocumentId, RecordId};
use crate::permission::{Grants, Scope};
use crate::record::RecordKind;

/// Most ranges of one question.
pub const MAX_RANGES: usize = 4_096;
/// About how many documents make a range.
pub const RANGE_DOCUMENTS: usize = 256;

/// The mark of a document as somebody sees it: the first eight bytes of SHA-256 over its id, its heads and the ids of
/// its records. Equal heads are equal histories, and a record never changes.
pub fn mark(
    document: DocumentId,
    heads: impl IntoIterator<Item = ChangeHash>,
    records: impl IntoIterator<Item = RecordId>,
) -> u64 {
    let (mut heads, mut records) = (Vec::from_iter(heads), Vec::from_iter(records));
    heads.sort_unstable();
    records.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(document.as_bytes());
    hash.update(u64::try_from(heads.len()).unwrap_or(u64::MAX).to_be_bytes());
    heads.iter().for_each(|head| hash.update(head.0));
    records.iter().for_each(|record| hash.update(record.as_bytes()));
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The documents of a range, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RangeMark {
    /// The range ends with this id, and begins after the one before; `None`: it has no end.
    #[n(0)]
    pub through: Option<DocumentId>,
    /// How many documents are in it.
    #[n(1)]
    pub count: u64,
    /// The sum of their marks, modulo 2⁶⁴.
    #[n(2)]
    pub sum: u64,
}

impl RangeMark {
    /// The range with these marks of its documents.
    pub fn of(through: Option<DocumentId>, marks: impl IntoIterator<Item = u64>) -> Self {
        marks.into_iter().fold(Self { through, count: 0, sum: 0 }, |range, mark| Self {
            count: range.count + 1,
            sum: range.sum.wrapping_add(mark),
            ..range
        })
    }
}

/// The documents of a range, one by one, as the server has them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// The range begins after this id; `None`: with the first one.
    #[n(0)]
    pub after: Option<DocumentId>,
    /// It ends with this one; `None`: it has no end.
    #[n(1)]
    pub through: Option<DocumentId>,
    /// All documents of the range that the person may read, with their marks.
    #[n(2)]
    pub documents: Vec<(DocumentId, u64)>,
}

/// What the mark of a document is made of, as the server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMark {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its present scopes.
    pub scopes: Vec<Scope>,
    /// Its heads.
    pub heads: Vec<ChangeHash>,
    /// Its records; of unknown kinds, which nobody is shown, `None`.
    pub records: Vec<(Option<RecordKind>, RecordId)>,
}

impl StoredMark {
    /// The mark for somebody with these rights; `None`: they may not read the document.
    pub fn visible(&self, grants: &Grants) -> Option<u64> {
        let Self { document, kind, scopes, heads, records } = self;
        let readable = |kind: &Option<RecordKind>| kind.is_some_and(|kind| grants.read_record(kind, scopes));
        let shown = records.iter().filter(|(kind, _)| readable(kind)).map(|(_, id)| *id);
        grants.read_document(*kind, scopes).then(|| mark(*document, heads.iter().copied(), shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::PersonId;
    use crate::permission::{GrantLimit, Role};

    const SITE: DocumentId = DocumentId::from_bytes([1; 16]);
    const ORDER: DocumentId = DocumentId::from_bytes([2; 16]);

    fn record(n: u8) -> RecordId {
        RecordId::from_bytes([n; 16])
    }

    fn head(n: u8) -> ChangeHash {
        ChangeHash([n; 32])
    }

    #[test]
    fn a_mark_tells_documents_heads_and_records_apart_and_no_orders() {
        let marks = [
            mark(ORDER, [head(1)], []),
            mark(SITE, [head(1)], []),
            mark(ORDER, [head(2)], []),
            mark(ORDER, [head(1), head(2)], []),
            mark(ORDER, [head(1)], [record(1)]),
            mark(ORDER, [head(1)], [record(1), record(2)]),
            mark(ORDER, [], [record(1)]),
        ];
        let different: std::collections::BTreeSet<u64> = marks.into_iter().collect();
        assert_eq!(different.len(), marks.len());
        let turned = mark(ORDER, [head(2), head(1)], [record(2), record(1)]);
        assert_eq!(turned, mark(ORDER, [head(1), head(2)], [record(1), record(2)]));
        assert_ne!(RangeMark::of(None, [1, 2]), RangeMark::of(None, [3]));
    }

    #[test]
    fn records_behind_a_right_are_in_the_mark_of_those_who_see_them() {
        let stored = |records| StoredMark {
            document: ORDER,
            kind: DocumentKind::WorkOrder,
            scopes: vec![Scope::Site(SITE)],
            heads: vec![head(1)],
            records,
        };
        let person = PersonId::from_bytes([3; 16]);
        let technician = Grants { person, grants: Role::Technician.grants(GrantLimit::Site(SITE)) };
        let manager = Grants { person, grants: Role::Manager.grants(GrantLimit::Organisation) };
        let elsewhere = Grants { person, grants: Role::Technician.grants(GrantLimit::Site(ORDER)) };
        let remark = (Some(RecordKind::Comment), record(1));
        let both = stored(vec![remark, (Some(RecordKind::CostEntry), record(2)), (None, record(3))]);
        let open = stored(vec![remark]);
        assert_eq!(both.visible(&technician), open.visible(&technician));
        assert_ne!(both.visible(&manager), open.visible(&manager));
        assert_eq!(both.visible(&manager), Some(mark(ORDER, [head(1)], [record(1), record(2)])));
        assert_eq!(both.visible(&elsewhere), None);
    }
}
