//! Receipts: what the server vouches for towards devices, so that they can give it back should it ever lose it.
//!
//! A receipt is a code over a [`Claim`], made with a key that is not in the database: after a backup was restored the
//! server knows its own receipts again and nobody can have made others.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::identity::{ActorId, DeviceId, DocumentId, OrganisationId, PersonId};
use crate::record::RecordKind;

/// What a receipt vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<'a> {
    /// This item of this document was accepted from this author.
    Item {
        /// The document.
        document: DocumentId,
        /// SHA-256 of its bytes.
        item: &'a [u8],
        /// Who sent it; `None`: the server itself.
        author: Option<PersonId>,
        /// From which device.
        device: Option<DeviceId>,
    },
    /// The document had these heads and these records.
    Snapshot {
        /// The document.
        document: DocumentId,
        /// Kind of record that these are all of; `None`: the heads, and the records that come with the document.
        kind: Option<&'a str>,
        /// The document's heads, sorted; none for a kind of record.
        heads: &'a [ByteVec],
        /// Hashes of the records, sorted.
        records: &'a [ByteVec],
    },
    /// This actor is bound to this person and device.
    Actor {
        /// The actor.
        actor: ActorId,
        /// Who writes under it; `None`: the server itself.
        owner: Option<(PersonId, DeviceId)>,
    },
}

impl Claim<'_> {
    /// The bytes a receipt is made over. No two claims share them: every part has a fixed length or says it.
    pub fn message(&self, organisation: OrganisationId) -> Vec<u8> {
        let mut message = organisation.as_bytes().to_vec();
        match self {
            Self::Item { document, item, author, device } => {
                message.extend(b"item");
                message.extend(document.as_bytes());
                append(&mut message, item);
                message.extend(author.map_or([0; 16], |person| *person.as_bytes()));
                message.extend(device.map_or([0; 16], |device| *device.as_bytes()));
            }
            Self::Snapshot { document, kind, heads, records } => {
                message.extend(b"snap");
                message.extend(document.as_bytes());
                append(&mut message, kind.unwrap_or_default().as_bytes());
                for hashes in [heads, records] {
                    message.extend((hashes.len() as u64).to_be_bytes());
                    hashes.iter().for_each(|hash| append(&mut message, hash));
                }
            }
            Self::Actor { actor, owner } => {
                message.extend(b"actr");
                message.extend(actor.as_bytes());
                let (person, device) = owner.unzip();
                message.extend(person.map_or([0; 16], |person| *person.as_bytes()));
                message.extend(device.map_or([0; 16], |device| *device.as_bytes()));
            }
        }
        message
    }
}

fn append(message: &mut Vec<u8>, bytes: &[u8]) {
    message.extend((bytes.len() as u64).to_be_bytes());
    message.extend(bytes);
}

/// The receipt of a snapshot, as it travels with it: who receives it can tell the records it is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SnapshotReceipt {
    /// Kind of record that this is about; `None`: heads, and the records that come with the document.
    #[n(0)]
    pub kind: Option<String>,
    /// The document's heads, sorted.
    #[n(1)]
    pub heads: Vec<ByteVec>,
    /// The code.
    #[n(2)]
    pub code: ByteVec,
}

/// Vouches for a document: for its heads with the records that everybody who may read it sees, and for each kind of the
/// others by itself. `records` are the kinds and item hashes of its records.
pub fn vouch<'a>(
    document: DocumentId,
    heads: &[ByteVec],
    records: impl Iterator<Item = (RecordKind, &'a [u8])>,
    sign: &dyn Fn(&Claim<'_>) -> Vec<u8>,
) -> Vec<SnapshotReceipt> {
    let mut hashes: BTreeMap<Option<&str>, Vec<ByteVec>> = BTreeMap::from([(None, Vec::new())]);
    for (kind, hash) in records {
        let class = kind.read_permission().map(|_| kind.code());
        hashes.entry(class).or_default().push(hash.to_vec().into());
    }
    let receipt = |(kind, mut records): (Option<&str>, Vec<ByteVec>)| {
        records.sort_by(|one, other| one[..].cmp(&other[..]));
        let heads = if kind.is_none() { heads } else { &[] };
        let code = sign(&Claim::Snapshot { document, kind, heads, records: &records }).into();
        SnapshotReceipt { kind: kind.map(str::to_owned), heads: heads.to_vec(), code }
    };
    hashes.into_iter().map(receipt).collect()
}

/// A receipt as a device keeps it, and gives it back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Receipt {
    /// [`Claim::Item`].
    #[n(0)]
    Item {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Hash of the item.
        #[n(1)]
        item: ByteVec,
        /// Who sent it.
        #[n(2)]
        author: Option<PersonId>,
        /// From which device.
        #[n(3)]
        device: Option<DeviceId>,
        /// The code.
        #[n(4)]
        code: ByteVec,
    },
    /// [`Claim::Snapshot`].
    #[n(1)]
    Snapshot {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Kind of record.
        #[n(1)]
        kind: Option<String>,
        /// Heads, sorted.
        #[n(2)]
        heads: Vec<ByteVec>,
        /// Hashes of the records, sorted.
        #[n(3)]
        records: Vec<ByteVec>,
        /// The code.
        #[n(4)]
        code: ByteVec,
    },
}

impl Receipt {
    /// The document it is about.
    pub const fn document(&self) -> DocumentId {
        match self {
            Self::Item { document, .. } | Self::Snapshot { document, .. } => *document,
        }
    }

    /// About how many bytes it takes.
    pub const fn size(&self) -> usize {
        match self {
            Self::Item { .. } => 128,
            Self::Snapshot { heads, records, .. } => 96 + 36 * (heads.len() + records.len()),
        }
    }

    /// What it vouches for, and the code.
    pub fn claim(&self) -> (Claim<'_>, &[u8]) {
        match self {
            Self::Item { document, item, author, device, code } => {
                (Claim::Item { document: *document, item, author: *author, device: *device }, code)
            }
            Self::Snapshot { document, kind, heads, records, code } => {
                let (document, kind) = (*document, kind.as_deref());
                (Claim::Snapshot { document, kind, heads, records }, code)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_claims_share_their_bytes() {
        let (document, organisation) = (DocumentId::from_bytes([1; 16]), OrganisationId::from_bytes([2; 16]));
        let hash = |n: u8| ByteVec::from(vec![n; 32]);
        let (one, two) = ([hash(1)], [hash(1), hash(2)]);
        let snapshot = |kind, heads, records| Claim::Snapshot { document, kind, heads, records };
        let person = Some(PersonId::from_bytes([3; 16]));
        let claims = [
            Claim::Item { document, item: &[1; 32], author: None, device: None },
            Claim::Item { document, item: &[1; 32], author: person, device: None },
            Claim::Item {
                document,
                item: &[1; 32],
                author: person,
                device: Some(DeviceId::from_bytes([3; 16])),
            },
            Claim::Item {
                document: DocumentId::from_bytes([9; 16]),
                item: &[1; 32],
                author: None,
                device: None,
            },
            snapshot(None, &one[..], &two[..]),
            snapshot(None, &two[..], &one[..]),
            snapshot(Some("cost_entry"), &one[..], &two[..]),
            snapshot(None, &[], &one[..]),
            Claim::Actor { actor: ActorId::from_bytes([1; 16]), owner: None },
            Claim::Actor {
                actor: ActorId::from_bytes([1; 16]),
                owner: person.zip(Some(DeviceId::from_bytes([4; 16]))),
            },
        ];
        let mut messages: Vec<Vec<u8>> = claims.iter().map(|claim| claim.message(organisation)).collect();
        messages.push(claims[0].message(OrganisationId::from_bytes([9; 16])));
        let count = messages.len();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), count);
    }
}
