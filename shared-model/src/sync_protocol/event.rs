//! What happens to a session: bytes arrive, IO completes, time passes.

use std::sync::Arc;

use crate::identity::{CommandId, DocumentId};
use crate::permission::Grants;
use crate::sync_protocol::{
    CommandResult, Cursor, FeedRows, GivenBack, OutboxEntry, RangeMark, StoredDocument, StoredMark,
};

/// What happens to the session on a device. The driver passes every event to
/// [`DeviceSession::handle`](crate::sync_protocol::DeviceSession::handle), carries out the effects in order, and
/// calls again with [`DeviceEvent::Tick`] at [`DeviceSession::wake_at`](crate::sync_protocol::DeviceSession::wake_at).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// Time passed.
    Tick,
    /// The network may be back, or a person asks to try now: do not wait for the back-off.
    Online,
    /// There is no network; the connection, if any, is as good as gone.
    Offline,
    /// A person signed in on this device.
    SignedIn,
    /// The socket that [`Dial`](crate::sync_protocol::DeviceEffect::Dial) asked for is open.
    Connected {
        /// From the effect.
        connection: u64,
    },
    /// The socket is closed, or could not be opened.
    Disconnected {
        /// From the effect.
        connection: u64,
        /// Why.
        cause: Disconnect,
    },
    /// A whole binary message arrived.
    Received {
        /// From the effect.
        connection: u64,
        /// Its bytes.
        frame: Vec<u8>,
    },
    /// A command was executed and its transaction is complete: it is in the outbox.
    Saved(OutboxEntry),
    /// The pack that [`FetchPack`](crate::sync_protocol::DeviceEffect::FetchPack) asked for is here.
    PackArrived {
        /// From the effect.
        fetch: u64,
        /// Its bytes, decompressed.
        bytes: Vec<u8>,
    },
    /// The pack did not come.
    PackFailed {
        /// From the effect.
        fetch: u64,
        /// Why.
        cause: PackFailure,
    },
    /// What [`Deposit`](crate::sync_protocol::DeviceEffect::Deposit) handed over arrived.
    Deposited {
        /// From the effect.
        deposit: u64,
        /// The commands that are held now.
        held: Vec<CommandId>,
    },
    /// It did not.
    DepositFailed {
        /// From the effect.
        deposit: u64,
        /// Why.
        cause: DepositFailure,
    },
    /// Somebody looks at documents that are listed and not here yet.
    Wanted {
        /// The documents.
        documents: Vec<DocumentId>,
    },
    /// A person wants to know whether the copy is right.
    CheckCopy,
    /// The transaction of a storing effect is complete.
    Stored {
        /// From the effect.
        ticket: u64,
        /// What the store knows now.
        report: StoreReport,
    },
    /// The transaction of a storing effect failed and changed nothing (no space, connection lost, or not the
    /// state it should follow).
    StoreFailed {
        /// From the effect.
        ticket: u64,
    },
}

/// Why a device has no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnect {
    /// No network, no server, a captive portal, a time-out, a server error: try again.
    Lost,
    /// Too many devices connect at the same time, and the server says when it is this one's turn. No failure.
    ComeBack {
        /// Milliseconds until then.
        after_ms: u64,
    },
    /// The server does not know the session (401): somebody has to sign in. Nothing is lost.
    SignInNeeded,
}

/// Why a pack did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackFailure {
    /// No network, a time-out, a server error: try again.
    Lost,
    /// The server does not know the session (401).
    SignInNeeded,
    /// The rights are not those the load began under (409).
    Stale,
    /// The server has no such pack (any other refusal).
    Refused,
}

/// Why commands could not be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositFailure {
    /// No network, a time-out, a server error: try again.
    Lost,
    /// The server holds nothing: the person may sign in, or too much is held already.
    Refused,
}

/// What a storing transaction found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreReport {
    /// Documents that must be fetched whole: something in them is missing, or they left while commands wait.
    /// The store remembers them in the same transaction.
    pub wanted: Vec<DocumentId>,
    /// Of a rebuild that could not be done: [`crate::replica::Widened`].
    pub widened: Vec<DocumentId>,
    /// Of a rebuild: commands that are no longer in the outbox.
    pub removed: Vec<CommandId>,
    /// Of a rebuild: commands made anew, in order.
    pub added: Vec<OutboxEntry>,
    /// Documents of which a server that lost its history may lack something. The store remembers them in the same
    /// transaction.
    pub owed: Vec<DocumentId>,
    /// Of a comparison: what the server lacks.
    pub lacking: Vec<GivenBack>,
    /// Of a check: the range that was marked.
    pub marked: Option<RangeMark>,
}

/// What happens to the session of one socket on a server node.
#[derive(Clone, Debug)]
pub enum NodeEvent {
    /// Time passed.
    Tick,
    /// A whole binary message arrived.
    Received {
        /// Its bytes.
        frame: Vec<u8>,
    },
    /// The answer to [`ReadHead`](crate::sync_protocol::NodeEffect::ReadHead).
    HeadRead {
        /// The end of the feed.
        head: Cursor,
        /// Deltas reach back to here.
        horizon: u64,
        /// What the device's cursor is to this feed; `None` when none was asked about.
        standing: Option<CursorStanding>,
        /// About how many documents the person may read; of no meaning when the device goes on from its cursor.
        documents: u64,
    },
    /// The answer to [`ReadFeed`](crate::sync_protocol::NodeEffect::ReadFeed): rows after `after`, in order,
    /// without a gap; none when the feed ends there.
    FeedRead {
        /// From the effect.
        after: u64,
        /// The rows; shared, so that a node can read a range once for all its sockets.
        rows: Arc<FeedRows>,
    },
    /// The answer to [`ReadSnapshots`](crate::sync_protocol::NodeEffect::ReadSnapshots).
    SnapshotsRead {
        /// The feed as it was before the documents were read.
        at: Cursor,
        /// Documents in order of id, as many as the budget holds, but at least one when there is one. Those
        /// the person may not read may be left out.
        documents: Vec<StoredDocument>,
        /// The last document that was looked at; `None`: there are no more.
        through: Option<DocumentId>,
    },
    /// The answer to [`ReadDocuments`](crate::sync_protocol::NodeEffect::ReadDocuments): those that exist and may
    /// be read.
    DocumentsRead {
        /// From the effect.
        request: u64,
        /// The feed as it was before the documents were read.
        at: Cursor,
        /// The documents, in any order.
        documents: Vec<StoredDocument>,
    },
    /// The answer to [`ReadMarks`](crate::sync_protocol::NodeEffect::ReadMarks).
    MarksRead {
        /// The feed as it was when the documents were read.
        at: Cursor,
        /// The documents, in order of id.
        documents: Vec<StoredMark>,
        /// The last document that was looked at; `None`: there are no more.
        through: Option<DocumentId>,
    },
    /// The answer to [`ReadDirectory`](crate::sync_protocol::NodeEffect::ReadDirectory).
    DirectoryRead {
        /// The version the changes lead to.
        version: u64,
        /// JSON of [`crate::directory::Directory`].
        changes: Vec<u8>,
    },
    /// The answer to [`Ingest`](crate::sync_protocol::NodeEffect::Ingest): one result a command, committed.
    Ingested {
        /// From the effect.
        batch: u64,
        /// Results by command.
        results: Vec<(CommandId, CommandResult)>,
    },
    /// The answer to [`TakeBack`](crate::sync_protocol::NodeEffect::TakeBack): one result a document, committed.
    TakenBack {
        /// Results by document.
        results: Vec<(DocumentId, CommandResult)>,
        /// The feed as it was afterwards.
        at: Cursor,
    },
    /// The feed may have rows up to here (a hint; coalesced, late or repeated ones do no harm).
    HeadMoved {
        /// The last sequence number heard of.
        seq: u64,
    },
    /// The directory may have this version (a hint).
    DirectoryMoved {
        /// The version heard of.
        version: u64,
    },
    /// The person's rights are these now.
    GrantsChanged {
        /// All of them.
        grants: Grants,
    },
    /// An answer cannot be given: the database is away, say. The device is asked to come back.
    Failed,
    /// The node stops.
    ShuttingDown,
    /// The session of the person ended, or the device was revoked.
    SignedOut,
}

/// What a device's cursor is to the server's feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorStanding {
    /// Same epoch, and the feed has this chain hash at this sequence number.
    Known,
    /// Another history.
    Foreign,
}
