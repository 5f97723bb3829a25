//! Commands that the journal has and the outbox has lost, because the browser cleared the database or damaged it.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{META, meta};
use shared_model::document::DocumentKind;
use shared_model::features;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::record::Record;
use shared_model::replica;
use shared_model::sync_protocol::{FeedBody, FeedItem, PushedItem};
use shared_model::workspace::Aggregate;

use crate::documents::{self, records_of};
use crate::local_store::values::StoredEntry;
use crate::local_store::{Batch, Durability, LocalStore, StoreError};
use crate::outbox::{self, Outbox};
use crate::row_pages::{RowChanges, RowPages};

/// Puts the outbox together again with what the journal has; true when something had been lost. Documents that are
/// wholly in the outbox, or still on the device, show the work again; the others come with the next load, and the
/// commands reach the server either way.
pub async fn recover(
    store: &LocalStore,
    outbox: &mut Outbox,
    journal: Vec<StoredEntry>,
    own: ActorId,
) -> Result<bool, StoreError> {
    let lost: Vec<StoredEntry> =
        journal.iter().filter(|each| !outbox.holds(each.entry.id())).cloned().collect();
    let Some(entries) = outbox.completed(journal) else { return Ok(false) };
    let mut batch = Batch::default();
    outbox.numbers().for_each(|number| outbox::delete_entry(&mut batch, number));
    for (number, stored) in &entries {
        outbox::put_entry(&mut batch, *number, stored);
    }
    lost.iter().for_each(|each| batch.put(META, meta::command(each.entry.id()), Vec::new()));
    put_documents(store, &mut batch, &lost, own).await?;
    store.commit(&batch, Durability::Strict).await?;
    outbox.renumber(entries);
    Ok(true)
}

/// Writes the documents that these commands show again, with their rows.
async fn put_documents(
    store: &LocalStore,
    batch: &mut Batch,
    lost: &[StoredEntry],
    own: ActorId,
) -> Result<(), StoreError> {
    let ids: BTreeSet<DocumentId> = lost.iter().flat_map(|stored| stored.entry.documents.clone()).collect();
    let ids: Vec<DocumentId> = ids.into_iter().collect();
    let held = documents::read(store, &ids).await?.into_iter();
    let mut held: BTreeMap<DocumentId, Aggregate> = held.map(|aggregate| (aggregate.id, aggregate)).collect();
    let kinds = held.iter().map(|(id, aggregate)| (*id, aggregate.document.kind())).collect();
    let mut items = items_by_document(lost, kinds);
    let before = records_of(&held);
    let mut changes = RowChanges::default();
    for id in ids {
        let outcome = replica::apply(held.remove(&id), &items.remove(&id).unwrap_or_default(), own);
        if let Some(aggregate) = outcome.aggregate.filter(|_| outcome.changed) {
            documents::put(batch, &aggregate, None, &before);
            changes.changed.insert(id, features::row(&aggregate));
        }
    }
    let mut pages = RowPages::default();
    pages.load(store, &changes).await?;
    pages.write(batch, &changes);
    Ok(())
}

/// What the commands did, as it would come from the server. A record says nothing about the kind of its document,
/// which then has to be on the device or begun by these commands.
fn items_by_document(
    lost: &[StoredEntry],
    mut kinds: Vec<(DocumentId, DocumentKind)>,
) -> BTreeMap<DocumentId, Vec<FeedItem>> {
    let mut items: BTreeMap<DocumentId, Vec<FeedItem>> = BTreeMap::new();
    for item in lost.iter().flat_map(|stored| &stored.entry.command.items) {
        let (document, body) = match item {
            PushedItem::Change { document, kind, bytes } => {
                kinds.push((*document, *kind));
                (*document, FeedBody::Change { bytes: bytes.clone() })
            }
            PushedItem::Record { bytes } => match Record::decode(bytes) {
                Ok(record) => (record.document, FeedBody::Record { bytes: bytes.clone() }),
                Err(_) => continue,
            },
        };
        let Some((_, kind)) = kinds.iter().copied().find(|(id, _)| *id == document) else { continue };
        let received_at = Timestamp::from_millis(0);
        items.entry(document).or_default().push(FeedItem {
            seq: 0,
            document,
            kind,
            received_at,
            author: None,
            body,
            receipt: None,
            device: None,
        });
    }
    items
}

#[cfg(test)]
mod tests {
    use shared_model::identity::{CommandId, RecordId};
    use shared_model::sync_protocol::{OutboxEntry, PushedCommand};

    use super::*;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    fn change(n: u8) -> PushedItem {
        PushedItem::Change { document: id(n), kind: DocumentKind::WorkOrder, bytes: vec![n].into() }
    }

    fn record(n: u8) -> PushedItem {
        let record = Record {
            id: RecordId::from_bytes([n; 16]),
            kind: "comment".to_owned(),
            document: id(n),
            author: None,
            actor: ActorId::from_bytes([9; 16]),
            seq: 1,
            at: Timestamp::from_millis(7),
            payload: Vec::new(),
        };
        PushedItem::Record { bytes: record.encode().into() }
    }

    #[test]
    fn items_go_to_their_documents_in_order_and_need_their_kind() {
        let items =
            vec![change(1), record(1), record(2), record(3), PushedItem::Record { bytes: vec![0].into() }];
        let command = PushedCommand { id: CommandId::from_bytes([1; 16]), intent: Vec::new().into(), items };
        let entry = OutboxEntry::new(command, vec![id(1), id(2), id(3)]);
        let lost = [StoredEntry { entry, at: Timestamp::from_millis(1) }];
        let kinds = vec![(id(2), DocumentKind::Part)];
        let sorted = items_by_document(&lost, kinds);
        let shape: Vec<_> = sorted.iter().map(|(id, items)| (*id, items.len(), items[0].kind)).collect();
        assert_eq!(shape, [(id(1), 2, DocumentKind::WorkOrder), (id(2), 1, DocumentKind::Part)]);
        assert!(matches!(sorted[&id(1)][0].body, FeedBody::Change { .. }));
    }
}
