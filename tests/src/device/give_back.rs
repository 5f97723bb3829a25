//! What a server that lost its history lacks, as a device without a browser finds it out.

use std::collections::BTreeSet;

use shared_model::identity::DocumentId;
use shared_model::replica::{self, Comparison};
use shared_model::sync_protocol::{GivenActor, GivenBack, Receipt, Snapshot, StoreReport};

use super::memory::{Device, Person};

impl Device {
    /// Documents of which the server lacks nothing are owed no more.
    pub(super) fn compare(&mut self, documents: &[DocumentId], snapshots: &[Snapshot]) -> StoreReport {
        let lacking = self.lacking(documents, snapshots);
        let given: BTreeSet<DocumentId> = lacking.iter().map(|given| given.document).collect();
        let settled: Vec<DocumentId> = documents.iter().filter(|id| !given.contains(id)).copied().collect();
        let shown = |id| snapshots.iter().any(|snapshot| snapshot.document == id);
        let wanted = settled.iter().filter(|id| !shown(**id)).copied().collect();
        StoreReport { lacking, ..self.settle_given(&settled, wanted) }
    }

    pub(super) fn settle_given(&mut self, documents: &[DocumentId], wanted: Vec<DocumentId>) -> StoreReport {
        self.store.owed.retain(|id| !documents.contains(id));
        self.store.wanted.extend(&wanted);
        StoreReport { wanted, ..StoreReport::default() }
    }

    fn lacking(&mut self, documents: &[DocumentId], snapshots: &[Snapshot]) -> Vec<GivenBack> {
        let held = self.aggregates(documents.iter().copied());
        let store = &self.store;
        let Person { person, device } = self.whose;
        let own =
            |actor| GivenActor { actor, person: Some(person), device: Some(device), code: vec![].into() };
        let actor = |id| match store.actors.get(&id) {
            Some(known) => known.given_back(),
            None => store.own_actors.contains(&id).then(|| own(id)),
        };
        let lacking = held.values().filter_map(|held| {
            let about: Vec<Receipt> =
                store.receipts.iter().filter(|receipt| receipt.document() == held.id).cloned().collect();
            replica::lacking(&Comparison {
                held,
                server: snapshots.iter().find(|snapshot| snapshot.document == held.id),
                pending: &store.outbox,
                receipts: &about,
                actor: &actor,
            })
        });
        lacking.collect()
    }
}
