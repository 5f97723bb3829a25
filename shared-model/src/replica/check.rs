//! Is the copy right? What a device finds out about its own documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate;
use crate::identity::{DocumentId, RecordId};
use crate::sync_protocol::{Manifest, mark};
use crate::workspace::Aggregate;

/// The mark of a document as it is stored: Automerge's bytes, and the ids of its records. Bytes that cannot be read have a
/// mark that no document has but by chance.
pub fn mark_saved(document: DocumentId, saved: &[u8], records: impl IntoIterator<Item = RecordId>) -> u64 {
    gate::saved_heads(saved).map_or(0, |heads| mark(document, heads, records))
}

/// Most documents that are put right at once; the next check finds the others.
const MAX_DIFFERING: usize = 200;

/// The first documents that differ from these ranges and are not among `except`. `present` are those that are stored in the
/// ranges, `readable` those of them that can be read, both from disk.
pub fn differing(
    manifests: &[Manifest],
    present: &BTreeSet<DocumentId>,
    readable: &BTreeMap<DocumentId, Aggregate>,
    except: &[DocumentId],
) -> BTreeSet<DocumentId> {
    let shown: BTreeMap<DocumentId, u64> =
        manifests.iter().flat_map(|manifest| manifest.documents.iter().copied()).collect();
    let here = |id: &DocumentId| {
        let held = readable.get(id)?;
        Some(mark(*id, held.document.heads(), held.records.keys().copied()))
    };
    let differs = |id: &DocumentId| !(shown.contains_key(id) && shown.get(id).copied() == here(id));
    let named: BTreeSet<DocumentId> = shown.keys().chain(present).copied().collect();
    named.into_iter().filter(|id| !except.contains(id) && differs(id)).take(MAX_DIFFERING).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentKind;

    fn part(n: u8) -> Aggregate {
        Aggregate::new(DocumentId::from_bytes([n; 16]), DocumentKind::Part)
    }

    #[test]
    fn documents_differ_that_are_other_missing_unreadable_or_too_many() {
        let ids: Vec<DocumentId> = (0..6).map(|n| part(n).id).collect();
        let right = |n: u8| (part(n).id, mark(part(n).id, part(n).document.heads(), []));
        let manifest = Manifest {
            after: None,
            through: None,
            documents: vec![right(0), (ids[1], 7), right(2), right(3), (ids[5], 9)],
        };
        // 0 is right, 1 is other, 2 is not here, 3 cannot be read, 4 should not be here, 5 changed meanwhile.
        let present = [0, 1, 3, 4, 5].map(|n| ids[n]).into();
        let readable = [0, 1, 4, 5].map(|n| (part(n).id, part(n))).into();
        let found = differing(&[manifest], &present, &readable, &ids[5..]);
        assert_eq!(found, [1, 2, 3, 4].map(|n| ids[n]).into());
    }

    #[test]
    fn a_stored_document_has_the_mark_of_the_loaded_one() {
        let held = part(1);
        let expected = mark(held.id, held.document.heads(), []);
        assert_eq!(mark_saved(held.id, &held.document.save(), []), expected);
        assert_eq!(mark_saved(held.id, b"rotten", []), 0);
    }
}
