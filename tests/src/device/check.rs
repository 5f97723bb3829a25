//! Is the copy the server's? As a device without a browser finds it out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use shared_model::identity::DocumentId;
use shared_model::record::Record;
use shared_model::replica;
use shared_model::sync_protocol::{Manifest, RangeMark, StoreReport};
use shared_model::workspace::Aggregate;

use super::memory::Device;

/// Documents of a range: few, so that small copies have several.
const RANGE_DOCUMENTS: usize = 8;

impl Device {
    pub(super) fn mark_copy(&self, after: Option<DocumentId>) -> StoreReport {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let documents: Vec<_> =
            self.store.documents.range((from, Bound::Unbounded)).take(RANGE_DOCUMENTS).collect();
        let through = documents.last().filter(|_| documents.len() == RANGE_DOCUMENTS).map(|(last, _)| **last);
        let marks = documents.iter().map(|(id, copy)| {
            let records = copy.records.iter().map(|bytes| Record::decode(bytes).unwrap().id);
            replica::mark_saved(**id, &copy.bytes, records)
        });
        let marked = Some(RangeMark::of(through, marks));
        let to = through.map_or(Bound::Unbounded, Bound::Included);
        let listed = self.store.rows.range((from, to)).map(|(id, _)| *id);
        let wanted = listed.filter(|id| !self.store.documents.contains_key(id)).collect();
        StoreReport { marked, wanted, ..StoreReport::default() }
    }

    pub(super) fn judge_copy(&mut self, manifests: &[Manifest], except: &[DocumentId]) -> StoreReport {
        let ranges = manifests.iter().flat_map(|manifest| {
            let from = manifest.after.map_or(Bound::Unbounded, Bound::Excluded);
            let to = manifest.through.map_or(Bound::Unbounded, Bound::Included);
            self.store.documents.range((from, to))
        });
        let stored: Vec<_> = ranges.collect();
        let present: BTreeSet<DocumentId> = stored.iter().map(|(id, _)| **id).collect();
        let readable: BTreeMap<DocumentId, Aggregate> =
            stored.iter().filter_map(|(id, copy)| Some((**id, copy.readable(**id)?))).collect();
        let differing = replica::differing(manifests, &present, &readable, except);
        for id in &differing {
            self.live.remove(id);
        }
        self.store.owed.extend(&differing);
        StoreReport { owed: differing.into_iter().collect(), ..StoreReport::default() }
    }
}
