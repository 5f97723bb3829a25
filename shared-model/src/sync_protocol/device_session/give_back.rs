//! After a backup was restored: documents of which the server may lack something are compared with what it shows, a
//! few at a time, and what it lacks is given back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::DeviceSession;
use super::clock::Instant;
use super::fetch::Purpose;
use super::storage::Storing;
use crate::identity::DocumentId;
use crate::ingest::REROOTED;
use crate::sync_protocol::{
    CommandResult, DeviceEffect, DeviceFrame, GivenBack, MAX_FRAME_BYTES, MAX_GIVEN_DOCUMENTS, Snapshot,
};

/// Documents compared at a time.
const COMPARED: usize = 32;
/// A frame is sent when it has about so many bytes.
const FRAME_BYTES: usize = 256 * 1024;
/// A document goes whole up to here: a receipt of its heads vouches only for what comes with them.
const DOCUMENT_BYTES: usize = MAX_FRAME_BYTES - 64 * 1024;
/// What builds on something that nobody has given back yet is offered again after so long, then less often.
const AGAIN_MS: i64 = 2_000;
/// And at least this often.
const MAX_AGAIN_MS: i64 = 60_000;
/// After so many offers in vain, some minutes, nobody else is waited for who could say whose something is.
const ALONE_AFTER: u32 = 7;

/// Documents of which the server may lack something.
#[derive(Debug, Default)]
pub(super) struct Owed {
    pub(super) documents: BTreeSet<DocumentId>,
    /// Documents that could not be given back yet wait until the others had their turn.
    waiting: BTreeSet<DocumentId>,
    pub(super) after: Instant,
    failures: u32,
    /// How often everything was offered, judged, and built upon what nobody has given back.
    in_vain: u32,
    giving: Option<Giving>,
}

/// Frames on their way, one at a time.
#[derive(Debug)]
struct Giving {
    since: Instant,
    under_way: BTreeSet<DocumentId>,
    frames: VecDeque<Vec<GivenBack>>,
    /// Whether everything given of a document was taken.
    taken: BTreeMap<DocumentId, bool>,
    /// What the server did not show.
    unseen: BTreeSet<DocumentId>,
    /// The server could not even look at something.
    is_put_off: bool,
}

impl Owed {
    pub(super) fn new(documents: Vec<DocumentId>) -> Self {
        Self { documents: documents.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn since(&self) -> Option<Instant> {
        self.giving.as_ref().map(|giving| giving.since)
    }

    pub(super) fn interrupted(&mut self) {
        self.giving = None;
    }

    /// When the next comparison is due.
    pub(super) fn due(&self) -> Option<Instant> {
        (self.giving.is_none() && !self.documents.is_empty()).then_some(self.after)
    }

    fn next(&mut self) -> Vec<DocumentId> {
        let fresh = |owed: &Self| -> Vec<DocumentId> {
            owed.documents.difference(&owed.waiting).take(COMPARED).copied().collect()
        };
        let next = fresh(self);
        if !next.is_empty() {
            return next;
        }
        self.waiting.clear();
        fresh(self)
    }

    fn settled(&mut self, documents: &[DocumentId]) {
        if !documents.is_empty() {
            self.documents.retain(|id| !documents.contains(id));
            (self.failures, self.in_vain) = (0, 0);
        }
    }

    fn put_off(&mut self, now: Instant, documents: impl IntoIterator<Item = DocumentId>, was_judged: bool) {
        self.waiting.extend(documents);
        // As long as there are others they are not in anybody's way.
        if self.documents.iter().all(|id| self.waiting.contains(id)) {
            let again = AGAIN_MS.saturating_mul(1 << self.failures.min(10)).min(MAX_AGAIN_MS);
            self.failures += 1;
            self.in_vain += u32::from(was_judged);
            self.after = now.plus(again);
        }
    }
}

impl DeviceSession {
    /// Compares the next documents when nothing else is under way.
    pub(super) fn give_back_on(&mut self, out: &mut Vec<DeviceEffect>) {
        let loads = self.line.open().is_none_or(|open| open.load.is_some());
        let busy = loads || self.fetch.is_some() || self.owed.giving.is_some() || !self.storage.is_empty();
        if busy || self.owed.documents.is_empty() || self.owed.after > self.clock.now() {
            return;
        }
        let asked = self.owed.next();
        self.fetch_documents(Purpose::Compare { snapshots: Vec::new() }, asked, out);
    }

    /// The server's state of owed documents is here.
    pub(super) fn compare(
        &mut self,
        asked: &BTreeSet<DocumentId>,
        snapshots: Vec<Snapshot>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let shown: BTreeSet<DocumentId> = snapshots.iter().map(|snapshot| snapshot.document).collect();
        let unseen = asked.difference(&shown).copied().collect();
        let documents: Vec<DocumentId> = asked.iter().copied().collect();
        let ticket = self.storage.begin(Storing::Compared { asked: documents.clone(), unseen });
        out.push(DeviceEffect::Compare { ticket, documents, snapshots });
    }

    /// The comparison is done: what is lacking goes out, the rest is settled and stored as such.
    pub(super) fn compared(
        &mut self,
        asked: &[DocumentId],
        unseen: BTreeSet<DocumentId>,
        mut lacking: Vec<GivenBack>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let given: BTreeSet<DocumentId> = lacking.iter().map(|given| given.document).collect();
        let done: Vec<DocumentId> = asked.iter().filter(|id| !given.contains(id)).copied().collect();
        self.owed.settled(&done);
        if lacking.is_empty() || !self.line.is_open() {
            return;
        }
        let alone = self.owed.in_vain >= ALONE_AFTER;
        lacking.iter_mut().for_each(|given| given.alone = alone);
        let (since, frames) = (self.clock.now(), frames(lacking));
        let (under_way, taken) = (BTreeSet::new(), BTreeMap::new());
        self.owed.giving = Some(Giving { since, under_way, frames, taken, unseen, is_put_off: false });
        self.give_next(out);
    }

    fn give_next(&mut self, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        let Some(giving) = &mut self.owed.giving else { return };
        if let Some(documents) = giving.frames.pop_front() {
            giving.under_way = documents.iter().map(|given| given.document).collect();
            giving.since = now;
            return self.send(&DeviceFrame::GiveBack { documents }, out);
        }
        let Some(giving) = self.owed.giving.take() else { return };
        let (done, not): (Vec<_>, Vec<_>) = giving.taken.into_iter().partition(|(_, taken)| *taken);
        self.owed.put_off(now, not.into_iter().map(|(id, _)| id), !giving.is_put_off);
        let documents: Vec<DocumentId> = done.into_iter().map(|(id, _)| id).collect();
        if !documents.is_empty() {
            let wanted = giving.unseen.into_iter().filter(|id| documents.contains(id)).collect();
            let ticket = self.storage.begin(Storing::Given { documents: documents.clone() });
            out.push(DeviceEffect::SettleGiven { ticket, documents, wanted });
        }
    }

    /// The server took documents back, or did not.
    pub(super) fn taken_back(
        &mut self,
        results: Vec<(DocumentId, CommandResult)>,
        out: &mut Vec<DeviceEffect>,
    ) {
        let Some(giving) = &mut self.owed.giving else { return };
        for (id, result) in results {
            if !giving.under_way.remove(&id) {
                continue;
            }
            // The document has another root by now: what the server has of it takes the place of what is here.
            if matches!(&result, CommandResult::Rejected { code, .. } if code == REROOTED) {
                giving.unseen.insert(id);
            }
            giving.is_put_off |= matches!(result, CommandResult::Retry { .. });
            // What is refused stays with the server, where somebody looks at it; it is here as well.
            let is_taken = match result {
                CommandResult::Accepted { .. }
                | CommandResult::Duplicate { .. }
                | CommandResult::Rejected { .. } => true,
                CommandResult::MissingDeps { .. } | CommandResult::Retry { .. } => false,
            };
            *giving.taken.entry(id).or_insert(true) &= is_taken;
        }
        if giving.under_way.is_empty() {
            self.give_next(out);
        }
    }

    /// That these are settled is stored.
    pub(super) fn given(&mut self, documents: &[DocumentId]) {
        self.owed.settled(documents);
    }
}

/// Documents in frames of bounded size. What is too long for one goes in parts, oldest first.
fn frames(lacking: Vec<GivenBack>) -> VecDeque<Vec<GivenBack>> {
    let mut frames = VecDeque::new();
    let (mut frame, mut size) = (Vec::new(), 0);
    for part in lacking.into_iter().flat_map(parts) {
        let added = part.size();
        let same = frame.iter().any(|other: &GivenBack| other.document == part.document);
        if !frame.is_empty() && (size + added > FRAME_BYTES || frame.len() >= MAX_GIVEN_DOCUMENTS || same) {
            frames.push_back(std::mem::take(&mut frame));
            size = 0;
        }
        size += added;
        frame.push(part);
    }
    if !frame.is_empty() {
        frames.push_back(frame);
    }
    frames
}

fn parts(mut given: GivenBack) -> Vec<GivenBack> {
    let mut parts = Vec::new();
    while given.size() > DOCUMENT_BYTES && given.items.len() > 1 {
        let rest = given.items.split_off(given.items.len().div_ceil(2));
        let rest = GivenBack { items: rest, ..given.clone() };
        parts.extend(self::parts(given));
        given = rest;
    }
    parts.push(given);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentKind;
    use crate::sync_protocol::PushedItem;

    fn given(n: u8, sizes: &[usize]) -> GivenBack {
        let item = |size: &usize| PushedItem::Record { bytes: vec![n; *size].into() };
        GivenBack {
            alone: false,
            root: None,
            document: DocumentId::from_bytes([n; 16]),
            kind: DocumentKind::Part,
            items: sizes.iter().map(item).collect(),
            receipts: Vec::new(),
            actors: Vec::new(),
        }
    }

    fn encoded(frame: &[GivenBack]) -> Vec<u8> {
        DeviceFrame::GiveBack { documents: frame.to_vec() }.encode()
    }

    #[test]
    fn a_document_that_fits_a_frame_goes_whole_and_by_itself() {
        let frames = frames(vec![given(1, &[10]), given(2, &[2_000; 440]), given(3, &[10])]);
        let counts: Vec<Vec<usize>> =
            frames.iter().map(|frame| frame.iter().map(|given| given.items.len()).collect()).collect();
        assert_eq!(counts, [vec![1], vec![440], vec![1]]);
        assert!(encoded(&frames[1]).len() <= MAX_FRAME_BYTES);
    }

    #[test]
    fn a_long_document_goes_in_parts_and_order_and_no_frame_is_too_long() {
        let long: Vec<usize> = (0..100).map(|n| 20_000 + n).collect();
        let frames = frames(vec![given(1, &[10]), given(2, &long), given(3, &[10])]);
        let sizes = frames.iter().flatten().filter(|part| part.document == DocumentId::from_bytes([2; 16]));
        let items = sizes.flat_map(|part| &part.items).map(|item| match item {
            PushedItem::Change { bytes, .. } | PushedItem::Record { bytes } => bytes.len(),
        });
        assert_eq!(items.collect::<Vec<_>>(), long);
        assert!(frames.iter().all(|frame| encoded(frame).len() <= MAX_FRAME_BYTES));
        assert_eq!(frames.front().map(|frame| frame[0].document), Some(DocumentId::from_bytes([1; 16])));
    }

    #[test]
    fn what_could_not_be_given_back_waits_for_its_turn_and_longer_each_time() {
        let ids: Vec<DocumentId> = (0..40).map(|n| DocumentId::from_bytes([n; 16])).collect();
        let mut owed = Owed::new(ids.clone());
        let now = Instant::default();
        let first = owed.next();
        assert_eq!(first, ids[..32]);
        owed.put_off(now, first, true);
        assert_eq!(owed.due(), Some(now), "others are to be compared");
        assert_eq!(owed.next(), ids[32..]);
        owed.put_off(now, ids[32..].to_vec(), true);
        assert_eq!(owed.due(), Some(now.plus(AGAIN_MS)));
        assert_eq!(owed.next(), ids[..32]);
        owed.put_off(now, ids.clone(), true);
        assert_eq!(owed.due(), Some(now.plus(AGAIN_MS * 2)));
    }
}
