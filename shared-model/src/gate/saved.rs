//! The heads of a document that is saved, read off its bytes: an Automerge document with the changes after it appended.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use super::bytes::Bytes;
use super::chunk::{CHANGE, MAGIC, read_dependencies};

const DOCUMENT: u8 = 0;

/// The heads of the saved document; `None` when the bytes are damaged or not in one of the forms we save.
///
/// It costs a hash of the bytes, where loading the document costs a hundred times that.
pub fn saved_heads(saved: &[u8]) -> Option<BTreeSet<ChangeHash>> {
    let mut heads = BTreeSet::new();
    let mut rest = saved;
    while !rest.is_empty() {
        let (kind, hash, data, after) = chunk(rest)?;
        let mut bytes = Bytes::new(data);
        match kind {
            DOCUMENT if rest.len() == saved.len() => {
                for _ in 0..bytes.count().ok()? {
                    let length = bytes.count().ok()?;
                    bytes.take(length).ok()?;
                }
                for _ in 0..bytes.count().ok()? {
                    heads.insert(ChangeHash(bytes.array().ok()?));
                }
            }
            CHANGE => {
                for dependency in read_dependencies(&mut bytes).ok()? {
                    heads.remove(&dependency);
                }
                heads.insert(hash);
            }
            _ => return None,
        }
        rest = after;
    }
    (!heads.is_empty()).then_some(heads)
}

/// The first chunk: its type, its hash, its data, and what comes after it.
fn chunk(input: &[u8]) -> Option<(u8, ChangeHash, &[u8], &[u8])> {
    let mut bytes = Bytes::new(input);
    if bytes.array().ok()? != MAGIC {
        return None;
    }
    let checksum: [u8; 4] = bytes.array().ok()?;
    let before = bytes.len();
    let kind = bytes.byte().ok()?;
    let length = bytes.count().ok()?;
    let data = bytes.take(length).ok()?;
    let whole = &input[input.len() - before..input.len() - bytes.len()];
    let hash: [u8; 32] = Sha256::digest(whole).into();
    (hash[..4] == checksum).then(|| (kind, ChangeHash(hash), data, &input[input.len() - bytes.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, DocumentKind};
    use crate::document::{Edit, EditError};
    use crate::identity::ActorId;
    use crate::instant::Timestamp;

    const BOB: ActorId = ActorId::from_bytes([0xb2; 16]);
    const EVE: ActorId = ActorId::from_bytes([0xee; 16]);

    fn write(document: &mut Document, actor: ActorId, edit: impl FnOnce(&mut Edit) -> Result<(), EditError>) {
        document.edit(actor, Timestamp::from_millis(1_700_000_000_000), edit).unwrap();
    }

    /// A document with two heads.
    fn forked() -> Document {
        let mut one = Document::new(DocumentKind::WorkOrder);
        write(&mut one, BOB, |door| door.put_str(&["title"], Some("Pump")));
        let mut other = one.clone();
        write(&mut one, BOB, |door| door.put_int(&["estimated_minutes"], Some(5)));
        write(&mut other, EVE, |door| door.put_int(&["estimated_minutes"], Some(7)));
        one.apply(other.changes_since(&[])).unwrap();
        one
    }

    #[test]
    fn heads_are_those_of_the_loaded_document_in_every_form() {
        let forked = forked();
        let expected: BTreeSet<ChangeHash> = forked.heads().into_iter().collect();
        assert_eq!(expected.len(), 2);
        assert_eq!(saved_heads(&forked.save()), Some(expected.clone()));
        let changes = forked.changes_since(&[]);
        for kept in 1..changes.len() {
            let mut short = Document::new(DocumentKind::WorkOrder);
            short.apply(changes[..kept].to_vec()).unwrap();
            let mut saved = short.save();
            changes[kept..].iter().for_each(|change| saved.extend(change.raw_bytes()));
            assert_eq!(saved_heads(&saved), Some(expected.clone()), "after {kept} changes");
        }
        let appended: Vec<u8> = changes.iter().flat_map(|change| change.raw_bytes().to_vec()).collect();
        assert_eq!(saved_heads(&appended), Some(expected));
    }

    #[test]
    fn damage_is_seen_wherever_it_is() {
        let mut document = forked();
        let mut saved = document.save();
        let (_, made) = document
            .edit::<_, EditError>(BOB, Timestamp::default(), |door| door.put_str(&["title"], Some("Pump 7")))
            .unwrap();
        made.iter().for_each(|change| saved.extend(change));
        let heads = saved_heads(&saved).unwrap();
        for place in 0..saved.len() {
            let mut damaged = saved.clone();
            damaged[place] ^= 0x40;
            assert_ne!(saved_heads(&damaged), Some(heads.clone()), "byte {place}");
            assert_ne!(saved_heads(&saved[..place]), Some(heads.clone()), "cut at {place}");
        }
        assert_eq!(saved_heads(&[]), None);
    }
}
