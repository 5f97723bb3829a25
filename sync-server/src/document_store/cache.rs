//! A bounded cache of live documents; the longest unused go first.

use std::collections::HashMap;

use shared_model::identity::{DocumentId, OrganisationId};

use super::Stored;

type Key = (OrganisationId, DocumentId);

pub(super) struct Cache {
    capacity: usize,
    tick: u64,
    entries: HashMap<Key, (u64, Stored)>,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, tick: 0, entries: HashMap::new() }
    }

    pub(super) fn take(&mut self, organisation: OrganisationId, document: DocumentId) -> Option<Stored> {
        self.entries.remove(&(organisation, document)).map(|(_, stored)| stored)
    }

    pub(super) fn put(&mut self, organisation: OrganisationId, stored: Stored) {
        self.tick += 1;
        self.entries.insert((organisation, stored.aggregate.id), (self.tick, stored));
        if self.entries.len() > self.capacity {
            self.drop_oldest();
        }
    }

    /// Drops a tenth at once, so that the search for the oldest is paid for by many additions.
    fn drop_oldest(&mut self) {
        let mut ticks: Vec<u64> = self.entries.values().map(|(tick, _)| *tick).collect();
        let keep_from = self.capacity / 10;
        let (_, oldest_kept, _) = ticks.select_nth_unstable(keep_from);
        let oldest_kept = *oldest_kept;
        self.entries.retain(|_, (tick, _)| *tick >= oldest_kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document_store::StoredState;
    use shared_model::document::DocumentKind;
    use shared_model::workspace::Aggregate;

    fn stored(n: u8) -> Stored {
        let aggregate = Aggregate::new(DocumentId::from_bytes([n; 16]), DocumentKind::Part);
        Stored { aggregate, state: StoredState::default() }
    }

    #[test]
    fn the_longest_unused_go_first() {
        let organisation = OrganisationId::from_bytes([0; 16]);
        let mut cache = Cache::new(10);
        for n in 0..11 {
            cache.put(organisation, stored(n));
        }
        assert!(cache.entries.len() <= 10);
        assert!(cache.take(organisation, DocumentId::from_bytes([0; 16])).is_none());
        assert!(cache.take(organisation, DocumentId::from_bytes([10; 16])).is_some());
        assert!(cache.take(organisation, DocumentId::from_bytes([10; 16])).is_none(), "taken is gone");
    }
}
