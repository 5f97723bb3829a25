//! Now and then the stored copy is compared with the server's, when nothing else is under way; what differs is put right.

use std::collections::BTreeSet;

use super::DeviceSession;
use super::clock::Instant;
use super::storage::Storing;
use crate::identity::DocumentId;
use crate::sync_protocol::{
    Cursor, DeviceEffect, DeviceFrame, FeedItem, MAX_RANGES, Manifest, RangeMark, StoreReport,
};

/// How often.
const EVERY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Devices that come at the same time check within so much of each other.
const SPREAD_MS: u64 = 5 * 60 * 1_000;

#[derive(Debug, Default)]
pub(super) struct Check {
    stage: Stage,
    /// When the next one is due; `None`: the server does not answer.
    due: Option<Instant>,
    /// Documents that changed since the first range was marked.
    touched: BTreeSet<DocumentId>,
    /// Documents that were put right on this connection. One that differs still is beyond help until the next check.
    tried: BTreeSet<DocumentId>,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    /// Ranges are being marked.
    Marking(Vec<RangeMark>),
    /// The server compares.
    Asked(Instant),
    /// Some ranges differ; the feed has to be stored up to where the server read them.
    Answered(u64, Vec<Manifest>),
    /// The documents of those ranges are being compared.
    Judging,
    /// That the copy was compared is being stored.
    Noting,
}

impl Check {
    /// When the answer is late that is under way.
    pub(super) const fn since(&self) -> Option<Instant> {
        match self.stage {
            Stage::Asked(since) => Some(since),
            _ => None,
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        matches!(self.stage, Stage::Idle).then_some(self.due).flatten()
    }

    /// Is none under way, or called for?
    pub(super) fn rests(&self, now: Instant) -> bool {
        matches!(self.stage, Stage::Idle) && self.due.is_none_or(|due| due > now)
    }

    pub(super) fn closed(&mut self) {
        // What is being stored goes on, and means nothing any more.
        *self = Self::default();
    }

    fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Idle)
    }

    /// These documents change while the copy is compared.
    pub(super) fn touch(&mut self, documents: impl IntoIterator<Item = DocumentId>) {
        if self.is_under_way() {
            self.touched.extend(documents);
        }
    }

    pub(super) fn touch_items(&mut self, items: &[FeedItem]) {
        self.touch(items.iter().map(|item| item.document));
    }
}

impl DeviceSession {
    /// Welcome is heard.
    pub(super) fn check_opened(&mut self, checks: bool, random: u64) {
        let Some(checked) = self.standing.checked.filter(|_| checks) else {
            self.check.due = checks.then(|| self.clock.now().plus(EVERY_MS));
            return;
        };
        // A clock that was set back has been wrong once; who knows since when.
        let passed = self.clock.wall_now().millis_since(checked);
        let wait = if passed < 0 { 0 } else { EVERY_MS.saturating_sub(passed).max(0) };
        let spread = i64::try_from(random % SPREAD_MS).unwrap_or(0);
        self.check.due = Some(self.clock.now().plus(wait).plus(spread));
    }

    /// A person asks.
    pub(super) fn check_called_for(&mut self) {
        if self.check.due.is_some() {
            self.check.due = Some(self.clock.now());
        }
    }

    pub(super) fn check_on(&mut self, out: &mut Vec<DeviceEffect>) {
        match self.check.stage {
            Stage::Idle => self.begin_check(out),
            Stage::Answered(at, _) => {
                let is_fed = self.standing.cursor.as_ref().is_some_and(|cursor| cursor.seq >= at);
                if is_fed && self.storage.is_empty() {
                    self.judge_copy(out);
                }
            }
            Stage::Marking(_) | Stage::Asked(_) | Stage::Judging | Stage::Noting => {}
        }
    }

    fn is_at_rest(&mut self) -> bool {
        let follows = self.line.open().is_some_and(|open| open.load.is_none());
        follows
            && self.storage.is_empty()
            && self.fetch.is_none()
            && self.repair.is_none()
            && self.unsound.is_empty()
            && self.wanted.is_empty()
            && self.owed.documents.is_empty()
            && self.outbox.is_empty()
            && self.check.due.is_some()
    }

    fn begin_check(&mut self, out: &mut Vec<DeviceEffect>) {
        if !self.is_at_rest() {
            return;
        }
        if self.standing.checked.is_none() {
            return self.note_checked(out);
        }
        if self.check.due.is_none_or(|due| due > self.clock.now()) {
            return;
        }
        self.check.touched.clear();
        self.check.stage = Stage::Marking(Vec::new());
        self.mark_copy(None, out);
    }

    fn mark_copy(&mut self, after: Option<DocumentId>, out: &mut Vec<DeviceEffect>) {
        let ticket = self.storage.begin(Storing::Marked);
        out.push(DeviceEffect::MarkCopy { ticket, after });
    }

    /// A range is marked: the next one, or the question.
    pub(super) fn marked(&mut self, report: &StoreReport, out: &mut Vec<DeviceEffect>) {
        let (Stage::Marking(ranges), Some(range)) = (&mut self.check.stage, report.marked) else { return };
        ranges.push(range);
        if range.through.is_some() && ranges.len() < MAX_RANGES {
            return self.mark_copy(range.through, out);
        }
        let ranges = std::mem::take(ranges);
        self.check.stage = Stage::Asked(self.clock.now());
        self.send(&DeviceFrame::Check { ranges }, out);
    }

    /// The server has compared.
    pub(super) fn checkpoint(&mut self, at: &Cursor, differing: Vec<Manifest>, out: &mut Vec<DeviceEffect>) {
        if !matches!(self.check.stage, Stage::Asked(_)) {
            return;
        }
        if differing.is_empty() {
            return self.note_checked(out);
        }
        self.check.stage = Stage::Answered(at.seq, differing);
    }

    fn judge_copy(&mut self, out: &mut Vec<DeviceEffect>) {
        let Stage::Answered(_, manifests) = std::mem::replace(&mut self.check.stage, Stage::Judging) else {
            return;
        };
        let except = self.check.touched.union(&self.check.tried).copied().collect();
        let ticket = self.storage.begin(Storing::Judged);
        out.push(DeviceEffect::JudgeCopy { ticket, manifests, except });
    }

    /// These documents differ, and are owed: what the server lacks of them is given back, then its state takes their place.
    pub(super) fn judged(&mut self, report: &StoreReport, out: &mut Vec<DeviceEffect>) {
        if !matches!(self.check.stage, Stage::Judging) {
            return;
        }
        if report.owed.is_empty() {
            return self.note_checked(out);
        }
        self.check.tried.extend(&report.owed);
        self.unsound.extend(&report.owed);
        // And once more, until nothing differs.
        self.check.stage = Stage::Idle;
        self.check.due = Some(self.clock.now());
    }

    fn note_checked(&mut self, out: &mut Vec<DeviceEffect>) {
        let at = self.clock.wall_now();
        self.check.stage = Stage::Noting;
        let ticket = self.storage.begin(Storing::Checked { at });
        out.push(DeviceEffect::StoreChecked { ticket, at });
    }

    pub(super) fn checked(&mut self) {
        if matches!(self.check.stage, Stage::Noting) {
            self.check.stage = Stage::Idle;
            self.check.due = Some(self.clock.now().plus(EVERY_MS));
        }
    }
}
