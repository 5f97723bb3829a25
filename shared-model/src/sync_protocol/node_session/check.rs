//! A device asks whether its copy is right: the documents are read in order of id, range after range.

use super::{NodeSession, send};
use crate::identity::DocumentId;
use crate::sync_protocol::{
    Cursor, MAX_RANGES, Manifest, NodeEffect, RANGE_DOCUMENTS, RangeMark, ServerFrame, StoredMark,
};

/// Documents read at once.
const READ_DOCUMENTS: usize = 2_000;
/// An answer names about so many documents.
const MAX_NAMED: usize = 16 * RANGE_DOCUMENTS;

/// A comparison under way.
#[derive(Debug)]
pub(super) struct CheckOut {
    ranges: std::vec::IntoIter<RangeMark>,
    /// The range whose documents are being read, and those read so far.
    range: RangeMark,
    documents: Vec<(DocumentId, u64)>,
    after: Option<DocumentId>,
    differing: Vec<Manifest>,
    named: usize,
}

impl NodeSession {
    pub(super) fn check(&mut self, ranges: Vec<RangeMark>, out: &mut Vec<NodeEffect>) {
        let is_ordered = ranges.is_sorted_by(|one, next| match (one.through, next.through) {
            (Some(one), Some(next)) => one < next,
            (Some(_), None) => true,
            (None, _) => false,
        });
        let is_whole = ranges.last().is_some_and(|last| last.through.is_none()) || ranges.len() == MAX_RANGES;
        if !is_ordered || !is_whole || ranges.len() > MAX_RANGES || self.check.is_some() {
            let detail = "one check at a time, of ranges in order";
            return self.goodbye("unexpected_frame", detail, Some(1_000), out);
        }
        let mut ranges = ranges.into_iter();
        let Some(range) = ranges.next() else { return };
        let (documents, differing) = (Vec::new(), Vec::new());
        self.check = Some(CheckOut { ranges, range, documents, after: None, differing, named: 0 });
        out.push(NodeEffect::ReadMarks { after: None, limit: READ_DOCUMENTS });
    }

    pub(super) fn marks_read(
        &mut self,
        at: Cursor,
        documents: &[StoredMark],
        through: Option<DocumentId>,
        out: &mut Vec<NodeEffect>,
    ) {
        let Some(check) = &mut self.check else { return };
        let mut goes_on = true;
        for stored in documents {
            while goes_on && check.range.through.is_some_and(|end| stored.document > end) {
                goes_on = check.next_range();
            }
            if !goes_on {
                break;
            }
            let mark = stored.visible(&self.peer.grants);
            check.documents.extend(mark.map(|mark| (stored.document, mark)));
            goes_on = check.documents.len() < MAX_NAMED || check.cut_range();
        }
        match through.filter(|_| goes_on) {
            Some(_) => return out.push(NodeEffect::ReadMarks { after: through, limit: READ_DOCUMENTS }),
            None => while goes_on && check.next_range() {},
        }
        let differing = self.check.take().map(|check| check.differing).unwrap_or_default();
        out.push(send(&ServerFrame::Checkpoint { at, differing }));
    }
}

impl CheckOut {
    /// The range has far more documents here than on the device: enough for one answer.
    fn cut_range(&mut self) -> bool {
        let (after, documents) = (self.after, std::mem::take(&mut self.documents));
        let through = documents.last().map(|(id, _)| *id);
        self.differing.push(Manifest { after, through, documents });
        false
    }

    /// The range is read whole. Returns whether there is another one to compare.
    fn next_range(&mut self) -> bool {
        let documents = std::mem::take(&mut self.documents);
        let through = self.range.through;
        let marks = documents.iter().map(|(_, mark)| *mark);
        if RangeMark::of(through, marks) != self.range {
            self.named += documents.len();
            self.differing.push(Manifest { after: self.after, through, documents });
        }
        self.after = through;
        let next = self.ranges.next();
        self.range = next.unwrap_or_default();
        next.is_some() && self.named <= MAX_NAMED
    }
}
