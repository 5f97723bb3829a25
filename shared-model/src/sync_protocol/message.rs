//! Frames and their encoding: CBOR with numbered fields, so that an older or newer end skips what it does not
//! know.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::document::DocumentKind;
use crate::identity::{ActorId, CommandId, DeviceId, DocumentId, PersonId};
use crate::instant::Timestamp;
use crate::sync_protocol::{
    GivenBack, MAX_FRAME_BYTES, MAX_SERVER_FRAME_BYTES, Manifest, RangeMark, SnapshotReceipt,
};

/// A point in the feed: which history, how far, and the chain hash there.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Cursor {
    /// Names the history; a restored backup has another one.
    #[n(0)]
    pub epoch: ByteVec,
    /// Last sequence number that was stored; 0 before the first.
    #[n(1)]
    pub seq: u64,
    /// Chain hash at `seq`.
    #[n(2)]
    pub chain_hash: ByteVec,
}

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum DeviceFrame {
    /// The first frame of a connection.
    #[n(0)]
    Hello {
        /// Version of the frames the device speaks.
        #[n(0)]
        protocol: u16,
        /// The device.
        #[n(1)]
        device: DeviceId,
        /// The actor of this engine start.
        #[n(2)]
        actor: ActorId,
        /// Where the device stands; `None` before the first load is complete.
        #[n(3)]
        cursor: Option<Cursor>,
        /// The version of the directory the device holds; 0: none.
        #[n(4)]
        directory_version: u64,
        /// The cursor is where an unfinished load began: go on with the load before the feed.
        #[n(5)]
        loading: bool,
        /// Fingerprint of the rights the device's copy was made under, as Welcome gave it; empty: none.
        #[n(6)]
        rights: ByteVec,
        /// The device can load by packs; older ones do not say.
        #[n(7)]
        #[cbor(default)]
        packs: bool,
        /// Beyond the cursor the device holds documents that may be as new as this.
        #[n(8)]
        seen: Option<Cursor>,
    },
    /// Commands in the order they were made.
    #[n(1)]
    Push {
        /// The commands.
        #[n(0)]
        commands: Vec<PushedCommand>,
    },
    /// Asks for the next page of the first load.
    #[n(2)]
    NextSnapshots {
        /// The last document of the page before; `None` for the first page.
        #[n(0)]
        after: Option<DocumentId>,
    },
    /// Asks for whole documents again (a hole after a race of rights, or a branch that was refused).
    #[n(3)]
    FetchDocuments {
        /// The documents.
        #[n(0)]
        documents: Vec<DocumentId>,
    },
    /// Is anybody there?
    #[n(4)]
    Ping {
        /// Comes back in the answer.
        #[n(0)]
        nonce: u64,
        /// The feed is stored up to here, in case a [`Self::Stored`] was lost.
        #[n(1)]
        stored: u64,
    },
    /// A load is complete: the feed may go on from where the load began.
    #[n(5)]
    Follow {
        /// Where the load began.
        #[n(0)]
        cursor: Cursor,
    },
    /// The feed is stored up to here; the server sends only so much ahead of it.
    #[n(6)]
    Stored {
        /// The last sequence number stored.
        #[n(0)]
        seq: u64,
    },
    /// What the server lost, and the device still has. Each document is answered for by itself.
    #[n(7)]
    GiveBack {
        /// The documents.
        #[n(0)]
        documents: Vec<GivenBack>,
    },
    /// Is the copy right? Only a server that said so in Welcome understands this.
    #[n(8)]
    Check {
        /// All documents of the device in ranges, in order of id; the last one has no end.
        #[n(0)]
        ranges: Vec<RangeMark>,
    },
}

/// One command: everything in it has one fate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PushedCommand {
    /// Names the command for ever; pushing it again is harmless.
    #[n(0)]
    pub id: CommandId,
    /// The typed command as JSON, kept for audit and replay, never trusted.
    #[n(1)]
    pub intent: ByteVec,
    /// Changes and records in the order they were made.
    #[n(2)]
    pub items: Vec<PushedItem>,
}

/// A change or a record of a command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PushedItem {
    /// A change of a document.
    #[n(0)]
    Change {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Its kind; must be the kind the server knows, if it knows the document.
        #[n(1)]
        kind: DocumentKind,
        /// Raw bytes of the change.
        #[n(2)]
        bytes: ByteVec,
    },
    /// A record.
    #[n(1)]
    Record {
        /// Encoded [`crate::record::Record`].
        #[n(0)]
        bytes: ByteVec,
    },
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum CommandResult {
    /// It is in the feed.
    #[n(0)]
    Accepted {
        /// The sequence numbers of its items.
        #[n(0)]
        seqs: Vec<u64>,
        /// One receipt per item that was new: proof that the server once accepted it from this author.
        #[n(1)]
        receipts: Vec<ByteVec>,
    },
    /// It was in the feed already.
    #[n(1)]
    Duplicate {
        /// The sequence numbers of its items.
        #[n(0)]
        seqs: Vec<u64>,
    },
    /// It builds on changes or events the server does not have; send those first.
    #[n(2)]
    MissingDeps {
        /// What is missing: change hashes or record ids.
        #[n(0)]
        hashes: Vec<ByteVec>,
    },
    /// Refused for its structure or for lack of rights. The device keeps it under *needs attention*.
    #[n(3)]
    Rejected {
        /// Stable code.
        #[n(0)]
        code: String,
        /// What to know about it.
        #[n(1)]
        detail: String,
    },
    /// Not now.
    #[n(4)]
    Retry {
        /// Milliseconds to wait.
        #[n(0)]
        after_ms: u64,
    },
}

/// How a device catches up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Plan {
    /// The feed continues from the cursor.
    #[n(0)]
    Delta,
    /// First load.
    #[n(1)]
    Snapshots,
    /// Another history.
    #[n(2)]
    Diverged,
    /// First load, for a device that can fetch packs ([`super::Pack`]).
    #[n(3)]
    Packs,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ServerFrame {
    /// The answer to Hello.
    #[n(0)]
    Welcome {
        /// Version of the frames the server speaks.
        #[n(0)]
        protocol: u16,
        /// The end of the feed.
        #[n(1)]
        head: Cursor,
        /// Deltas reach back to here.
        #[n(2)]
        horizon: u64,
        /// The server's clock.
        #[n(3)]
        server_time: Timestamp,
        /// How to catch up.
        #[n(4)]
        plan: Plan,
        /// Fingerprint of the person's present rights; the device gives it back in its next Hello.
        #[n(5)]
        rights: ByteVec,
        /// About how many documents a load brings; 0 for other plans.
        #[n(6)]
        documents: u64,
        /// The newest schema step ([`crate::document::step`]) the server knows; older servers do not say.
        #[n(7)]
        #[cbor(default)]
        schema: u8,
        /// The server answers [`DeviceFrame::Check`]; older ones do not say.
        #[n(8)]
        #[cbor(default)]
        checks: bool,
    },
    /// A page of the first load, or fetched documents.
    #[n(1)]
    Snapshots {
        /// The feed as it was once the documents were read: nothing in them is newer.
        #[n(0)]
        at: Cursor,
        /// Documents with their records.
        #[n(1)]
        items: Vec<Snapshot>,
        /// Of a page: every readable document up to here is in it or in a page before; `None`: this is the
        /// last page.
        #[n(2)]
        through: Option<DocumentId>,
        /// Of an answer to FetchDocuments: the documents this frame answers for. One that is not among the
        /// items cannot be read (any more). Empty for a page.
        #[n(3)]
        asked: Vec<DocumentId>,
    },
    /// A range of the feed.
    #[n(2)]
    Feed {
        /// The range begins after this sequence number.
        #[n(0)]
        from: u64,
        /// The range ends here; the device stores it with the items.
        #[n(1)]
        to: Cursor,
        /// What of the range the device may read.
        #[n(2)]
        items: Vec<FeedItem>,
        /// The feed as it was once the documents were read that enter: nothing in them is newer.
        #[n(3)]
        at: Option<Cursor>,
    },
    /// What became of pushed commands.
    #[n(3)]
    PushResults {
        /// Results by command.
        #[n(0)]
        results: Vec<(CommandId, CommandResult)>,
    },
    /// People, teams, roles and the actor table.
    #[n(4)]
    Directory {
        /// Version of the directory.
        #[n(0)]
        version: u64,
        /// What changed since the device's version, as JSON of [`crate::directory::Directory`].
        #[n(1)]
        changes: ByteVec,
        /// The rights of the person on this device, as JSON of [`crate::permission::Grants`].
        #[n(2)]
        grants: ByteVec,
    },
    /// The answer to Ping.
    #[n(5)]
    Pong {
        /// From the question.
        #[n(0)]
        nonce: u64,
        /// The feed was sent up to here; `None` when the device does not follow it. A device that has less
        /// missed a frame.
        #[n(1)]
        sent: Option<u64>,
        /// The version of the directory that was sent.
        #[n(2)]
        directory: u64,
    },
    /// The server will close the connection.
    #[n(6)]
    Goodbye {
        /// Stable code.
        #[n(0)]
        code: String,
        /// What to know about it.
        #[n(1)]
        detail: String,
        /// Come back after so many milliseconds; `None`: sign in again first.
        #[n(2)]
        retry_after_ms: Option<u64>,
    },
    /// What became of documents that were given back.
    #[n(7)]
    TakenBack {
        /// Results by document.
        #[n(0)]
        results: Vec<(DocumentId, CommandResult)>,
        /// The feed as it was afterwards: what was taken back stands before there.
        #[n(1)]
        at: Option<Cursor>,
    },
    /// The answer to Check.
    #[n(8)]
    Checkpoint {
        /// The feed as it was once the documents were read: nothing in what differs is newer.
        #[n(0)]
        at: Cursor,
        /// The ranges that differ, in order; the first ones, when they are many. A device that has put them right asks
        /// again.
        #[n(1)]
        differing: Vec<Manifest>,
    },
}

/// A whole document with the records a device may read.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Snapshot {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Its kind.
    #[n(1)]
    pub kind: DocumentKind,
    /// Saved Automerge bytes.
    #[n(2)]
    pub bytes: ByteVec,
    /// Encoded records.
    #[n(3)]
    pub records: Vec<ByteVec>,
    /// What the server vouches for of it; older servers do not.
    #[n(4)]
    #[cbor(default)]
    pub receipts: Vec<SnapshotReceipt>,
}

/// One item of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedItem {
    /// Its sequence number.
    #[n(0)]
    pub seq: u64,
    /// The document.
    #[n(1)]
    pub document: DocumentId,
    /// The document's kind.
    #[n(2)]
    pub kind: DocumentKind,
    /// When the server received it.
    #[n(3)]
    pub received_at: Timestamp,
    /// Who sent it; `None`: the server itself.
    #[n(4)]
    pub author: Option<PersonId>,
    /// What it is.
    #[n(5)]
    pub body: FeedBody,
    /// The server's receipt of a change or a record; older servers send none.
    #[n(6)]
    pub receipt: Option<ByteVec>,
    /// The device it was made on.
    #[n(7)]
    pub device: Option<DeviceId>,
}

/// What a feed item is for this device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum FeedBody {
    /// A change.
    #[n(0)]
    Change {
        /// Raw bytes.
        #[n(0)]
        bytes: ByteVec,
    },
    /// A record.
    #[n(1)]
    Record {
        /// Encoded record.
        #[n(0)]
        bytes: ByteVec,
    },
    /// The document came into the device's scopes: all of it.
    #[n(2)]
    Enter {
        /// The document.
        #[n(0)]
        snapshot: Snapshot,
    },
    /// The document left the device's scopes: push what is pending, then forget it.
    #[n(3)]
    Leave,
}

/// Bytes that are not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// More bytes than a frame may have.
    #[error("a frame has at most {0} bytes")]
    TooLong(usize),
    /// Not what a frame looks like.
    #[error("these bytes are not a frame: {0}")]
    Malformed(String),
}

pub(super) fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8], most: usize) -> Result<T, WireError> {
    if bytes.len() > most {
        return Err(WireError::TooLong(most));
    }
    let mut decoder = minicbor::Decoder::new(bytes);
    let frame = decoder.decode().map_err(|error| WireError::Malformed(error.to_string()))?;
    if decoder.position() == bytes.len() {
        Ok(frame)
    } else {
        Err(WireError::Malformed("trailing bytes".to_owned()))
    }
}

impl DeviceFrame {
    /// The bytes of this frame.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes, MAX_FRAME_BYTES)
    }
}

impl ServerFrame {
    /// The bytes of this frame.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads a frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes, MAX_SERVER_FRAME_BYTES)
    }
}
