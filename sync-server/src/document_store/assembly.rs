//! Documents put together from what the database keeps of them: off the async threads, and many of them on all
//! processors.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

use anyhow::Context;
use automerge::Change;
use shared_model::document::{Document, DocumentKind, genesis};
use shared_model::identity::DocumentId;
use shared_model::record::Record;
use shared_model::workspace::Aggregate;
use tokio::task::spawn_blocking;

use super::{DocumentState, Stored};
use crate::projection::Written;

/// Fewer documents than this are put together before another processor has begun.
const WORTH_A_PROCESSOR: usize = 8;

/// What the database keeps of a document.
pub(super) struct Parts {
    pub(super) state: DocumentState,
    pub(super) snapshot: Option<Vec<u8>>,
    /// In feed order.
    pub(super) items: Vec<StoredItem>,
}

/// Puts documents together, in order.
pub(super) async fn assemble_all(mut parts: Vec<Parts>) -> anyhow::Result<Vec<Stored>> {
    let count = parts.len();
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = count.div_ceil(processors).max(WORTH_A_PROCESSOR);
    let mut shares = Vec::new();
    while !parts.is_empty() {
        let rest = parts.split_off(share.min(parts.len()));
        let share = std::mem::replace(&mut parts, rest);
        let assemble = move || share.into_iter().map(stored).collect::<anyhow::Result<Vec<_>>>();
        shares.push(spawn_blocking(assemble));
    }
    let mut assembled = Vec::with_capacity(count);
    for share in shares {
        assembled.extend(share.await??);
    }
    Ok(assembled)
}

fn stored(Parts { state, snapshot, items }: Parts) -> anyhow::Result<Stored> {
    let aggregate = assemble(state.id, state.kind, snapshot.as_deref(), &items)
        .with_context(|| format!("feed rows of document {}", state.id))?;
    Ok(Stored { aggregate, state: state.stored, written: Written::default() })
}

/// A change or a record, as the feed keeps it.
#[derive(Clone, Debug)]
pub enum StoredItem {
    /// Raw bytes of a change.
    Change(Vec<u8>),
    /// Encoded record.
    Record(Vec<u8>),
}

/// Builds a document from its snapshot (or its genesis) and items in feed order.
pub fn assemble(
    id: DocumentId,
    kind: DocumentKind,
    snapshot: Option<&[u8]>,
    items: &[StoredItem],
) -> anyhow::Result<Aggregate> {
    let mut document = match snapshot {
        Some(bytes) => Document::load(kind, bytes)?,
        None => Document::new(kind),
    };
    let mut changes = Vec::new();
    let mut records = BTreeMap::new();
    for item in items {
        match item {
            StoredItem::Change(bytes) => changes.push(Change::from_bytes(bytes.clone())?),
            StoredItem::Record(bytes) => {
                let record = Record::decode(bytes)?;
                records.insert(record.id, record);
            }
        }
    }
    document.apply(changes)?;
    Ok(Aggregate { id, document, records })
}

/// Saved bytes of a document: a snapshot with the changes after it appended, which Automerge loads in one go
/// and costs no merge here.
pub fn concatenate(kind: DocumentKind, snapshot: Option<&[u8]>, changes: &[&[u8]]) -> Vec<u8> {
    let first = snapshot.unwrap_or_else(|| genesis::bytes(kind));
    let mut bytes = first.to_vec();
    for change in changes {
        bytes.extend_from_slice(change);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_model::identity::ActorId;
    use shared_model::instant::Timestamp;
    use shared_model::workspace::Refusal;

    #[test]
    fn appended_changes_load_like_a_snapshot() {
        let mut document = Document::new(DocumentKind::Part);
        let actor = ActorId::from_bytes([7; 16]);
        let mut changes = Vec::new();
        for name in ["Bearing", "Bearing 6204"] {
            let (_, made) = document
                .edit(actor, Timestamp::from_millis(1_000), |edit| {
                    Ok::<_, Refusal>(edit.put_str(&["name"], Some(name))?)
                })
                .unwrap();
            changes.extend(made);
        }
        let parts: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
        let loaded =
            Document::load(DocumentKind::Part, &concatenate(DocumentKind::Part, None, &parts)).unwrap();
        assert_eq!(loaded.heads(), document.heads());
        let first =
            Document::load(DocumentKind::Part, &concatenate(DocumentKind::Part, None, &parts[..1])).unwrap();
        let bytes = concatenate(DocumentKind::Part, Some(&first.save()), &parts[1..]);
        assert_eq!(Document::load(DocumentKind::Part, &bytes).unwrap().heads(), document.heads());
    }
}
