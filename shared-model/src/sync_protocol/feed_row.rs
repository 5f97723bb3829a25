//! What the server's session reads: rows of the feed and documents as they are stored.

use crate::document::DocumentKind;
use crate::identity::{DeviceId, DocumentId, PersonId};
use crate::instant::Timestamp;
use crate::permission::Scope;
use crate::record::RecordKind;
use crate::sync_protocol::SnapshotReceipt;

/// One row of the feed, with what it takes to judge who may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its sequence number.
    pub seq: u64,
    /// Chain hash at `seq`.
    pub chain_hash: [u8; 32],
    /// The document.
    pub document: DocumentId,
    /// The document's kind.
    pub kind: DocumentKind,
    /// When the server received it.
    pub received_at: Timestamp,
    /// Who sent it; `None`: the server itself.
    pub author: Option<PersonId>,
    /// What it carries.
    pub payload: RowPayload,
    /// The device it was made on.
    pub device: Option<DeviceId>,
    /// The server's receipt of it.
    pub receipt: Vec<u8>,
    /// The document's scopes before this row.
    pub scopes_before: Vec<Scope>,
    /// The document's scopes after this row.
    pub scopes_after: Vec<Scope>,
    /// The document's scopes when the row was read: a document that left since is not shown any more.
    pub scopes_now: Vec<Scope>,
    /// The document was deleted when the row was read, whatever its scopes say.
    pub deleted_now: bool,
}

/// What a row carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPayload {
    /// Raw bytes of a change.
    Change(Vec<u8>),
    /// An encoded record.
    Record {
        /// Its kind; `None`: one that this version does not know, which nobody is shown.
        kind: Option<RecordKind>,
        /// Encoded [`crate::record::Record`].
        bytes: Vec<u8>,
    },
    /// The payload was erased.
    Blank,
    /// The document was deleted.
    Deletion,
    /// The document was deleted before, and is there again.
    Restoration,
    /// A change that took the place of the document's past: its raw bytes.
    Root(Vec<u8>),
}

/// A document as the server has it, with all its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its present scopes.
    pub scopes: Vec<Scope>,
    /// Saved Automerge bytes.
    pub bytes: Vec<u8>,
    /// Its records, encoded, with their kinds.
    pub records: Vec<(Option<RecordKind>, Vec<u8>)>,
    /// What the server vouches for of it: of the whole, and of each kind of record that not everybody may read.
    pub receipts: Vec<SnapshotReceipt>,
}
