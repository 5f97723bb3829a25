//! Schema steps: fixed changes that add to documents of a released kind the containers it did not begin with.
//!
//! A step is as deterministic as [`genesis`](super::genesis): an actor of its own, sequence number 1, built upon
//! genesis alone. So two devices that both write a new field first make the same bytes, and what they wrote
//! merges. A document gets a step with the first change that needs it, through the [`Edit`](super::Edit) door.
//! Steps are numbered across all kinds, so that one number says what a server knows.

use std::sync::OnceLock;

use automerge::transaction::CommitOptions;
use automerge::{Change, ChangeHash};

use crate::document::genesis::{self, GENESIS_ACTOR};
use crate::document::{DocumentKind, FieldTable};
use crate::identity::ActorId;

/// The newest step that this version knows.
pub const SCHEMA: u8 = 1;

/// One step of one kind.
#[derive(Clone, Debug)]
pub struct Step {
    number: u8,
    change: Change,
}

impl Step {
    /// Its number.
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// The raw bytes of its change.
    pub fn bytes(&self) -> &[u8] {
        self.change.raw_bytes()
    }

    /// The hash of its change.
    pub fn hash(&self) -> ChangeHash {
        self.change.hash()
    }

    /// Its change.
    pub const fn change(&self) -> &Change {
        &self.change
    }
}

/// The steps of a kind, in order. A step that adds nothing but scalars to this kind has no change.
pub fn all(kind: DocumentKind) -> &'static [Step] {
    static CACHE: [OnceLock<Vec<Step>>; DocumentKind::ALL.len()] =
        [const { OnceLock::new() }; DocumentKind::ALL.len()];
    CACHE[kind as usize].get_or_init(|| {
        let numbers = 1..=kind.fields().schema();
        numbers.filter_map(|number| build(kind, kind.fields(), number)).collect()
    })
}

/// The step of `kind` that is these bytes, every one of them.
pub fn find(kind: DocumentKind, change: &[u8]) -> Option<&'static Step> {
    all(kind).iter().find(|step| step.bytes() == change)
}

/// Is this the hash of a step of `kind`?
pub fn has_hash(kind: DocumentKind, hash: &ChangeHash) -> bool {
    all(kind).iter().any(|step| step.hash() == *hash)
}

/// The author of steps with this number; no device is ever bound to it.
pub const fn actor(number: u8) -> ActorId {
    let mut bytes = *GENESIS_ACTOR.as_bytes();
    bytes[15] += number;
    ActorId::from_bytes(bytes)
}

/// Is this the actor of a genesis or of a step, also of one that only a newer version knows?
pub fn is_reserved(actor: &ActorId) -> bool {
    actor.as_bytes().starts_with(&GENESIS_ACTOR.as_bytes()[..15])
}

/// The change that step `number` makes in documents of this kind; `None` when it brings no container.
pub(super) fn build(kind: DocumentKind, fields: &FieldTable, number: u8) -> Option<Step> {
    let mut containers = fields.containers(number).peekable();
    containers.peek()?;
    let mut document = genesis::document(kind);
    document.set_actor(actor(number).to_automerge());
    let mut transaction = document.transaction();
    let outcome = genesis::put_containers(&mut transaction, containers);
    debug_assert!(outcome.is_ok(), "step {number} of {}: {outcome:?}", kind.code());
    transaction.commit_with(CommitOptions::default().with_time(0));
    document.get_last_local_change().map(|change| Step { number, change })
}
