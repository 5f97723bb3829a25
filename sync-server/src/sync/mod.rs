//! The server's end of the sync engine: one node of any number on the same database.
//!
//! [`SyncNode::submit`] takes pushed commands, [`SyncNode::execute`] typed ones; both go the same way through
//! [`ingest`] into the feed. [`socket`] serves devices; [`wake`] tells them, here and on other nodes, that the
//! feed has grown.

pub mod admission;
pub mod chain;
pub mod commands;
pub mod deletions;
pub mod deposits;
mod directory_reader;
pub mod epoch;
pub mod feed;
pub mod horizon;
pub mod ingest;
mod marks;
pub mod packs;
pub mod quarantine;
pub mod reach;
mod reader;
pub mod receipt;
pub mod roots;
mod shared;
mod snapshots;
pub mod socket;
mod take_back;
mod visit;
pub mod wake;

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use shared_model::features::{Command, Names};
use shared_model::gate::Numbering;
use shared_model::identity::{ActorId, CommandId, DeviceId, DocumentId, OrganisationId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use self::directory_reader::DirectoryReader;
use self::ingest::{Core, Lane, Rehearsal, Task};
use self::reader::FeedReader;
use self::receipt::ReceiptKey;
use self::wake::Wake;
use crate::clock::Clock;
use crate::turns::{Turn, Turns};

/// Packs that are made at once: each takes some megabytes. Half of them at most are for one organisation.
const PACKS: usize = 4;
/// How often a job asks again, and how long it waits between.
const PATIENCE: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// What a node is made of.
pub struct NodeSettings {
    /// Connections under the application role.
    pub pool: PgPool,
    /// The time.
    pub clock: Clock,
    /// The key of receipts, shared by all nodes.
    pub receipt_key: ReceiptKey,
    /// Ends the node's background tasks.
    pub shutdown: CancellationToken,
    /// How commands are judged; a test may put a judge here that fails.
    pub judge: ingest::Judge,
    /// About how much memory live documents may take.
    pub cache_bytes: usize,
}

/// Who submits commands.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The rights of the person; `None`: the server itself (jobs, imports).
    pub grants: Option<Grants>,
    /// The device the commands come from; `None`: the server itself (jobs, imports).
    pub device: Option<DeviceId>,
    /// How its changes are numbered: exactly, unless another Automerge client made them.
    pub numbering: Numbering,
    /// It was accepted once and is given back: nobody asks for rights again.
    pub given_back: bool,
    /// Nobody knows any more whose actors these are: they are bound to nobody.
    pub unowned: bool,
}

impl Sender {
    /// The person and the device that hand commands in, unless it is the server itself. What they give here instead of
    /// executing it on the device is looked at more closely: everything it refers to is at hand.
    pub(crate) fn caller(&self) -> Option<(&Grants, DeviceId)> {
        Some((self.grants.as_ref()?, self.device?))
    }
}

/// Commands with one fate that are executed on the server.
#[derive(Clone, Debug)]
pub struct TypedCommand {
    /// Names them for ever; executing them again is harmless.
    pub id: CommandId,
    /// What to do, in order.
    pub commands: Vec<Command>,
    /// When it happened, for imported history; `None`: now.
    pub at: Option<Timestamp>,
}

impl TypedCommand {
    /// One command that happens now.
    pub fn new(id: CommandId, command: Command) -> Self {
        Self { id, commands: vec![command], at: None }
    }

    /// The documents it reads or writes.
    pub fn documents(&self) -> impl Iterator<Item = DocumentId> {
        self.commands.iter().flat_map(Command::documents).map(|touch| touch.document)
    }

    /// Everything it names beside them.
    pub fn names(&self) -> Names {
        let mut all = Names::default();
        for names in self.commands.iter().map(Command::names) {
            all.documents.extend(names.documents);
            all.records.extend(names.records);
            all.references.extend(names.references);
        }
        all
    }

    /// Was this very thing asked for with that intent?
    pub fn is_asked_by(&self, intent: &[u8]) -> bool {
        // What was said about a document with a new root is not known any more.
        if intent.is_empty() {
            return true;
        }
        match self.commands.as_slice() {
            [command] => serde_json::from_slice(intent).is_ok_and(|asked: Command| asked == *command),
            commands => serde_json::from_slice(intent).is_ok_and(|asked: Vec<Command>| asked == commands),
        }
    }

    /// What is kept for the audit: the command, or the list of them.
    pub fn intent(&self) -> Vec<u8> {
        let json = match self.commands.as_slice() {
            [command] => serde_json::to_vec(command),
            commands => serde_json::to_vec(commands),
        };
        json.unwrap_or_default()
    }
}

/// One node. Cheap to clone.
#[derive(Clone)]
pub struct SyncNode {
    core: Arc<Core>,
    lanes: Arc<Mutex<HashMap<OrganisationId, Lane>>>,
    wake: Wake,
    feed_reader: Arc<FeedReader>,
    directory_reader: Arc<DirectoryReader>,
    packs: Arc<Packs>,
    guests: Arc<Turns>,
}

/// Who makes packs.
struct Packs {
    all: Arc<Semaphore>,
    each: Turns,
}

impl SyncNode {
    /// Starts a node and its wake-up tasks on the present runtime.
    pub fn start(settings: NodeSettings) -> Self {
        let wake = Wake::start(settings.pool.clone(), settings.shutdown.clone());
        let core = Arc::new(Core::new(settings, wake.clone()));
        let packs = Packs { all: Arc::new(Semaphore::new(PACKS)), each: Turns::new(PACKS / 2) };
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            core,
            lanes: Arc::default(),
            wake,
            feed_reader: Arc::default(),
            directory_reader: Arc::default(),
            packs: Arc::new(packs),
            guests: Arc::new(Turns::new(processors / 2)),
        }
    }

    /// Judges and commits pushed commands, in order. One result per command, once it is durable.
    pub async fn submit(
        &self,
        organisation: OrganisationId,
        sender: &Sender,
        commands: Vec<PushedCommand>,
    ) -> Vec<CommandResult> {
        let tasks = commands.into_iter().map(Task::Pushed).collect();
        self.lane(organisation).settle(sender.clone(), tasks).await
    }

    /// Executes, judges and commits typed commands, in order. A command that is refused is `Rejected` with the
    /// refusal's code.
    pub async fn execute(
        &self,
        organisation: OrganisationId,
        sender: &Sender,
        commands: Vec<TypedCommand>,
    ) -> Vec<CommandResult> {
        let tasks = commands.into_iter().map(|typed| Task::Typed(Box::new(typed))).collect();
        self.lane(organisation).settle(sender.clone(), tasks).await
    }

    /// Like [`Self::execute`] for jobs that have time: what has to wait is executed again, in order, until the
    /// database answers or a minute has passed.
    pub async fn execute_patiently(
        &self,
        organisation: OrganisationId,
        sender: &Sender,
        commands: Vec<TypedCommand>,
    ) -> Vec<CommandResult> {
        let mut results = self.execute(organisation, sender, commands.clone()).await;
        for _ in 0..PATIENCE {
            let Some(first) = results.iter().position(|result| matches!(result, CommandResult::Retry { .. }))
            else {
                break;
            };
            tokio::time::sleep(PAUSE).await;
            // Later ones may build upon it; those that got through already are duplicates.
            let again = self.execute(organisation, sender, commands[first..].to_vec()).await;
            for (result, again) in results[first..].iter_mut().zip(again) {
                if !matches!(result, CommandResult::Accepted { .. } | CommandResult::Duplicate { .. }) {
                    *result = again;
                }
            }
        }
        results
    }

    /// Begins a rehearsal: what would become of commands that the server itself gives, without storing them.
    pub fn rehearse(&self, organisation: OrganisationId) -> Rehearsal {
        Rehearsal::begin(&self.core, organisation)
    }

    /// The actor this node writes under.
    pub fn actor(&self) -> ActorId {
        self.core.actor()
    }

    /// The key of receipts.
    pub(crate) fn receipt_key(&self) -> &ReceiptKey {
        &self.core.receipt_key
    }

    /// Where to hear that feeds have grown.
    pub const fn wake(&self) -> &Wake {
        &self.wake
    }

    /// Waits until a pack may be made: behind others of the same organisation, and then behind few of anybody else's.
    async fn pack_turn(&self, organisation: OrganisationId) -> (Turn, Option<OwnedSemaphorePermit>) {
        let own = self.packs.each.take(organisation).await;
        (own, Arc::clone(&self.packs.all).acquire_owned().await.ok())
    }

    /// Waits until something may keep a processor busy for a guest of this organisation.
    pub(crate) async fn guest_turn(&self, organisation: OrganisationId) -> Turn {
        self.guests.take(organisation).await
    }

    fn directory_reader(&self) -> &DirectoryReader {
        &self.directory_reader
    }

    fn feed_reader(&self) -> &FeedReader {
        &self.feed_reader
    }

    /// The organisation's lane. One whose task ended, which only a panic nobody foresaw does, is replaced.
    fn lane(&self, organisation: OrganisationId) -> Lane {
        let mut lanes = self.lanes.lock();
        if let Some(lane) = lanes.get(&organisation).filter(|lane| !lane.is_closed()) {
            return lane.clone();
        }
        let lane = Lane::open(&self.core, organisation);
        let ended = lanes.insert(organisation, lane.clone());
        drop(lanes);
        // Outside the lock: what was still queued there answers when it is dropped.
        if ended.is_some() {
            tracing::error!(%organisation, "the way into a feed had ended and is opened anew");
        }
        lane
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_that_ended_is_replaced_once() {
        let node = SyncNode::start(NodeSettings {
            pool: PgPool::connect_lazy("postgres://nobody@localhost:1/none").unwrap(),
            clock: Clock::System,
            receipt_key: ReceiptKey::generate(),
            shutdown: CancellationToken::new(),
            judge: shared_model::ingest::judge,
            cache_bytes: 0,
        });
        let organisation = OrganisationId::from_bytes([1; 16]);
        node.lanes.lock().insert(organisation, Lane::closed());
        assert!(!node.lane(organisation).is_closed());
        assert!(!node.lanes.lock()[&organisation].is_closed());
        assert_eq!(node.lanes.lock().len(), 1);
    }
}
