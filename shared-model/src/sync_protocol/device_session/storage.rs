//! Storing transactions under way, and what follows when they complete.

use std::collections::{BTreeSet, VecDeque};

use super::DeviceSession;
use crate::identity::{CommandId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{Cursor, DeviceEffect, DeviceFrame, LoadProgress, StoreReport};

/// How long a document that came incomplete is left alone.
const WANTED_AGAIN_MS: i64 = 5_000;

/// How often it is asked for before it is replaced.
const MAX_UNMERGED: u8 = 3;

/// What a transaction stores.
#[derive(Debug)]
pub(super) enum Storing {
    Feed { to: Cursor },
    Page { load: LoadProgress, through: Option<DocumentId>, count: usize },
    Pack { load: LoadProgress, next: Option<String>, count: usize },
    Fetched { asked: Vec<DocumentId> },
    Directory { version: u64 },
    Schema { schema: u8 },
    Seen { at: Option<Cursor> },
    Settled { commands: Vec<CommandId> },
    Held { commands: Vec<CommandId> },
    Rebuild,
    Compared { asked: Vec<DocumentId>, unseen: BTreeSet<DocumentId> },
    Given { documents: Vec<DocumentId> },
    Marked,
    Judged,
    Checked { at: Timestamp },
}

/// Transactions the driver has not answered for, in order.
#[derive(Debug, Default)]
pub(super) struct Storage {
    last_ticket: u64,
    under_way: VecDeque<(u64, Storing)>,
}

impl Storage {
    pub(super) fn begin(&mut self, storing: Storing) -> u64 {
        self.last_ticket += 1;
        self.under_way.push_back((self.last_ticket, storing));
        self.last_ticket
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn pages(&self) -> usize {
        let is_page = |storing: &Storing| matches!(storing, Storing::Page { .. } | Storing::Pack { .. });
        self.under_way.iter().filter(|(_, storing)| is_page(storing)).count()
    }

    /// Nothing is being stored but parts of a load.
    pub(super) fn is_idle_or_loads(&self) -> bool {
        self.under_way.len() == self.pages()
    }

    fn feed_follows(&self) -> bool {
        self.under_way.iter().any(|(_, storing)| matches!(storing, Storing::Feed { .. }))
    }

    pub(super) fn directory_follows(&self) -> bool {
        self.under_way.iter().any(|(_, storing)| matches!(storing, Storing::Directory { .. }))
    }

    pub(super) fn rebuilds(&self) -> bool {
        self.under_way.iter().any(|(_, storing)| matches!(storing, Storing::Rebuild))
    }

    /// How new documents may be, as will be on record once everything is stored; `None`: as it is now.
    pub(super) fn seen(&self) -> Option<Option<&Cursor>> {
        self.under_way.iter().rev().find_map(|(_, storing)| match storing {
            Storing::Seen { at } => Some(at.as_ref()),
            _ => None,
        })
    }

    fn end(&mut self, ticket: u64) -> Option<Storing> {
        let place = self.under_way.iter().position(|(other, _)| *other == ticket)?;
        self.under_way.remove(place).map(|(_, storing)| storing)
    }
}

impl DeviceSession {
    pub(super) fn stored(&mut self, ticket: u64, report: StoreReport, out: &mut Vec<DeviceEffect>) {
        let Some(storing) = self.storage.end(ticket) else { return };
        match storing {
            Storing::Feed { to } => {
                self.standing = self.standing.after_feed(&to);
                if self.line.is_open() && !self.storage.feed_follows() {
                    self.send(&DeviceFrame::Stored { seq: to.seq }, out);
                }
                self.settle_fed(out);
            }
            Storing::Page { load, through, count } => {
                self.standing = self.standing.after_page(&load, through, count);
                self.page_stored(out);
            }
            Storing::Pack { load, next, count } => {
                self.standing = self.standing.after_pack(&load, next.as_deref(), count);
                self.page_stored(out);
            }
            Storing::Fetched { asked } => {
                self.wanted.retain(|id| !asked.contains(id));
                self.note_unmerged(&asked, &report);
            }
            Storing::Directory { version } => self.standing = self.standing.after_directory(version),
            Storing::Schema { schema } => self.standing = self.standing.after_welcome(schema),
            Storing::Seen { at } => self.standing = self.standing.after_seen(at.as_ref()),
            Storing::Settled { commands } => self.outbox.settled(&commands),
            Storing::Held { commands } => self.outbox.held(&commands),
            Storing::Rebuild => self.rebuilt(&report),
            Storing::Compared { asked, unseen } => self.compared(&asked, unseen, report.lacking, out),
            Storing::Given { documents } => self.given(&documents),
            Storing::Marked => self.marked(&report, out),
            Storing::Judged => self.judged(&report, out),
            Storing::Checked { at } => {
                self.standing = self.standing.after_check(at);
                self.checked();
            }
        }
        self.owed.documents.extend(report.owed);
        self.wanted.extend(report.wanted);
    }

    /// What came and could not be merged is asked for again, and in the end takes the place of what is here.
    fn note_unmerged(&mut self, asked: &[DocumentId], report: &StoreReport) {
        let unmerged: BTreeSet<DocumentId> =
            report.wanted.iter().filter(|id| asked.contains(id)).copied().collect();
        self.unmerged.retain(|id, _| !asked.contains(id) || unmerged.contains(id));
        if unmerged.is_empty() {
            return;
        }
        self.wanted_after = self.clock.now().plus(WANTED_AGAIN_MS);
        for id in unmerged {
            let times = self.unmerged.entry(id).or_default();
            *times += 1;
            if *times >= MAX_UNMERGED {
                self.unmerged.remove(&id);
                self.unsound.insert(id);
            }
        }
    }

    pub(super) fn store_failed(&mut self, ticket: u64, out: &mut Vec<DeviceEffect>) {
        match self.storage.end(ticket) {
            None => return,
            Some(Storing::Settled { commands }) => self.outbox.unsettled(&commands),
            Some(Storing::Rebuild) => self.repair_interrupted(),
            Some(Storing::Held { .. }) => self.deposits.rest(),
            Some(
                Storing::Feed { .. }
                | Storing::Page { .. }
                | Storing::Pack { .. }
                | Storing::Fetched { .. }
                | Storing::Directory { .. }
                | Storing::Schema { .. }
                | Storing::Seen { .. }
                | Storing::Compared { .. }
                | Storing::Given { .. }
                | Storing::Marked
                | Storing::Judged
                | Storing::Checked { .. },
            ) => {}
        }
        if self.line.connection().is_some() {
            self.hang_up(0, out);
        }
    }
}
