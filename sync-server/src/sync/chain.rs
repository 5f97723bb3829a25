//! The chain of hashes over the feed: it lets a device say which history it holds, and anybody check that no row
//! was changed. A payload that is blanked, for erasure, keeps its item hash, so the chain stays checkable; which
//! payload it was can no longer be told.

use sha2::{Digest, Sha256};
use shared_model::identity::{DocumentId, PersonId};

/// Hash of a row or of an item.
pub type Hash = [u8; 32];

/// What stands before the first row.
pub const START: Hash = [0; 32];

/// The chain hash of a row: over the hash before it, its sequence number, whether it is a change or a record,
/// its document, the hash of its item and its author.
pub fn link(
    before: &Hash,
    seq: i64,
    item_kind: &str,
    document: DocumentId,
    item_hash: &[u8],
    author: Option<PersonId>,
) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(item_kind.as_bytes());
    hasher.update(document.as_bytes());
    hasher.update(item_hash);
    hasher.update(author.map_or([0; 16], |person| *person.as_bytes()));
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_row_counts() {
        let document = DocumentId::from_bytes([1; 16]);
        let author = Some(PersonId::from_bytes([2; 16]));
        let row = link(&START, 1, "change", document, &[3; 32], author);
        let others = [
            link(&row, 1, "change", document, &[3; 32], author),
            link(&START, 2, "change", document, &[3; 32], author),
            link(&START, 1, "record", document, &[3; 32], author),
            link(&START, 1, "change", DocumentId::from_bytes([9; 16]), &[3; 32], author),
            link(&START, 1, "change", document, &[4; 32], author),
            link(&START, 1, "change", document, &[3; 32], None),
        ];
        assert!(others.iter().all(|other| *other != row));
        assert_eq!(row, link(&START, 1, "change", document, &[3; 32], author));
    }
}
