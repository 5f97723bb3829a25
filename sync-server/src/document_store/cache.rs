//! A bounded cache of live documents; the longest unused go first.

use std::collections::HashMap;

use shared_model::identity::{DocumentId, OrganisationId};

use super::Stored;

type Key = (OrganisationId, DocumentId);

pub(super) struct Cache {
    capacity_bytes: usize,
    held_bytes: usize,
    tick: u64,
    entries: HashMap<Key, Entry>,
}

struct Entry {
    used: u64,
    bytes: usize,
    stored: Stored,
}

impl Cache {
    pub(super) fn new(capacity_bytes: usize) -> Self {
        Self { capacity_bytes, held_bytes: 0, tick: 0, entries: HashMap::new() }
    }

    pub(super) fn take(&mut self, organisation: OrganisationId, document: DocumentId) -> Option<Stored> {
        let entry = self.entries.remove(&(organisation, document))?;
        self.held_bytes -= entry.bytes;
        Some(entry.stored)
    }

    pub(super) fn put(&mut self, organisation: OrganisationId, stored: Stored) {
        self.tick += 1;
        let bytes = stored.estimated_bytes();
        let key = (organisation, stored.aggregate.id);
        let replaced = self.entries.insert(key, Entry { used: self.tick, bytes, stored });
        self.held_bytes += bytes;
        self.held_bytes -= replaced.map_or(0, |entry| entry.bytes);
        if self.held_bytes > self.capacity_bytes {
            self.drop_oldest();
        }
    }

    /// Drops a tenth at once, so that the search for the oldest is paid for by many additions.
    fn drop_oldest(&mut self) {
        let mut by_use: Vec<(u64, Key)> =
            self.entries.iter().map(|(key, entry)| (entry.used, *key)).collect();
        by_use.sort_unstable();
        let target = self.capacity_bytes / 10 * 9;
        for (_, (organisation, document)) in by_use {
            if self.held_bytes <= target {
                break;
            }
            self.take(organisation, document);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document_store::StoredState;
    use crate::projection::Written;
    use shared_model::document::DocumentKind;
    use shared_model::workspace::Aggregate;

    const ORGANISATION: OrganisationId = OrganisationId::from_bytes([0; 16]);

    fn stored(n: u8) -> Stored {
        let aggregate = Aggregate::new(document(n), DocumentKind::Part);
        Stored { aggregate, state: StoredState::default(), written: Written::default() }
    }

    fn document(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    #[test]
    fn the_longest_unused_go_first() {
        let one = stored(0).estimated_bytes();
        let mut cache = Cache::new(10 * one);
        for n in 0..11 {
            cache.put(ORGANISATION, stored(n));
        }
        assert!(cache.held_bytes <= 9 * one);
        assert_eq!(cache.held_bytes, cache.entries.len() * one);
        assert!(cache.take(ORGANISATION, document(0)).is_none());
        assert!(cache.take(ORGANISATION, document(10)).is_some());
        assert!(cache.take(ORGANISATION, document(10)).is_none(), "taken is gone");
    }

    #[test]
    fn what_is_put_twice_or_taken_is_counted_once() {
        let one = stored(0).estimated_bytes();
        let mut cache = Cache::new(10 * one);
        cache.put(ORGANISATION, stored(1));
        cache.put(ORGANISATION, stored(1));
        assert_eq!(cache.held_bytes, one);
        cache.take(ORGANISATION, document(1));
        assert_eq!(cache.held_bytes, 0);
    }

    #[test]
    fn one_document_larger_than_everything_is_not_kept() {
        let mut cache = Cache::new(1);
        cache.put(ORGANISATION, stored(1));
        assert!(cache.entries.is_empty());
    }
}
