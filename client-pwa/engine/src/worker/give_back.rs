//! A server that lost its history: what it lacks of documents on this device, and what is settled about it.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{META, meta, prefix_range};
use shared_model::identity::{ActorId, DocumentId};
use shared_model::replica::{self, Comparison};
use shared_model::sync_protocol::{
    Cursor, GivenActor, GivenBack, OutboxEntry, Receipt, Snapshot, StoreReport,
};
use shared_model::workspace::Aggregate;

use super::Worker;
use crate::local_store::values::{decode, encode};
use crate::local_store::{Batch, Durability};

impl Worker {
    /// Stores how new documents may be.
    pub(super) async fn store_seen(&mut self, at: Option<&Cursor>) -> Option<StoreReport> {
        let standing = self.standing.after_seen(at);
        let mut batch = Batch::default();
        batch.put(META, meta::STANDING.to_owned(), encode(&standing));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        self.standing = standing;
        Some(StoreReport::default())
    }

    /// Finds out what the server lacks. Documents of which it lacks nothing are owed no more.
    pub(super) async fn compare(
        &mut self,
        documents: &[DocumentId],
        snapshots: &[Snapshot],
    ) -> Option<StoreReport> {
        let held = self.held(&documents.iter().copied().collect()).await?;
        let receipts = self.receipts(&held).await?;
        let own = self.own_actors().await?;
        let lacking: Vec<GivenBack> = held
            .values()
            .filter_map(|held| {
                let about = receipts.get(&held.id).map_or(&[][..], Vec::as_slice);
                let shown = snapshots.iter().find(|snapshot| snapshot.document == held.id);
                self.lacking(held, shown, about, &own)
            })
            .collect();
        let given: BTreeSet<DocumentId> = lacking.iter().map(|given| given.document).collect();
        let settled: Vec<DocumentId> = documents.iter().filter(|id| !given.contains(id)).copied().collect();
        let shown: BTreeSet<DocumentId> = snapshots.iter().map(|snapshot| snapshot.document).collect();
        let wanted = settled.iter().filter(|id| !shown.contains(id)).copied().collect();
        let report = self.settle_given(&settled, wanted).await?;
        Some(StoreReport { lacking, ..report })
    }

    /// These documents are owed no more; some of them are asked for, because they may not be this person's.
    pub(super) async fn settle_given(
        &mut self,
        documents: &[DocumentId],
        wanted: Vec<DocumentId>,
    ) -> Option<StoreReport> {
        let owed: BTreeSet<DocumentId> =
            self.owed.iter().filter(|id| !documents.contains(id)).copied().collect();
        let all: BTreeSet<DocumentId> = self.wanted.iter().chain(&wanted).copied().collect();
        let mut batch = Batch::default();
        batch.put(META, meta::OWED.to_owned(), encode(&Vec::from_iter(owed.iter().copied())));
        batch.put(META, meta::WANTED.to_owned(), encode(&Vec::from_iter(all.iter().copied())));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        (self.owed, self.wanted) = (owed, all);
        Some(StoreReport { wanted, ..StoreReport::default() })
    }

    /// Documents leave this device, and what was vouched for about them with them: nothing of theirs stays.
    pub(super) async fn forget_receipts(
        &mut self,
        batch: &mut Batch,
        removed: &BTreeSet<DocumentId>,
    ) -> Option<()> {
        if removed.is_empty() {
            return Some(());
        }
        let range = prefix_range(meta::RECEIPTS);
        let keys = self.store.keys(META, &range).await;
        let keys = self.noted(keys).ok()?;
        let read = self.store.get_ranges(META, &[range]).await;
        let read = self.noted(read).ok()?;
        for (key, bytes) in keys.into_iter().zip(read.into_iter().flatten()) {
            let mut kept: Vec<Receipt> = decode(&bytes).unwrap_or_default();
            let count = kept.len();
            kept.retain(|receipt| !removed.contains(&receipt.document()));
            match kept.len() {
                0 => batch.delete(META, key),
                left if left < count => batch.put(META, key, encode(&kept)),
                _ => {}
            }
        }
        Some(())
    }

    fn lacking(
        &self,
        held: &Aggregate,
        server: Option<&Snapshot>,
        receipts: &[Receipt],
        own: &BTreeSet<ActorId>,
    ) -> Option<GivenBack> {
        let id = [held.id];
        let pending: Vec<OutboxEntry> =
            self.outbox.touching(&id).map(|stored| stored.entry.clone()).collect();
        let (person, device) = (Some(self.start.person), Some(self.start.device));
        // The directory hears of an actor only after its first change has arrived.
        let actor = |id| {
            let claimed = || GivenActor { actor: id, person, device, code: Vec::new().into() };
            self.people.given_actor(id).or_else(|| own.contains(&id).then(claimed))
        };
        replica::lacking(&Comparison { held, server, pending: &pending, receipts, actor: &actor })
    }

    /// What this device wrote under, as long as receipts are kept.
    async fn own_actors(&mut self) -> Option<BTreeSet<ActorId>> {
        let keys = self.store.keys(META, &prefix_range(meta::OWN_ACTORS)).await;
        let keys = self.noted(keys).ok()?;
        Some(keys.iter().filter_map(|key| meta::actor_of(key)).collect())
    }

    /// The receipts about these documents, oldest first.
    async fn receipts(
        &mut self,
        held: &BTreeMap<DocumentId, Aggregate>,
    ) -> Option<BTreeMap<DocumentId, Vec<Receipt>>> {
        let read = self.store.get_ranges(META, &[prefix_range(meta::RECEIPTS)]).await;
        let read = self.noted(read).ok()?;
        let mut receipts: BTreeMap<DocumentId, Vec<Receipt>> = BTreeMap::new();
        for bytes in read.iter().flatten() {
            let kept: Vec<Receipt> = decode(bytes).unwrap_or_default();
            for receipt in kept.into_iter().filter(|receipt| held.contains_key(&receipt.document())) {
                receipts.entry(receipt.document()).or_default().push(receipt);
            }
        }
        Some(receipts)
    }
}
