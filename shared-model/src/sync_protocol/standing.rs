//! What a device remembers about its copy between two connections.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use crate::identity::{CommandId, DocumentId};
use crate::ingest::REROOTED;
use crate::instant::Timestamp;
use crate::sync_protocol::{Cursor, PushedCommand, PushedItem};
use crate::workspace::Item;

/// Where the device's copy stands. It changes only in the transactions that store what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Standing {
    /// How far the feed is stored; `None` before the first load is complete.
    #[n(0)]
    pub cursor: Option<Cursor>,
    /// Fingerprint of the rights the copy was made under, as the server gave it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub rights: Vec<u8>,
    /// The load under way.
    #[n(2)]
    pub load: Option<LoadProgress>,
    /// Version of the stored directory; 0: none.
    #[n(3)]
    pub directory_version: u64,
    /// The newest schema step that the server knows, as it said last; 0: none beyond genesis.
    #[n(4)]
    #[cbor(default)]
    pub schema: u8,
    /// Documents that came whole may be as new as this, when that is beyond the cursor.
    #[n(5)]
    pub seen: Option<Cursor>,
    /// When the copy was last found to be the server's, or the first one began to be used; by the device's clock.
    #[n(6)]
    pub checked: Option<Timestamp>,
}

impl Standing {
    /// After a range of the feed that ends at `to` was stored.
    #[must_use]
    pub fn after_feed(&self, to: &Cursor) -> Self {
        let seen = self.seen.clone().filter(|seen| seen.seq > to.seq);
        Self { cursor: Some(to.clone()), seen, ..self.clone() }
    }

    /// After a page of `load` with `count` documents was stored that ends at `through`, or ends the load.
    #[must_use]
    pub fn after_page(&self, load: &LoadProgress, through: Option<DocumentId>, count: usize) -> Self {
        let loaded = load.loaded + u64::try_from(count).unwrap_or(0);
        if through.is_some() {
            let load = LoadProgress { after: through, loaded, ..load.clone() };
            return Self { load: Some(load), ..self.clone() };
        }
        self.after_load(load)
    }

    /// After a pack of `load` with `count` documents was stored that names `next`, or ends the load.
    #[must_use]
    pub fn after_pack(&self, load: &LoadProgress, next: Option<&str>, count: usize) -> Self {
        match next {
            Some(next) => Self { load: Some(load.after_pack(next, count)), ..self.clone() },
            None => self.after_load(load),
        }
    }

    fn after_load(&self, load: &LoadProgress) -> Self {
        Self {
            cursor: Some(load.from.clone()),
            rights: load.rights.clone(),
            load: None,
            directory_version: self.directory_version,
            schema: self.schema,
            seen: self.seen.clone().filter(|seen| seen.seq > load.from.seq),
            checked: self.checked,
        }
    }

    /// Before documents are stored that may be as new as `at`.
    #[must_use]
    pub fn after_seen(&self, at: Option<&Cursor>) -> Self {
        Self { seen: at.cloned(), ..self.clone() }
    }

    /// After the server said which schema steps it knows.
    #[must_use]
    pub fn after_welcome(&self, schema: u8) -> Self {
        Self { schema, ..self.clone() }
    }

    /// After the copy was compared.
    #[must_use]
    pub fn after_check(&self, at: Timestamp) -> Self {
        Self { checked: Some(at), ..self.clone() }
    }

    /// After the directory was stored.
    #[must_use]
    pub fn after_directory(&self, version: u64) -> Self {
        Self { directory_version: version, ..self.clone() }
    }
}

/// A load under way: all readable documents, pack by pack, or page by page in order of id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LoadProgress {
    /// The end of the feed when the load began: where the feed goes on afterwards.
    #[n(0)]
    pub from: Cursor,
    /// Fingerprint of the rights it began under.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub rights: Vec<u8>,
    /// The last document of the pages stored so far.
    #[n(2)]
    pub after: Option<DocumentId>,
    /// Documents that no page names are forgotten. Not after the server lost its history: then the device may
    /// be the only one that has them.
    #[n(3)]
    pub sweep: bool,
    /// How many documents the pages stored so far brought.
    #[n(4)]
    pub loaded: u64,
    /// About how many there are.
    #[n(5)]
    pub documents: u64,
    /// The load goes by packs, and how far; `None`: by pages of snapshots.
    #[n(6)]
    pub packs: Option<PackProgress>,
    /// It began on a device that had nothing: a row without a document is of this very load.
    #[n(7)]
    #[cbor(default)]
    pub from_nothing: bool,
}

/// How far a load by packs is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackProgress {
    /// The pack to ask for next; `None`: the first.
    #[n(0)]
    pub next: Option<String>,
}

impl LoadProgress {
    /// Nothing of it is stored yet.
    pub fn is_beginning(&self) -> bool {
        self.after.is_none() && self.packs.as_ref().is_none_or(|packs| packs.next.is_none())
    }

    /// After a pack with `count` documents that names `next`.
    #[must_use]
    pub fn after_pack(&self, next: &str, count: usize) -> Self {
        let loaded = self.loaded + u64::try_from(count).unwrap_or(0);
        Self { loaded, packs: Some(PackProgress { next: Some(next.to_owned()) }), ..self.clone() }
    }
}

/// A command that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OutboxEntry {
    /// The command, as it is pushed.
    #[n(0)]
    pub command: PushedCommand,
    /// The documents it touches.
    #[n(1)]
    pub documents: Vec<DocumentId>,
    /// How often it was done again after it was refused itself; once is enough.
    #[n(2)]
    pub replays: u8,
    /// The server refused it; it waits to be done again or set aside.
    #[n(3)]
    pub refused: bool,
    /// The server holds it for somebody to decide about.
    #[n(4)]
    #[cbor(default)]
    pub held: bool,
    /// It was refused because its document has a new root: no fault of its own.
    #[n(5)]
    #[cbor(default)]
    pub rerooted: bool,
}

impl OutboxEntry {
    /// The entry of a command that has just been executed: its intent as JSON, and what it made.
    pub fn of_items(id: CommandId, intent: Vec<u8>, items: Vec<Item>) -> Self {
        let documents: BTreeSet<DocumentId> = items.iter().map(Item::document).collect();
        let items = items.into_iter().map(|item| match item {
            Item::Change { document, kind, bytes } => {
                PushedItem::Change { document, kind, bytes: bytes.into() }
            }
            Item::Record(record) => PushedItem::Record { bytes: record.encode().into() },
        });
        let command = PushedCommand { id, intent: intent.into(), items: items.collect() };
        Self::new(command, documents.into_iter().collect())
    }

    /// A fresh command.
    pub const fn new(command: PushedCommand, documents: Vec<DocumentId>) -> Self {
        Self { command, documents, replays: 0, refused: false, held: false, rerooted: false }
    }

    /// Notes that the server refuses it, with this code.
    pub fn refuse(&mut self, code: &str) {
        self.refused = true;
        self.rerooted = code == REROOTED;
    }

    /// The command's id.
    pub const fn id(&self) -> CommandId {
        self.command.id
    }

    /// About how many bytes it takes in a frame.
    pub fn size(&self) -> usize {
        let items = self.command.items.iter().map(|item| match item {
            PushedItem::Change { bytes, .. } => bytes.len() + 64,
            PushedItem::Record { bytes } => bytes.len() + 16,
        });
        self.command.intent.len() + 64 + items.sum::<usize>()
    }
}
