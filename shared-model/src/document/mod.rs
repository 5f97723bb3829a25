//! Automerge documents: one per aggregate that a few people edit and that is one unit of permission.
//!
//! A [`Document`] starts from the deterministic [`genesis`] of its [`DocumentKind`], grows by schema [`step`]s, is
//! written only through the one [`Edit`] door, and is read by hydrating the whole value with a [`Reader`], which never fails: an
//! older, newer or half-merged document still renders, with [`Anomaly`]s listed beside it.

mod anomaly;
mod concurrent;
mod difference;
mod edit;
mod field;
pub mod genesis;
mod history;
pub(crate) mod item;
mod kind;
mod peek;
mod reader;
pub(crate) mod root;
pub mod step;
#[cfg(test)]
mod tests;
mod text_edit;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use automerge::{Automerge, AutomergeError, Change, ChangeHash, LoadOptions, TextEncoding};

pub use anomaly::{Anomaly, AnomalyKind};
pub use concurrent::{ConcurrentValue, FieldConflict, FieldValue};
pub use edit::{Edit, EditError, MAX_CHANGE_OPS};
pub use field::{Field, FieldTable, Segment, Shape, is_item_key};
pub use history::{FieldChange, FieldLine};
pub use kind::DocumentKind;
pub use reader::{Hydrated, Reader};
pub use root::RootError;
pub use text_edit::{TextEdit, rebased};

use crate::identity::ActorId;
use crate::instant::Timestamp;
use crate::permission::Scope;

/// Indexes into texts count Unicode code points, on every platform.
pub const TEXT_ENCODING: TextEncoding = TextEncoding::UnicodeCodePoint;

/// A live Automerge document of a known kind. Copies share what they hold until one of them is written.
#[derive(Clone, Debug)]
pub struct Document {
    kind: DocumentKind,
    automerge: Arc<Automerge>,
    /// Where it belongs, once somebody has asked; whatever writes the document forgets it.
    scopes: OnceLock<Arc<[Scope]>>,
}

/// Bytes that are not a document of the kind they should be.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Automerge cannot read the bytes.
    #[error("the stored document cannot be read: {0}")]
    Automerge(#[from] AutomergeError),
    /// The bytes do not contain the genesis of this kind.
    #[error("the stored document is not a {}", .0.code())]
    ForeignGenesis(DocumentKind),
}

impl Document {
    /// A new document that holds only its genesis.
    pub fn new(kind: DocumentKind) -> Self {
        Self::of(kind, genesis::document(kind))
    }

    /// Loads saved bytes.
    pub fn load(kind: DocumentKind, bytes: &[u8]) -> Result<Self, LoadError> {
        let options = LoadOptions::new().text_encoding(TEXT_ENCODING);
        let automerge = Automerge::load_with_options(bytes, options)?;
        if automerge.get_change_meta_by_hash(&genesis::hash(kind)).is_none() {
            return Err(LoadError::ForeignGenesis(kind));
        }
        Ok(Self::of(kind, automerge))
    }

    fn of(kind: DocumentKind, automerge: Automerge) -> Self {
        Self { kind, automerge: Arc::new(automerge), scopes: OnceLock::new() }
    }

    /// Where it belongs: read once for as long as nobody writes.
    pub(crate) fn scopes(&self, read: impl FnOnce() -> Vec<Scope>) -> Vec<Scope> {
        self.scopes.get_or_init(|| read().into()).to_vec()
    }

    /// What was written did not move the document: it still belongs there.
    pub(crate) fn stays_within(&mut self, scopes: &[Scope]) {
        self.scopes = OnceLock::from(Arc::from(scopes));
    }

    /// The bytes to store or send: uncompressed, because storage and transport compress whole packs.
    pub fn save(&self) -> Vec<u8> {
        self.automerge.save_nocompress()
    }

    /// What this document is about.
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The hashes of the changes nobody has built upon yet, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads = self.automerge.get_heads();
        heads.sort_unstable();
        heads
    }

    /// Does this document already hold the change with this hash?
    pub fn has_change(&self, hash: &ChangeHash) -> bool {
        self.automerge.get_change_meta_by_hash(hash).is_some()
    }

    /// The hashes among `deps` that this document does not hold.
    pub fn missing(&self, deps: &[ChangeHash]) -> Vec<ChangeHash> {
        deps.iter().filter(|hash| !self.has_change(hash)).copied().collect()
    }

    /// Merges changes that have passed the gate. Changes already held are ignored.
    pub fn apply(&mut self, changes: Vec<Change>) -> Result<(), AutomergeError> {
        self.scopes.take();
        Arc::make_mut(&mut self.automerge).apply_changes(changes)
    }

    /// Every change that is not an ancestor of `heads`, in causal order.
    pub fn changes_since(&self, heads: &[ChangeHash]) -> Vec<Change> {
        self.automerge.get_changes(heads)
    }

    /// The document as it was at these heads; `None` when it does not hold them all.
    pub fn at(&self, heads: &[ChangeHash]) -> Option<Self> {
        let automerge = self.automerge.fork_at(heads).ok()?;
        Some(Self::of(self.kind, automerge))
    }

    /// Edits the document as `actor`. Returns what `edit` returned and the raw bytes of the changes made,
    /// in order (none when nothing changed). When `edit` fails the document is as it was.
    ///
    /// A schema [`step`] that the edit needs is among the changes, before the first that writes its fields.
    pub fn edit<T, E: From<EditError>>(
        &mut self,
        actor: ActorId,
        now: Timestamp,
        edit: impl FnOnce(&mut Edit) -> Result<T, E>,
    ) -> Result<(T, Vec<Vec<u8>>), E> {
        let before = self.automerge.get_heads();
        self.scopes.take();
        let empty = Arc::new(Automerge::new_with_encoding(TEXT_ENCODING));
        let taken = std::mem::replace(&mut self.automerge, empty);
        let mut door = Edit::open(self.kind, Arc::unwrap_or_clone(taken), actor, now);
        let outcome = edit(&mut door);
        match outcome {
            Ok(value) => {
                self.automerge = Arc::new(door.commit());
                let made = self.automerge.get_changes(&before);
                Ok((value, made.iter().map(|change| change.raw_bytes().to_vec()).collect()))
            }
            Err(error) => {
                self.automerge = Arc::new(door.abandon());
                Err(error)
            }
        }
    }

    /// When somebody last edited the document, by the clock of their device (to the second): the greatest time
    /// among its heads; a change of no time (a genesis, a merge of heads) passes the question on to what it
    /// was built upon. Shown, never ordered by.
    pub fn last_edit(&self) -> Timestamp {
        self.latest_edit().0
    }

    /// The actor whose edit that was; `None` before the first one.
    pub fn last_editor(&self) -> Option<ActorId> {
        self.latest_edit().1
    }

    fn latest_edit(&self) -> (Timestamp, Option<ActorId>) {
        let mut latest = (0, None);
        let mut seen = BTreeSet::new();
        let mut open = self.automerge.get_heads();
        while let Some(hash) = open.pop() {
            if !seen.insert(hash) {
                continue;
            }
            let Some(change) = self.automerge.get_change_meta_by_hash(&hash) else { continue };
            if change.timestamp == 0 {
                open.extend(change.deps);
            }
            latest = latest.max((change.timestamp, ActorId::from_automerge(&change.actor)));
        }
        let (seconds, actor) = latest;
        (Timestamp::from_millis(seconds.saturating_mul(1000)), actor.filter(|_| seconds > 0))
    }

    /// An operation-free change that joins all heads, so that later changes name few dependencies.
    /// `None` when there is at most one head.
    pub fn merge_heads(&mut self, actor: ActorId) -> Option<Vec<u8>> {
        if self.automerge.get_heads().len() < 2 {
            return None;
        }
        use automerge::ReadDoc;
        let automerge = Arc::make_mut(&mut self.automerge);
        automerge.set_actor(actor.to_automerge());
        let hash = automerge.empty_commit(automerge::transaction::CommitOptions::default().with_time(0));
        automerge.get_change_by_hash(&hash).map(|change| change.raw_bytes().to_vec())
    }

    /// Reads the present value.
    pub fn hydrate(&self) -> Hydrated<'_> {
        use automerge::ReadDoc;
        Hydrated::new(self.automerge.iter())
    }

    /// The Automerge document, for the gate and the sync endpoints. Writing goes through [`Self::edit`].
    pub fn automerge(&self) -> &Automerge {
        &self.automerge
    }
}
