//! Judging a pushed command on the server: structure, authorship, rights per operation, then the merge on a copy.
//!
//! Pure: the caller loads the documents and the actor bindings a command names, calls [`judge`], and stores what
//! was accepted in one transaction. The same code runs in the simulator. A panic inside (hostile bytes that
//! Automerge trips over) is caught by the caller; nothing it held has changed.

use std::collections::{BTreeMap, BTreeSet};

mod court;
pub mod give_back;
mod rights;
#[cfg(test)]
mod tests;

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use crate::document::DocumentKind;
use crate::gate::{self, Checked, Numbering};
use crate::identity::{ActorId, DeviceId, DocumentId, PersonId};
use crate::permission::{Grants, Scope};
use crate::record::Record;
use crate::sync_protocol::{PushedCommand, PushedItem};
use crate::workspace::{Aggregate, Touch};

use court::Court;

/// More heads than this are joined by an operation-free change of the server, so that deps stay few.
pub const MAX_HEADS: usize = 8;

/// The code of a refusal because a document was deleted.
pub const DOCUMENT_DELETED: &str = "document_deleted";

/// The code of a refusal because the past that a change builds upon, or that is given back, made way for a new root.
pub const REROOTED: &str = "rerooted";

/// Who submits a command.
#[derive(Clone, Copy, Debug)]
pub struct Submitter<'a> {
    /// The rights of the person; `None`: the server itself.
    pub grants: Option<&'a Grants>,
    /// The device it came from; `None`: the server itself.
    pub device: Option<DeviceId>,
    /// The node's registered actor, for merge changes.
    pub server_actor: ActorId,
    /// How its changes may be numbered; whoever numbers otherwise than our own engine edits documents and
    /// begins none.
    pub numbering: Numbering,
    /// It was accepted once and is given back: nobody asks for rights again, however it is numbered, and facts of the
    /// server itself may come with it.
    pub given_back: bool,
    /// Nobody knows whose actors these are: they are bound to nobody.
    pub unowned: bool,
}

/// What the binding of actors to people and devices says about one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorStanding {
    /// Never seen: accepting the command binds it to the submitter.
    Free,
    /// Bound to the submitter.
    Own,
    /// Bound to somebody else.
    Foreign,
}

/// What becomes of a command.
#[derive(Debug)]
pub enum Verdict {
    /// Store it.
    Accepted(Box<Accepted>),
    /// It builds on what is not here: change hashes or record ids.
    MissingDeps(Vec<Vec<u8>>),
    /// Refused for its structure or for lack of rights.
    Rejected {
        /// Stable code.
        code: String,
        /// What to know about it.
        detail: String,
    },
}

/// An accepted command.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Its items in order, then merge changes of the server.
    pub items: Vec<AcceptedItem>,
    /// The documents after it.
    pub touched: BTreeMap<DocumentId, Touched>,
    /// The actors of its items, to be bound to the submitter.
    pub actors: BTreeSet<ActorId>,
}

impl Accepted {
    /// Was everything in it here already?
    pub fn is_duplicate(&self) -> bool {
        self.items.iter().all(|item| item.known)
    }
}

/// A document that a command touched.
#[derive(Clone, Debug)]
pub struct Touched {
    /// The document after the command.
    pub aggregate: Aggregate,
    /// The command created it.
    pub created: bool,
    /// Where it belonged before.
    pub scopes_before: Vec<Scope>,
    /// Where it belongs now, kept up to date change by change.
    pub scopes_after: Vec<Scope>,
}

/// One item as the feed stores it.
#[derive(Clone, Debug)]
pub struct AcceptedItem {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Change hash (32 bytes) or record id (16 bytes).
    pub item_id: Vec<u8>,
    /// Raw change or encoded record.
    pub payload: Vec<u8>,
    /// SHA-256 of the payload.
    pub item_hash: [u8; 32],
    /// What it is.
    pub fact: ItemFact,
    /// It was here already.
    pub known: bool,
    /// Who states it; `None`: the server.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum ItemFact {
    /// A change.
    Change {
        /// The actor's sequence number in this document.
        actor_seq: u64,
        /// The change's hash.
        hash: ChangeHash,
    },
    /// A record.
    Record(Record),
}

impl AcceptedItem {
    /// The feed's form of a record, for records the server itself states.
    pub fn of_record(kind: DocumentKind, record: Record) -> Self {
        let payload = record.encode();
        Self {
            document: record.document,
            kind,
            item_id: record.id.as_bytes().to_vec(),
            item_hash: Sha256::digest(&payload).into(),
            payload,
            known: false,
            author: record.author,
            actor: record.actor,
            fact: ItemFact::Record(record),
        }
    }

    fn of_change(place: Touch, checked: &Checked, bytes: &[u8], author: Option<PersonId>) -> Option<Self> {
        Some(Self {
            document: place.document,
            kind: place.kind,
            item_id: checked.hash.0.to_vec(),
            payload: bytes.to_vec(),
            item_hash: Sha256::digest(bytes).into(),
            known: false,
            author,
            actor: ActorId::from_automerge(checked.change.actor_id())?,
            fact: ItemFact::Change {
                actor_seq: ActorId::seq_in_document(checked.change.actor_id(), checked.change.seq()),
                hash: checked.hash,
            },
        })
    }
}

/// Refusal inside a judgement, on its way out.
enum No {
    Missing(Vec<Vec<u8>>),
    Rejected(String, String),
}

impl No {
    fn because(code: &str, detail: impl Into<String>) -> Self {
        Self::Rejected(code.to_owned(), detail.into())
    }
}

impl From<gate::Refused> for No {
    fn from(refused: gate::Refused) -> Self {
        match refused {
            gate::Refused::MissingDeps(hashes) => {
                Self::Missing(hashes.into_iter().map(|hash| hash.0.to_vec()).collect())
            }
            other => Self::because(other.code(), other.to_string()),
        }
    }
}

impl From<No> for Verdict {
    fn from(no: No) -> Self {
        match no {
            No::Missing(hashes) => Self::MissingDeps(hashes),
            No::Rejected(code, detail) => Self::Rejected { code, detail },
        }
    }
}

/// The documents to load before judging a command, each once. None of a command that names too many.
pub fn documents_of(command: &PushedCommand) -> Result<Vec<DocumentId>, Verdict> {
    let documents = command.items.iter().map(|item| match item {
        PushedItem::Change { document, .. } => Ok(*document),
        PushedItem::Record { bytes } => gate::check_record(bytes).map(|record| record.document),
    });
    let documents: BTreeSet<DocumentId> =
        documents.collect::<Result<_, _>>().map_err(|refused| Verdict::from(No::from(refused)))?;
    gate::check_documents(documents.len()).map_err(|refused| Verdict::from(No::from(refused)))?;
    Ok(documents.into_iter().collect())
}

/// The refusal of a command that would add to a document that was deleted; `None`: it adds to none. Nothing brings such
/// a document back but its restoration: a tablet may come with an edit of it after weeks.
pub fn refuse_deleted(command: &PushedCommand, is_deleted: impl Fn(DocumentId) -> bool) -> Option<Verdict> {
    let named = documents_of(command).ok()?;
    let deleted = named.into_iter().find(|id| is_deleted(*id))?;
    Some(Verdict::Rejected { code: DOCUMENT_DELETED.to_owned(), detail: deleted.to_string() })
}

/// The actors whose bindings are to be looked up before judging a command.
pub fn actors_of(command: &PushedCommand) -> BTreeSet<ActorId> {
    let actors = command.items.iter().filter_map(|item| match item {
        PushedItem::Change { bytes, .. } => gate::change_author(bytes).ok(),
        PushedItem::Record { bytes } => Record::decode(bytes).ok().map(|record| record.actor),
    });
    actors.collect()
}

/// Judges a command against the documents as they are now.
pub fn judge(
    command: &PushedCommand,
    submitter: &Submitter<'_>,
    standing: &BTreeMap<ActorId, ActorStanding>,
    documents: &BTreeMap<DocumentId, Aggregate>,
) -> Verdict {
    match Court::new(submitter, standing, documents).judge(command) {
        Ok(accepted) => Verdict::Accepted(Box::new(accepted)),
        Err(no) => no.into(),
    }
}
