//! The first change of every document: deterministic, so that two devices that create or receive the same
//! document agree on its containers byte for byte, and concurrent writes into them merge.
//!
//! The bytes are golden: a test compares them with what released versions wrote. New containers come as
//! schema steps ([`step`](super::step)), never by editing what was released.

use std::sync::OnceLock;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, AutomergeError, Change, ChangeHash, ObjId, ObjType, ROOT};

use crate::document::{DocumentKind, Field, Segment, Shape, TEXT_ENCODING};
use crate::identity::ActorId;

/// The author of genesis changes; no device is ever bound to it.
pub const GENESIS_ACTOR: ActorId = ActorId::from_bytes(*b"MaintainPro.gen0");

struct Genesis {
    document: Automerge,
    bytes: Vec<u8>,
    hash: ChangeHash,
}

/// A document of this kind that holds only its genesis.
pub fn document(kind: DocumentKind) -> Automerge {
    of(kind).document.clone()
}

/// The raw bytes of the genesis change.
pub fn bytes(kind: DocumentKind) -> &'static [u8] {
    &of(kind).bytes
}

/// The hash of the genesis change.
pub fn hash(kind: DocumentKind) -> ChangeHash {
    of(kind).hash
}

/// Is this, byte for byte, the genesis of `kind`?
pub fn is_genesis(kind: DocumentKind, change: &[u8]) -> bool {
    bytes(kind) == change
}

fn of(kind: DocumentKind) -> &'static Genesis {
    static CACHE: [OnceLock<Genesis>; DocumentKind::ALL.len()] =
        [const { OnceLock::new() }; DocumentKind::ALL.len()];
    CACHE[kind as usize].get_or_init(|| build(kind))
}

fn build(kind: DocumentKind) -> Genesis {
    let mut document = Automerge::new_with_encoding(TEXT_ENCODING);
    document.set_actor(GENESIS_ACTOR.to_automerge());
    let mut transaction = document.transaction();
    let outcome = transaction
        .put(ROOT, "kind", kind.code())
        .and_then(|()| put_containers(&mut transaction, kind.fields().containers(0)));
    debug_assert!(outcome.is_ok(), "genesis of {}: {outcome:?}", kind.code());
    transaction.commit_with(CommitOptions::default().with_time(0));
    let change: Option<Change> = document.get_last_local_change();
    let (bytes, hash) = change
        .map_or((Vec::new(), ChangeHash([0; 32])), |change| (change.raw_bytes().to_vec(), change.hash()));
    Genesis { document, bytes, hash }
}

/// Makes containers, each inside those that stand there.
pub(super) fn put_containers(
    transaction: &mut impl Transactable,
    containers: impl Iterator<Item = &'static Field>,
) -> Result<(), AutomergeError> {
    for field in containers {
        let Some((Segment::Key(last), parents)) = field.path.split_last() else { continue };
        let mut parent: ObjId = ROOT;
        for segment in parents {
            if let Segment::Key(key) = segment
                && let Some((_, id)) = transaction.get(&parent, *key)?
            {
                parent = id;
            }
        }
        let object = if matches!(field.shape, Shape::Text { .. }) { ObjType::Text } else { ObjType::Map };
        transaction.put_object(&parent, *last, object)?;
    }
    Ok(())
}
