//! Who may see what of the feed: the one place that decides, for sockets and for REST.

use minicbor::bytes::ByteVec;

use crate::permission::Grants;
use crate::sync_protocol::{FeedRow, RowPayload, Snapshot, StoredDocument};

/// What a row of the feed is for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visible {
    /// The change itself.
    Change,
    /// The record itself.
    Record,
    /// The document came within reach: all of it.
    Enter,
    /// The document went out of reach.
    Leave,
    /// Nothing.
    Hidden,
}

/// What `row` is for somebody with these rights.
///
/// A document that can no longer be read *now* shows nothing of its past either, only that it left: its bytes
/// were readable once, but not sent in time. Where it can be read now, every way out and back in is told, so
/// that a device that follows row by row ends with the whole document.
pub fn visible(row: &FeedRow, grants: &Grants) -> Visible {
    let reads = |scopes| grants.read_document(row.kind, scopes);
    match (reads(&row.scopes_before), reads(&row.scopes_after), reads(&row.scopes_now)) {
        (true, false, _) => Visible::Leave,
        // Who writes what they may not read (a work order for another site) keeps no copy of it.
        (false, false, _) if row.author == Some(grants.person) => Visible::Leave,
        (_, _, false) | (false, false, _) => Visible::Hidden,
        (false, true, true) => Visible::Enter,
        (true, true, true) => match &row.payload {
            RowPayload::Change(_) => Visible::Change,
            RowPayload::Record { kind: Some(kind), .. } if grants.read_record(*kind, &row.scopes_now) => {
                Visible::Record
            }
            RowPayload::Record { .. } | RowPayload::Blank => Visible::Hidden,
        },
    }
}

/// What somebody with these rights may see of a document; `None`: nothing.
pub fn visible_snapshot(stored: StoredDocument, grants: &Grants) -> Option<Snapshot> {
    if !grants.read_document(stored.kind, &stored.scopes) {
        return None;
    }
    let readable = |kind| grants.read_record(kind, &stored.scopes);
    let records = stored.records.into_iter().filter(|(kind, _)| kind.is_some_and(readable));
    Some(Snapshot {
        document: stored.document,
        kind: stored.kind,
        bytes: ByteVec::from(stored.bytes),
        records: records.map(|(_, bytes)| ByteVec::from(bytes)).collect(),
    })
}
