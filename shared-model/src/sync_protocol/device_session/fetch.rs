//! Whole documents that are asked for: one request at a time.

use std::collections::BTreeSet;

use super::DeviceSession;
use super::clock::Instant;
use super::storage::Storing;
use crate::identity::DocumentId;
use crate::sync_protocol::{DeviceEffect, DeviceFrame, Snapshot};

/// Most documents of one request.
const MAX_ASKED: usize = 100;

/// A request under way.
#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) since: Instant,
    purpose: Purpose,
    asked: BTreeSet<DocumentId>,
    unanswered: BTreeSet<DocumentId>,
}

/// What the documents are for.
#[derive(Debug)]
pub(super) enum Purpose {
    /// They are stored as they come.
    Store,
    /// They are gathered for a rebuild.
    Repair { snapshots: Vec<Snapshot> },
    /// They are gathered to see what the server lacks.
    Compare { snapshots: Vec<Snapshot> },
}

impl DeviceSession {
    pub(super) fn fetch_documents(
        &mut self,
        purpose: Purpose,
        asked: Vec<DocumentId>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let names: BTreeSet<DocumentId> = asked.iter().copied().collect();
        self.fetch =
            Some(Fetch { since: self.clock.now(), purpose, unanswered: names.clone(), asked: names });
        self.send(&DeviceFrame::FetchDocuments { documents: asked }, out);
    }

    /// Asks for wanted documents of which nothing waits in the outbox (what waits may still be refused) and nothing is to
    /// be given back (what comes may take the place of what is here). As long as the whole copy is compared nobody knows
    /// what that is: a document that does not come may be lost to the server, and only here.
    pub(super) fn fetch_wanted(&mut self, out: &mut Vec<DeviceEffect>) {
        if self.compares_whole_copy() {
            return;
        }
        if self.fetch.is_some() || self.wanted_after > self.clock.now() || !self.storage.is_idle_or_loads() {
            return;
        }
        let is_free = |id: &DocumentId| !self.outbox.touches(*id) && !self.owed.documents.contains(id);
        let free = self.wanted.iter().copied().filter(is_free);
        let asked: Vec<DocumentId> = free.take(MAX_ASKED).collect();
        if !asked.is_empty() {
            self.fetch_documents(Purpose::Store, asked, out);
        }
    }

    pub(super) fn fetched(
        &mut self,
        asked: Vec<DocumentId>,
        items: Vec<Snapshot>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let Some(fetch) = &mut self.fetch else { return };
        fetch.unanswered.retain(|id| !asked.contains(id));
        let complete = fetch.unanswered.is_empty();
        match &mut fetch.purpose {
            Purpose::Store => {
                let ticket = self.storage.begin(Storing::Fetched { asked: asked.clone() });
                out.push(DeviceEffect::StoreFetched { ticket, asked, items });
            }
            Purpose::Repair { snapshots } | Purpose::Compare { snapshots } => snapshots.extend(items),
        }
        if !complete {
            return;
        }
        let Some(Fetch { purpose, asked, .. }) = self.fetch.take() else { return };
        match purpose {
            Purpose::Store => {}
            Purpose::Repair { snapshots } => self.repair_fetched(&asked, snapshots, out),
            Purpose::Compare { snapshots } => self.compare(&asked, snapshots, out),
        }
    }
}
