//! What a session asks its driver to do. Effects are carried out in order.

use minicbor::bytes::ByteVec;

use crate::identity::{CommandId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{
    Cursor, FeedItem, Frame, GivenBack, LoadProgress, Manifest, Pack, PushedCommand, Snapshot,
};

/// What the session on a device asks for.
///
/// **Storing effects** carry a ticket. The driver runs them one after the other, each as one strict transaction,
/// and answers with `Stored` or `StoreFailed`. The pure part of every one of them is in [`crate::replica`]; the
/// driver reads what it needs, calls it, and writes what comes out, together with the
/// [`Standing`](crate::sync_protocol::Standing) it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEffect {
    /// Get a ticket, open a socket; then `Connected`, or `Disconnected` when that fails. The driver gives up by
    /// itself after 10 s.
    Dial {
        /// Names the socket in events and effects.
        connection: u64,
    },
    /// Send a binary message.
    Send {
        /// The socket.
        connection: u64,
        /// Its bytes.
        frame: Vec<u8>,
    },
    /// Close the socket; no event is expected.
    HangUp {
        /// The socket.
        connection: u64,
    },
    /// Get a pack over HTTP; then `PackArrived` or `PackFailed`. The driver gives up by itself after a minute. At
    /// most one is under way; one of a connection before is not wanted any more.
    FetchPack {
        /// Names it in the events.
        fetch: u64,
        /// Which one, as the pack before named it; `None`: the first.
        next: Option<String>,
    },
    /// Nobody can sign in here, perhaps for good: hand these commands over with the deposit credential; then `Deposited`
    /// or `DepositFailed`. The driver gives up by itself after a minute. One that has no credential refuses.
    Deposit {
        /// Names it in the events.
        deposit: u64,
        /// The commands, in order.
        commands: Vec<PushedCommand>,
    },
    /// Store a range of the feed: [`crate::replica::absorb_feed`].
    StoreFeed {
        /// Of the transaction.
        ticket: u64,
        /// The range begins after this sequence number, which must be where the stored cursor is.
        from: u64,
        /// The stored cursor becomes this.
        to: Cursor,
        /// What is in the range.
        items: Vec<FeedItem>,
    },
    /// Store a page of a load: [`crate::replica::absorb_page`].
    StorePage {
        /// Of the transaction.
        ticket: u64,
        /// The load as it was before this page; what is stored must not contradict it.
        load: LoadProgress,
        /// The page covers ids after `load.after` up to here; `None`: to the end, and the load is complete.
        through: Option<DocumentId>,
        /// The documents.
        items: Vec<Snapshot>,
    },
    /// Store a pack of a load: [`crate::replica::absorb_pack`].
    StorePack {
        /// Of the transaction.
        ticket: u64,
        /// The load as it was before this pack; what is stored must not contradict it.
        load: LoadProgress,
        /// The pack.
        pack: Box<Pack>,
    },
    /// Store documents that were asked for; one that is not among the items cannot be read any more:
    /// [`crate::replica::absorb_fetched`].
    StoreFetched {
        /// Of the transaction.
        ticket: u64,
        /// What was asked for.
        asked: Vec<DocumentId>,
        /// What came.
        items: Vec<Snapshot>,
    },
    /// Store the directory and the rights of the person.
    StoreDirectory {
        /// Of the transaction.
        ticket: u64,
        /// The version the changes lead to.
        version: u64,
        /// JSON of [`crate::directory::Directory`]: what changed since the stored version.
        changes: Vec<u8>,
        /// JSON of [`crate::permission::Grants`], in place of the stored ones.
        grants: Vec<u8>,
    },
    /// Store how new the documents may be that are stored next, or were stored last; `None`: no newer than the cursor.
    StoreSeen {
        /// Of the transaction.
        ticket: u64,
        /// The feed as it was once they were read.
        at: Option<Cursor>,
    },
    /// Store which schema steps the server knows; commands that need later ones are refused on the device.
    StoreSchema {
        /// Of the transaction.
        ticket: u64,
        /// The newest step.
        schema: u8,
    },
    /// Store what became of commands. An accepted one leaves the outbox. A refused one stays there, marked,
    /// and is shown under *needs attention*. A held one stays there, marked.
    Settle {
        /// Of the transaction.
        ticket: u64,
        /// Fates by command.
        fates: Vec<(CommandId, Fate)>,
    },
    /// Something in these documents was refused. Take the server's state and do again, under a fresh actor,
    /// what stands in the outbox: [`crate::replica::rebuild`].
    Rebuild {
        /// Of the transaction.
        ticket: u64,
        /// The documents whose local branch is dead.
        documents: Vec<DocumentId>,
        /// The server's state of them; one that is missing here cannot be read (or never got there).
        snapshots: Vec<Snapshot>,
        /// Commands that are not tried again: they move from the outbox to *needs attention* for good.
        set_aside: Vec<CommandId>,
    },
    /// Find out what the server lacks of owed documents: [`crate::replica::lacking`]. Those of which it lacks nothing
    /// are owed no more; of them, those it does not show are wanted, for they may not be this person's.
    Compare {
        /// Of the transaction.
        ticket: u64,
        /// The documents.
        documents: Vec<DocumentId>,
        /// What the server shows of them.
        snapshots: Vec<Snapshot>,
    },
    /// These documents are owed no more; some of them are wanted now.
    SettleGiven {
        /// Of the transaction.
        ticket: u64,
        /// The documents.
        documents: Vec<DocumentId>,
        /// Those among them that the server did not show.
        wanted: Vec<DocumentId>,
    },
    /// Mark the next range of the stored copy: [`crate::replica::mark_saved`] of some
    /// [`RANGE_DOCUMENTS`](crate::sync_protocol::RANGE_DOCUMENTS) documents, as they are on disk.
    MarkCopy {
        /// Of the transaction, which writes nothing.
        ticket: u64,
        /// Documents after this one.
        after: Option<DocumentId>,
    },
    /// Find out which documents differ from these: [`crate::replica::differing`]. They are owed from now on.
    JudgeCopy {
        /// Of the transaction.
        ticket: u64,
        /// Ranges as the server has them.
        manifests: Vec<Manifest>,
        /// Documents that are left alone, because they changed meanwhile.
        except: Vec<DocumentId>,
    },
    /// Store when the copy was last compared.
    StoreChecked {
        /// Of the transaction.
        ticket: u64,
        /// When, by the device's clock.
        at: Timestamp,
    },
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the feed.
    Accepted,
    /// It is held for somebody to decide about. It stays in the outbox, marked, and is pushed if anybody signs in here
    /// again: whatever was decided, pushing it is harmless.
    Held,
    /// The server refuses it.
    Refused {
        /// Stable code.
        code: String,
        /// What to know about it.
        detail: String,
    },
}

/// What the session of a socket asks its node for. Each `Read…` and each `Ingest` gets exactly one answer, or
/// [`NodeEvent::Failed`](crate::sync_protocol::NodeEvent::Failed); answers may come in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeEffect {
    /// Send a binary message.
    Send(Frame),
    /// Close the socket after what was sent; the session is over.
    Close,
    /// Read the end of the feed, and what this cursor is to it.
    ReadHead {
        /// The device's cursor.
        cursor: Option<Cursor>,
        /// How new its documents may be beyond that.
        seen: Option<Cursor>,
        /// The device goes on from its cursor when it is known and within the horizon; then nobody needs the
        /// count of documents.
        resumes: bool,
    },
    /// Read rows of the feed.
    ReadFeed {
        /// Rows after this sequence number.
        after: u64,
        /// At most so many rows.
        limit: usize,
    },
    /// Read a page of the documents the person may read, in order of id.
    ReadSnapshots {
        /// Documents after this one.
        after: Option<DocumentId>,
        /// About so many bytes of documents and records.
        budget: usize,
    },
    /// Take back what the device says the server lost.
    TakeBack {
        /// The history the device was in when it connected.
        epoch: Option<ByteVec>,
        /// The documents.
        documents: Vec<GivenBack>,
    },
    /// Read what the marks of the next documents are made of, in order of id. Those the person may not read may be left
    /// out.
    ReadMarks {
        /// Documents after this one.
        after: Option<DocumentId>,
        /// At most so many.
        limit: usize,
    },
    /// Read these documents. Those the person may not read may be left out.
    ReadDocuments {
        /// Comes back in the answer.
        request: u64,
        /// The documents.
        documents: Vec<DocumentId>,
    },
    /// Read what changed in the directory.
    ReadDirectory {
        /// Since this version; 0: everything.
        since: u64,
    },
    /// Judge and commit these commands, in order. At most one batch of a session is under way.
    Ingest {
        /// Comes back in the answer.
        batch: u64,
        /// The commands.
        commands: Vec<PushedCommand>,
    },
}
