//! The feed on its way to one device: read in bounded batches, filtered by rights, sent only so far ahead of what
//! the device has stored.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use minicbor::bytes::ByteVec;

use super::answers::snapshot_size;
use super::send;
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::permission::Grants;
use crate::sync_protocol::frame::Sight;
use crate::sync_protocol::{
    Cursor, FeedBody, FeedItem, FeedRow, FeedRows, Frame, NodeEffect, RowPayload, ServerFrame, Snapshot,
    Visible, visible,
};

/// Rows of one read.
const BATCH_ROWS: usize = 256;
/// A frame is sent when it has about so many bytes.
const FRAME_BYTES: usize = 256 * 1024;
/// Frames that may be on their way to a device that has not stored them.
const MAX_AHEAD: usize = 8;
/// Ranges without anything for the device are told so much later, together.
const QUIET_MS: i64 = 2_000;

#[derive(Debug)]
pub(super) struct FeedOut {
    epoch: ByteVec,
    /// Rows up to here are sent, or need not be.
    passed: u64,
    /// The device was told of ranges up to here.
    announced: u64,
    /// A range without anything for the device, to be told at this time.
    quiet: Option<(Timestamp, Cursor)>,
    /// The feed reaches at least to here, so they say.
    target: u64,
    reading: bool,
    heard_while_reading: bool,
    /// Rows that wait for the documents that enter with them.
    waiting: Option<Arc<FeedRows>>,
    /// Ends of frames that the device has not stored yet.
    ahead: VecDeque<u64>,
}

impl FeedOut {
    pub(super) fn new(cursor: &Cursor, head: u64) -> Self {
        Self {
            epoch: cursor.epoch.clone(),
            passed: cursor.seq,
            announced: cursor.seq,
            quiet: None,
            target: head,
            reading: false,
            heard_while_reading: false,
            waiting: None,
            ahead: VecDeque::new(),
        }
    }

    pub(super) const fn announced(&self) -> u64 {
        self.announced
    }

    pub(super) fn heard(&mut self, seq: u64) {
        self.target = self.target.max(seq);
        self.heard_while_reading |= self.reading;
    }

    pub(super) fn stored(&mut self, seq: u64) {
        while self.ahead.front().is_some_and(|end| *end <= seq) {
            self.ahead.pop_front();
        }
    }

    pub(super) fn read_on(&mut self, out: &mut Vec<NodeEffect>) {
        let idle = !self.reading && self.waiting.is_none();
        if idle && self.target > self.passed && self.ahead.len() < MAX_AHEAD {
            self.reading = true;
            self.heard_while_reading = false;
            out.push(NodeEffect::ReadFeed { after: self.passed, limit: BATCH_ROWS });
        }
    }

    /// Takes rows in; returns the documents that enter with them.
    pub(super) fn rows_read(&mut self, after: u64, rows: Arc<FeedRows>, grants: &Grants) -> Vec<DocumentId> {
        if !std::mem::replace(&mut self.reading, false) || after != self.passed {
            return Vec::new();
        }
        if rows.is_empty() {
            if !self.heard_while_reading {
                self.target = self.passed;
            }
            return Vec::new();
        }
        let comes_whole = |row: &&FeedRow| matches!(visible(row, grants), Visible::Enter | Visible::Replace);
        let enters = rows.iter().filter(comes_whole);
        let documents: BTreeSet<DocumentId> = enters.map(|row| row.document).collect();
        self.waiting = Some(rows);
        documents.into_iter().collect()
    }

    /// Sends the waiting rows; `entering` are the documents that enter with them, as they were at that point of the feed.
    pub(super) fn pass_on(
        &mut self,
        now: Timestamp,
        (entering, at): (&BTreeMap<DocumentId, Snapshot>, Option<&Cursor>),
        grants: &Grants,
        out: &mut Vec<NodeEffect>,
    ) {
        let Some(rows) = self.waiting.take() else { return };
        if entering.is_empty() && self.share(&rows, grants, out) {
            return;
        }
        let (mut items, mut size) = (Vec::new(), 0);
        for row in rows.iter() {
            for body in bodies(row, visible(row, grants), entering) {
                size += body_size(&body);
                items.push(item(row, body));
            }
            self.passed = row.seq;
            if size >= FRAME_BYTES {
                self.send(row, std::mem::take(&mut items), at, out);
                size = 0;
            }
        }
        let Some(last) = rows.last() else { return };
        if !items.is_empty() {
            self.send(last, items, at, out);
        } else if self.announced < last.seq {
            let at = self.quiet.take().map_or(now.plus_millis(QUIET_MS), |(at, _)| at);
            self.quiet = Some((at, self.cursor(last)));
        }
    }

    /// Sends the rows as a frame that sockets who see the same of them share; false when it is not one frame.
    fn share(&mut self, rows: &FeedRows, grants: &Grants, out: &mut Vec<NodeEffect>) -> bool {
        let Some(last) = rows.last() else { return false };
        let sight = Sight {
            epoch: self.epoch.clone(),
            from: self.announced,
            rows: rows.iter().map(|row| visible(row, grants)).collect(),
        };
        let size: usize = rows.iter().zip(&sight.rows).filter_map(|(row, what)| shown_size(row, *what)).sum();
        if size == 0 || size >= FRAME_BYTES {
            return false;
        }
        let frame = rows.frame(sight, |sight| encode_shared(rows, last, sight));
        self.passed = last.seq;
        self.quiet = None;
        self.announced = last.seq;
        self.ahead.push_back(last.seq);
        out.push(NodeEffect::Send(frame));
        true
    }

    pub(super) fn announce_at(&self) -> Option<Timestamp> {
        self.quiet.as_ref().map(|(at, _)| *at)
    }

    /// Tells the device of ranges without anything for it, when it is time.
    pub(super) fn announce(&mut self, now: Timestamp, out: &mut Vec<NodeEffect>) {
        if let Some((_, to)) = self.quiet.take_if(|(at, _)| *at <= now) {
            self.send_range(to, Vec::new(), None, out);
        }
    }

    fn cursor(&self, row: &FeedRow) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq: row.seq, chain_hash: row.chain_hash.to_vec().into() }
    }

    fn send(&mut self, last: &FeedRow, items: Vec<FeedItem>, at: Option<&Cursor>, out: &mut Vec<NodeEffect>) {
        self.quiet = None;
        self.send_range(self.cursor(last), items, at, out);
    }

    fn send_range(
        &mut self,
        to: Cursor,
        items: Vec<FeedItem>,
        at: Option<&Cursor>,
        out: &mut Vec<NodeEffect>,
    ) {
        let from = std::mem::replace(&mut self.announced, to.seq);
        self.ahead.push_back(to.seq);
        out.push(send(&ServerFrame::Feed { from, to, items, at: at.cloned() }));
    }
}

/// The frame of these rows that everybody with this sight gets. Nobody's rights are at hand here.
fn encode_shared(rows: &[FeedRow], last: &FeedRow, sight: &Sight) -> Frame {
    let shown = rows.iter().zip(&sight.rows);
    let none = BTreeMap::new();
    let items = shown.flat_map(|(row, what)| bodies(row, *what, &none).map(|body| item(row, body))).collect();
    let to =
        Cursor { epoch: sight.epoch.clone(), seq: last.seq, chain_hash: last.chain_hash.to_vec().into() };
    ServerFrame::Feed { from: sight.from, to, items, at: None }.encode().into()
}

/// What a device is told of a row: once, or twice when a document makes way for itself.
fn bodies(
    row: &FeedRow,
    what: Visible,
    entering: &BTreeMap<DocumentId, Snapshot>,
) -> impl Iterator<Item = FeedBody> + use<> {
    let whole = || entering.get(&row.document).map(|snapshot| FeedBody::Enter { snapshot: snapshot.clone() });
    let (first, second) = match (what, &row.payload) {
        (Visible::Change, RowPayload::Change(bytes)) => {
            (Some(FeedBody::Change { bytes: bytes.clone().into() }), None)
        }
        (Visible::Record, RowPayload::Record { bytes, .. }) => {
            (Some(FeedBody::Record { bytes: bytes.clone().into() }), None)
        }
        (Visible::Enter, _) => (whole(), None),
        (Visible::Leave, _) => (Some(FeedBody::Leave), None),
        (Visible::Replace, _) => (Some(FeedBody::Leave), whole()),
        (Visible::Change | Visible::Record | Visible::Hidden, _) => (None, None),
    };
    first.into_iter().chain(second)
}

/// How large the body of a row is that shows no document as a whole; `None`: nothing is shown.
fn shown_size(row: &FeedRow, what: Visible) -> Option<usize> {
    let payload = match (what, &row.payload) {
        (Visible::Change, RowPayload::Change(bytes))
        | (Visible::Record, RowPayload::Record { bytes, .. }) => bytes.len(),
        (Visible::Leave, _) => 0,
        (Visible::Change | Visible::Record | Visible::Enter | Visible::Replace | Visible::Hidden, _) => {
            return None;
        }
    };
    Some(64 + payload)
}

fn item(row: &FeedRow, body: FeedBody) -> FeedItem {
    let FeedRow { seq, document, kind, received_at, author, .. } = row;
    let receipt = match &body {
        FeedBody::Change { .. } | FeedBody::Record { .. } => Some(row.receipt.clone().into()),
        FeedBody::Enter { .. } | FeedBody::Leave => None,
    };
    let (seq, document, kind) = (*seq, *document, *kind);
    let (received_at, author, device) = (*received_at, *author, row.device);
    FeedItem { seq, document, kind, received_at, author, body, receipt, device }
}

fn body_size(body: &FeedBody) -> usize {
    64 + match body {
        FeedBody::Change { bytes } | FeedBody::Record { bytes } => bytes.len(),
        FeedBody::Enter { snapshot } => snapshot_size(snapshot),
        FeedBody::Leave => 0,
    }
}
