//! After a refusal: the session gathers every answer about the broken documents, fetches the server's state, and
//! has them rebuilt.

use std::collections::BTreeSet;

use super::DeviceSession;
use super::fetch::Purpose;
use super::storage::Storing;
use crate::identity::DocumentId;
use crate::sync_protocol::{DeviceEffect, Snapshot, StoreReport};

/// Documents whose local branch is dead.
#[derive(Debug)]
pub(super) struct Repair {
    pub(super) documents: BTreeSet<DocumentId>,
    stage: Stage,
    /// Those whose state from the server the driver has.
    taken: BTreeSet<DocumentId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Answers about the documents are still to come.
    Gathering,
    /// The server's state is on its way.
    Fetching,
    /// The driver rebuilds.
    Rebuilding,
}

impl DeviceSession {
    /// A command was refused (or was found refused in the store): its documents need repair.
    pub(super) fn note_refusals(&mut self) {
        let known = self.repair.iter().flat_map(|repair| &repair.documents).chain(&self.unsound);
        let documents = self.outbox.broken(known.copied().collect());
        if documents.is_empty() {
            return;
        }
        match &mut self.repair {
            None => self.repair = Some(Repair { documents, stage: Stage::Gathering, taken: BTreeSet::new() }),
            Some(repair) if repair.documents != documents => {
                repair.documents = documents;
                if repair.stage == Stage::Fetching {
                    repair.stage = Stage::Gathering;
                }
            }
            Some(_) => {}
        }
    }

    pub(super) fn repair_on(&mut self, out: &mut Vec<DeviceEffect>) {
        self.note_refusals();
        // A rebuild starts from what the server has: what it lost must be given back before.
        let compares = self.compares_whole_copy();
        let Some(repair) = &mut self.repair else { return };
        if compares || !repair.documents.is_disjoint(&self.owed.documents) {
            return;
        }
        if repair.stage != Stage::Gathering
            || self.fetch.is_some()
            || !self.outbox.is_quiet(&repair.documents)
        {
            return;
        }
        repair.stage = Stage::Fetching;
        let asked: Vec<DocumentId> = repair.documents.iter().copied().collect();
        self.fetch_documents(Purpose::Repair { snapshots: Vec::new() }, asked, out);
    }

    /// The server's state of `asked` is here.
    pub(super) fn repair_fetched(
        &mut self,
        asked: &BTreeSet<DocumentId>,
        snapshots: Vec<Snapshot>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let Some(repair) = &mut self.repair else { return };
        if repair.stage != Stage::Fetching || repair.documents != *asked {
            // More documents joined meanwhile: ask again for all of them.
            repair.stage = Stage::Gathering;
            return;
        }
        repair.stage = Stage::Rebuilding;
        repair.taken.clone_from(asked);
        let documents = asked.iter().copied().collect();
        let ticket = self.storage.begin(Storing::Rebuild);
        let set_aside = self.outbox.tried_enough();
        out.push(DeviceEffect::Rebuild { ticket, documents, snapshots, set_aside });
    }

    pub(super) fn rebuilt(&mut self, report: &StoreReport) {
        if report.widened.is_empty() {
            self.outbox.rebuilt(&report.removed, &report.added);
            if let Some(Repair { taken, .. }) = self.repair.take() {
                self.wanted.retain(|id| !taken.contains(id));
                self.unsound.retain(|id| !taken.contains(id));
            }
        } else if let Some(repair) = &mut self.repair {
            repair.documents.extend(report.widened.iter().copied());
            repair.stage = Stage::Gathering;
        }
    }

    /// The connection is gone, or the rebuild could not be stored. One that is being stored goes on.
    pub(super) fn repair_interrupted(&mut self) {
        let rebuilding = self.storage.rebuilds();
        if let Some(repair) = self.repair.as_mut().filter(|_| !rebuilding) {
            repair.stage = Stage::Gathering;
        }
    }
}
