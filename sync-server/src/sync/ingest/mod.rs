//! The one way into the feed.
//!
//! Commands of one organisation queue in a [`Lane`] and are settled in micro-batches: load the documents, judge
//! on a blocking thread, then one transaction that takes its locks always in the same order (documents by id,
//! rows that features share, the feed's counter) and commits documents, projections and feed rows together. A
//! command whose document was changed meanwhile by another node leaves for the next round. While a batch is
//! stored, the next one is judged upon what it will leave.

mod attempt;
mod behind_root;
mod commit;
mod decision;
pub(super) mod deletion;
mod failure;
mod lane;
mod own_row;
mod panels;
pub(super) mod quarantine;
mod queries;
mod rehearsal;
pub(super) mod reroot;
mod retention;
mod ruling;
mod scrutiny;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use ring::hmac;
use shared_model::identity::{ActorId, CommandId, DocumentId, OrganisationId};
use shared_model::ingest::{ActorStanding, Submitter, Verdict};
use shared_model::sync_protocol::PushedCommand;
use shared_model::workspace::Aggregate;
use sqlx::PgPool;
use tokio::sync::Semaphore;

pub use self::decision::Decision;
pub(crate) use self::lane::Lane;
pub(crate) use self::queries::ensure_feed;
pub use self::rehearsal::Rehearsal;
use self::retention::Sweeps;
pub(crate) use self::ruling::UNKNOWN_REFERENCE;
use super::wake::Wake;
use super::{NodeSettings, Sender, TypedCommand};
use crate::clock::Clock;
use crate::directory::actors::ActorOwner;
use crate::document_store::DocumentStore;
use crate::random;
use crate::sync::receipt::ReceiptKey;

/// How a pushed command is judged: [`shared_model::ingest::judge`].
pub type Judge = fn(
    &PushedCommand,
    &Submitter<'_>,
    &BTreeMap<ActorId, ActorStanding>,
    &BTreeMap<DocumentId, Aggregate>,
) -> Verdict;

/// Bindings of actors a node remembers before it starts afresh; a binding never changes.
const REMEMBERED_ACTORS: usize = 100_000;

/// Something to settle.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Made on a device.
    Pushed(PushedCommand),
    /// To be executed here.
    Typed(Box<TypedCommand>),
}

impl Task {
    pub(super) const fn id(&self) -> CommandId {
        match self {
            Self::Pushed(command) => command.id,
            Self::Typed(typed) => typed.id,
        }
    }
}

/// Sequence numbers for records of the node's actors, each given once; gaps are allowed.
#[derive(Debug)]
pub(super) struct RecordSeqs(AtomicU64);

impl Default for RecordSeqs {
    fn default() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl RecordSeqs {
    /// Reserves `count` numbers and returns the first.
    pub(super) fn reserve(&self, count: u64) -> u64 {
        self.0.fetch_add(count, Ordering::Relaxed)
    }
}

/// The actors a node writes under: its own, and one for each person and device that give commands here, so that what
/// they did is theirs on every device. All are fresh for every node and never used again.
pub(super) struct Scribes {
    node: ActorId,
    key: hmac::Key,
}

impl Scribes {
    fn new() -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>());
        Self { node: ActorId::from_bytes(random::bytes()), key }
    }

    /// The actor for commands of this sender. Nobody foresees it: whoever did could bind it before its owner does.
    fn of(&self, sender: &Sender) -> ActorId {
        let Some((grants, device)) = sender.caller() else { return self.node };
        let mut owner = hmac::Context::with_key(&self.key);
        owner.update(grants.person.as_bytes());
        owner.update(device.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&owner.sign().as_ref()[..16]);
        ActorId::from_bytes(bytes)
    }
}

/// What the lanes of a node share.
pub(crate) struct Core {
    pub(super) pool: PgPool,
    pub(super) clock: Clock,
    pub(super) receipt_key: ReceiptKey,
    pub(super) judge: Judge,
    pub(super) documents: DocumentStore,
    pub(super) scribes: Arc<Scribes>,
    pub(super) wake: Wake,
    pub(super) record_seqs: Arc<RecordSeqs>,
    actors: Mutex<HashMap<(OrganisationId, ActorId), ActorOwner>>,
    sweeps: Sweeps,
    /// Whoever holds it writes snapshots.
    pub(super) snapshot_turn: Arc<Semaphore>,
}

impl Core {
    pub(super) fn new(settings: NodeSettings, wake: Wake) -> Self {
        let NodeSettings { pool, clock, receipt_key, shutdown: _, judge, cache_bytes } = settings;
        Self {
            pool,
            clock,
            receipt_key,
            judge,
            documents: DocumentStore::new(cache_bytes),
            scribes: Arc::new(Scribes::new()),
            wake,
            record_seqs: Arc::default(),
            actors: Mutex::default(),
            sweeps: Sweeps::default(),
            snapshot_turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// The actor the node itself writes under.
    pub(crate) fn actor(&self) -> ActorId {
        self.scribes.node
    }

    pub(super) fn remembered_owner(
        &self,
        organisation: OrganisationId,
        actor: ActorId,
    ) -> Option<ActorOwner> {
        self.actors.lock().get(&(organisation, actor)).copied()
    }

    pub(super) fn remember_owner(&self, organisation: OrganisationId, actor: ActorId, owner: ActorOwner) {
        let mut actors = self.actors.lock();
        if actors.len() >= REMEMBERED_ACTORS {
            actors.clear();
        }
        actors.insert((organisation, actor), owner);
    }
}
