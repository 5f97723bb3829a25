//! What the server says.

use super::DeviceSession;
use super::line::{LoadRun, State};
use super::packs::PackRun;
use super::storage::{Storage, Storing};
use crate::identity::{CommandId, DocumentId};
use crate::sync_protocol::{
    CommandResult, Cursor, DeviceEffect, DeviceFrame, Fate, FeedItem, LoadProgress, PackProgress, Plan,
    ServerFrame, Snapshot,
};

/// Pages that may have arrived without being stored.
const PAGES_AHEAD: usize = 2;

impl DeviceSession {
    pub(super) fn received(&mut self, connection: u64, frame: &[u8], out: &mut Vec<DeviceEffect>) {
        if self.line.connection() != Some(connection) {
            return;
        }
        // Bytes that are no frame come from something that is not our server.
        let Ok(frame) = ServerFrame::decode(frame) else { return self.hang_up(0, out) };
        self.line.heard(self.clock.now(), self.clock.wall_now());
        match frame {
            ServerFrame::Welcome { head, plan, rights, documents, schema, checks, .. } => {
                self.welcome(&head, plan, rights.to_vec(), documents, out);
                self.note_schema(schema, out);
                self.check_opened(checks, self.backoff.random);
            }
            ServerFrame::Goodbye { retry_after_ms: Some(after), .. } => self.hang_up(after, out),
            ServerFrame::Goodbye { retry_after_ms: None, .. } => self.hang_up_until_signed_in(out),
            ServerFrame::Pong { sent, directory, .. } => self.pong(sent, directory, out),
            _ if !self.line.is_open() => self.hang_up(0, out),
            ServerFrame::Snapshots { at, items, through, asked } if asked.is_empty() => {
                self.page(&at, through, items, out);
            }
            ServerFrame::Snapshots { at, items, asked, .. } => {
                self.note_seen(&at, out);
                self.fetched(asked, items, out);
            }
            ServerFrame::Feed { from, to, items, at } => {
                at.iter().for_each(|at| self.note_seen(at, out));
                self.feed(from, to, items, out);
            }
            ServerFrame::PushResults { results } => self.results(results, out),
            ServerFrame::TakenBack { results, at } => {
                at.iter().for_each(|at| self.note_seen(at, out));
                self.taken_back(results, out);
            }
            ServerFrame::Checkpoint { at, differing } => self.checkpoint(&at, differing, out),
            ServerFrame::Directory { version, changes, grants } => {
                let ticket = self.storage.begin(Storing::Directory { version });
                let (changes, grants) = (changes.to_vec(), grants.to_vec());
                out.push(DeviceEffect::StoreDirectory { ticket, version, changes, grants });
            }
        }
    }

    /// Frames of one connection keep their order: what was sent before the answer must be here.
    fn pong(&mut self, sent: Option<u64>, directory: u64, out: &mut Vec<DeviceEffect>) {
        let directory_missed =
            directory > self.standing.directory_version && !self.storage.directory_follows();
        let Some(open) = self.line.open() else { return };
        let feed_missed = open.load.is_none() && sent.is_none_or(|sent| sent > open.received);
        if feed_missed || directory_missed {
            self.hang_up(0, out);
        }
    }

    fn welcome(
        &mut self,
        head: &Cursor,
        plan: Plan,
        rights: Vec<u8>,
        documents: u64,
        out: &mut Vec<DeviceEffect>,
    ) {
        if !matches!(self.line.state, State::Greeting { .. }) {
            return self.hang_up(0, out);
        }
        match (plan, &self.standing) {
            (Plan::Delta, standing) if standing.load.is_none() => {
                let seq = standing.cursor.as_ref().map_or(0, |cursor| cursor.seq);
                self.welcomed(None, seq);
            }
            (Plan::Delta, _) => self.hang_up(0, out),
            (Plan::Packs | Plan::Snapshots | Plan::Diverged, standing) => {
                let stale = std::mem::take(&mut self.packs.stale);
                let resumed = standing.load.clone().filter(|load| {
                    let goes_on = match plan {
                        Plan::Packs => load.packs.is_some(),
                        Plan::Snapshots => load.packs.is_none(),
                        Plan::Diverged | Plan::Delta => false,
                    };
                    goes_on && !stale && load.rights == rights && load.from.epoch == head.epoch
                });
                let by_packs = plan == Plan::Packs;
                // A comparison that was interrupted is not a first load: what it has not seen may be lost here.
                let compares =
                    plan == Plan::Diverged || standing.load.as_ref().is_some_and(|load| !load.sweep);
                let next = resumed.unwrap_or_else(|| LoadProgress {
                    from: head.clone(),
                    rights,
                    after: None,
                    sweep: !compares,
                    loaded: 0,
                    documents,
                    packs: by_packs.then(PackProgress::default),
                    from_nothing: standing.cursor.is_none() && standing.load.is_none(),
                });
                let after = next.after;
                let packs = by_packs.then(PackRun::default);
                let asked_at = Some(self.clock.now()).filter(|_| !by_packs);
                self.welcomed(Some(LoadRun { next, asked_at, packs, complete: false }), 0);
                if !by_packs {
                    self.ask_for_page(after, out);
                }
            }
        }
    }

    fn note_schema(&mut self, schema: u8, out: &mut Vec<DeviceEffect>) {
        if self.line.is_open() && schema != self.standing.schema {
            let ticket = self.storage.begin(Storing::Schema { schema });
            out.push(DeviceEffect::StoreSchema { ticket, schema });
        }
    }

    /// What is stored next may be as new as `at`: should the server lose what is between the cursor and there, the cursor
    /// alone would not show it.
    pub(super) fn note_seen(&mut self, at: &Cursor, out: &mut Vec<DeviceEffect>) {
        let Some(open) = self.line.open() else { return };
        let begun = open.load.as_ref().map(|run| &run.next.from).or(self.standing.cursor.as_ref());
        // What stands on record of a history that is gone counts for nothing once its successor is being stored.
        let on_record = self.storage.seen().unwrap_or(self.standing.seen.as_ref());
        if Some(at.seq) > begun.into_iter().chain(on_record).map(|known| known.seq).max() {
            self.store_seen(Some(at.clone()), out);
        }
    }

    fn store_seen(&mut self, at: Option<Cursor>, out: &mut Vec<DeviceEffect>) {
        let ticket = self.storage.begin(Storing::Seen { at: at.clone() });
        out.push(DeviceEffect::StoreSeen { ticket, at });
    }

    fn page(
        &mut self,
        at: &Cursor,
        through: Option<DocumentId>,
        items: Vec<Snapshot>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let Some(run) = self.line.open().and_then(|open| open.load.as_mut()) else {
            return self.hang_up(0, out);
        };
        if run.asked_at.is_none() || (through.is_some() && through <= run.next.after) {
            return self.hang_up(0, out);
        }
        run.asked_at = None;
        run.complete = through.is_none();
        let load = run.next.clone();
        run.next.after = through;
        run.next.loaded += u64::try_from(items.len()).unwrap_or(0);
        let count = items.len();
        self.store_part(load, Some(at), out, |storage, load| {
            let ticket = storage.begin(Storing::Page { load: load.clone(), through, count });
            DeviceEffect::StorePage { ticket, load, through, items }
        });
        self.next_page(out);
    }

    /// Stores a part of a load that may be as new as `at`. What was seen of a history that is gone stays on record until
    /// the comparison is.
    pub(super) fn store_part(
        &mut self,
        load: LoadProgress,
        at: Option<&Cursor>,
        out: &mut Vec<DeviceEffect>,
        store: impl FnOnce(&mut Storage, LoadProgress) -> DeviceEffect,
    ) {
        if load.sweep || !load.is_beginning() {
            at.iter().for_each(|at| self.note_seen(at, out));
            return out.push(store(&mut self.storage, load));
        }
        let seen = at.filter(|at| at.seq > load.from.seq).cloned();
        out.push(store(&mut self.storage, load));
        self.store_seen(seen, out);
    }

    fn next_page(&mut self, out: &mut Vec<DeviceEffect>) {
        let (ahead, now) = (self.storage.pages(), self.clock.now());
        let Some(run) = self.line.open().and_then(|open| open.load.as_mut()) else { return };
        if run.packs.is_none() && run.asked_at.is_none() && !run.complete && ahead < PAGES_AHEAD {
            run.asked_at = Some(now);
            let after = run.next.after;
            self.ask_for_page(after, out);
        }
    }

    /// A page or a pack is stored: the next one, or the feed from where the load began.
    pub(super) fn page_stored(&mut self, out: &mut Vec<DeviceEffect>) {
        self.next_page(out);
        let stored = self.standing.load.is_none().then(|| self.standing.cursor.clone()).flatten();
        let (Some(cursor), Some(open)) = (stored, self.line.open()) else { return };
        if open.load.take_if(|run| run.complete).is_some() {
            open.received = cursor.seq;
            self.send(&DeviceFrame::Follow { cursor }, out);
            self.settle_fed(out);
        }
    }

    fn feed(&mut self, from: u64, to: Cursor, mut items: Vec<FeedItem>, out: &mut Vec<DeviceEffect>) {
        let epoch = self.standing.cursor.as_ref().map(|cursor| &cursor.epoch);
        let same_history = epoch == Some(&to.epoch);
        let Some(open) = self.line.open() else { return };
        if open.load.is_some() || !same_history || from > open.received || to.seq < from {
            // A gap, or another history: begin again from what is stored.
            return self.hang_up(0, out);
        }
        if to.seq <= open.received {
            return;
        }
        let from = std::mem::replace(&mut open.received, to.seq);
        items.retain(|item| item.seq > from);
        self.check.touch_items(&items);
        let ticket = self.storage.begin(Storing::Feed { to: to.clone() });
        out.push(DeviceEffect::StoreFeed { ticket, from, to, items });
    }

    fn results(&mut self, results: Vec<(CommandId, CommandResult)>, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        let mut fates = Vec::new();
        for (id, result) in results {
            if let Some(fate) = self.outbox.answered(now, id, result) {
                fates.push((id, fate));
            }
        }
        self.settle(fates, out);
        self.settle_fed(out);
    }

    fn settle(&mut self, fates: Vec<(CommandId, Fate)>, out: &mut Vec<DeviceEffect>) {
        if !fates.is_empty() {
            let commands = fates.iter().map(|(id, _)| *id).collect();
            let ticket = self.storage.begin(Storing::Settled { commands });
            out.push(DeviceEffect::Settle { ticket, fates });
        }
    }

    /// Commands that the stored feed holds leave the outbox. During a load nobody knows what it will hold.
    pub(super) fn settle_fed(&mut self, out: &mut Vec<DeviceEffect>) {
        let follows = self.line.open().is_some_and(|open| open.load.is_none());
        let Some(cursor) = self.standing.cursor.as_ref().filter(|_| follows) else { return };
        let fed = self.outbox.fed(cursor.seq);
        self.settle(fed.into_iter().map(|id| (id, Fate::Accepted)).collect(), out);
    }
}
