//! Settling a batch: rounds, until every command has its result.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use anyhow::Context;
use futures_util::FutureExt;
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::features::Names;
use shared_model::identity::{ActorId, CommandId, DocumentId, OrganisationId, RecordId};
use shared_model::ingest::{REROOTED, actors_of, documents_of};
use shared_model::record::Record;
use shared_model::sync_protocol::{CommandResult, PushedItem};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::commit::{self, Committed};
use super::failure::{Failure, Panicked};
use super::lane::{Job, RETRY_AFTER_MS};
use super::ruling::{self, Docket, Ruling};
use super::scrutiny::Scrutiny;
use super::{Core, Task, behind_root, panels, quarantine, queries};
use crate::crash_point::{self, CrashPoint};
use crate::database::{TenantTransaction, tenant_keys};
use crate::directory::{actors, actors::ActorOwner};
use crate::document_store::{self, Needs, Stored, Taken};
use crate::projection::Written;

/// After so many lost races documents are locked before they are read: whoever waits gets through.
const OPTIMISTIC_ROUNDS: u32 = 2;
/// Collisions beyond races for documents (deadlocks, a key taken in the same moment) that are tried again.
const MAX_COLLISIONS: u32 = 5;

/// A batch that has been judged and not yet stored.
pub(super) struct Judged {
    ruling: Ruling,
    /// Documents that were taken as the batch before will leave them.
    leans_on: BTreeSet<DocumentId>,
}

/// How a batch that is being stored, or never will be, leaves its documents.
#[derive(Default)]
pub(super) struct Foreseen {
    pub(super) documents: BTreeMap<DocumentId, Stored>,
    /// Every document touched is here, with its ledger, and no command comes twice. Otherwise these are read from the
    /// feed, where a batch that is being stored is not yet.
    pub(super) is_whole: bool,
}

/// What became of a batch, for the one that was judged while it was stored.
pub(super) enum Fate {
    /// As foreseen, but for what the server itself stated about some documents.
    Foreseen {
        but: BTreeSet<DocumentId>,
        /// What nobody could foresee of those that were written.
        left: BTreeMap<DocumentId, Left>,
    },
    /// Something else.
    Otherwise,
}

/// What a document's rows and snapshot are once it is stored.
pub(super) struct Left {
    pub(super) written: Written,
    pub(super) snapshot_change_count: i64,
}

impl Judged {
    /// What the batch after this one may be judged upon.
    pub(super) fn foreseen(&self) -> Foreseen {
        Foreseen { documents: self.ruling.foreseen(), is_whole: false }
    }

    /// What was judged.
    pub(super) fn into_ruling(self) -> Ruling {
        self.ruling
    }

    /// The same after the batch before met this fate; `None`: it does not hold any more.
    pub(super) fn after(mut self, fate: &Fate) -> Option<Self> {
        let Fate::Foreseen { but, left } = fate else { return self.leans_on.is_empty().then_some(self) };
        if !self.leans_on.is_disjoint(but) {
            return None;
        }
        for id in &self.leans_on {
            if let (Some(stored), Some(left)) = (self.ruling.documents.get_mut(id), left.get(id)) {
                stored.written = left.written.clone();
                stored.state.snapshot_change_count = left.snapshot_change_count;
            }
        }
        Some(self)
    }
}

/// Settles every job of a batch, beginning with what was judged already.
pub(super) async fn settle(
    core: &Core,
    organisation: OrganisationId,
    jobs: Vec<Arc<Job>>,
    mut judged: Option<Judged>,
) -> Fate {
    let mut pending = jobs;
    let mut fate = None;
    let (mut round, mut collisions, mut panics) = (0, 0, 0);
    while !pending.is_empty() {
        // Nothing outlives a panic: the transaction is rolled back, and documents taken are read again.
        let attempt = AssertUnwindSafe(attempt(core, organisation, &pending, round, judged.take()));
        let error = match attempt.catch_unwind().await {
            Ok(Ok(done)) => {
                let first = Fate::Foreseen { but: done.decided, left: done.left };
                fate = Some(if fate.is_none() && done.stale.is_empty() { first } else { Fate::Otherwise });
                pending = done.stale;
                round += 1;
                continue;
            }
            Ok(Err(error)) => error,
            Err(panic) => Panicked(ruling::panic_message(panic.as_ref())).into(),
        };
        fate = Some(Fate::Otherwise);
        match Failure::of(&error) {
            Failure::Collision if collisions < MAX_COLLISIONS => collisions += 1,
            Failure::Panic if pending.len() == 1 && panics == 0 => panics += 1,
            Failure::Unavailable => {
                tracing::warn!(%organisation, cause = format!("{error:#}"), "commands have to wait");
                pending.iter().for_each(|job| job.settle(CommandResult::Retry { after_ms: RETRY_AFTER_MS }));
                break;
            }
            Failure::Collision | Failure::Data | Failure::Panic if pending.len() > 1 => {
                tracing::warn!(%organisation, cause = format!("{error:#}"), "a batch failed and is taken apart");
                for job in pending {
                    Box::pin(settle(core, organisation, vec![job], None)).await;
                }
                break;
            }
            failure @ (Failure::Collision | Failure::Data | Failure::Panic) => {
                let code = if failure == Failure::Panic { "commit_panicked" } else { "not_storable" };
                let detail = format!("{error:#}");
                let result = quarantine::hold(core, organisation, &pending[0], code, detail).await;
                pending[0].settle(result);
                break;
            }
        }
    }
    fate.unwrap_or(Fate::Otherwise)
}

/// What a round came to.
#[derive(Default)]
struct Done {
    /// Jobs that somebody else's commit made stale.
    stale: Vec<Arc<Job>>,
    /// Documents about which the server stated something.
    decided: BTreeSet<DocumentId>,
    left: BTreeMap<DocumentId, Left>,
}

/// One round.
async fn attempt(
    core: &Core,
    organisation: OrganisationId,
    jobs: &[Arc<Job>],
    round: u32,
    judged: Option<Judged>,
) -> anyhow::Result<Done> {
    let (transaction, ruling) = match judged {
        Some(judged) => (None, judged.ruling),
        None => {
            let mut transaction = tenant_keys(&core.pool, organisation).await?;
            let nothing = Foreseen::default();
            let docket = prepare(core, &mut transaction, organisation, jobs, round, &nothing).await?;
            // What is locked stays so until the commit.
            (Some(transaction), rule(docket).await?)
        }
    };
    let begun = Instant::now();
    let (transaction, all_bound) = bind_actors(core, transaction, organisation, &ruling).await?;
    if !all_bound {
        return Ok(Done { stale: jobs.to_vec(), ..Done::default() });
    }
    let committed = commit::store(core, transaction, organisation, ruling).await?;
    metrics::histogram!("sync_batch_commit_seconds").record(begun.elapsed());
    match committed {
        Committed::Done { results, panicked, stale, decided, left } => {
            for (job, code, detail) in panicked {
                let result = quarantine::hold(core, organisation, &jobs[job], code, detail).await;
                jobs[job].settle(result);
            }
            for (job, result) in results {
                let result = behind_root::tell(core, organisation, &jobs[job], result).await;
                // What its device does again upon a new root is not kept: what it says of the past was erased.
                if let CommandResult::Rejected { code, detail } = &result
                    && code != REROOTED
                {
                    quarantine::keep_refused(core, organisation, &jobs[job], code, detail).await;
                }
                jobs[job].settle(result);
            }
            Ok(Done { stale: stale.into_iter().map(|job| Arc::clone(&jobs[job])).collect(), decided, left })
        }
        Committed::Beaten => Ok(Done { stale: jobs.to_vec(), ..Done::default() }),
    }
}

/// Judges a batch upon what the database holds and, where the batch before is at work, upon what it will leave.
pub(super) async fn judge(
    core: &Core,
    organisation: OrganisationId,
    jobs: &[Arc<Job>],
    foreseen: &Foreseen,
) -> anyhow::Result<Judged> {
    crash_point::pass(CrashPoint::Arrived);
    let begun = Instant::now();
    let mut transaction = tenant_keys(&core.pool, organisation).await?;
    let docket = prepare(core, &mut transaction, organisation, jobs, 0, foreseen).await?;
    transaction.rollback().await?;
    let leans_on =
        docket.documents.keys().filter(|id| foreseen.documents.contains_key(id)).copied().collect();
    metrics::histogram!("sync_batch_commands").record(jobs.len() as f64);
    metrics::histogram!("sync_batch_read_seconds").record(begun.elapsed());
    Ok(Judged { ruling: rule(docket).await?, leans_on })
}

async fn rule(docket: Docket) -> anyhow::Result<Ruling> {
    crash_point::pass(CrashPoint::Read);
    let begun = Instant::now();
    let parts = spawn_blocking(move || panels::divide(docket)).await?;
    let panels: Vec<_> = parts.into_iter().map(|part| spawn_blocking(move || part.rule())).collect();
    let mut rulings = Vec::with_capacity(panels.len());
    for panel in panels {
        rulings.push(panel.await?);
    }
    let ruling = rulings.into_iter().reduce(Ruling::joined).context("nobody judged")?;
    metrics::histogram!("sync_batch_judge_seconds").record(begun.elapsed());
    crash_point::pass(CrashPoint::Judged);
    Ok(ruling)
}

/// Everything the commands name, read in one go.
async fn prepare(
    core: &Core,
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    jobs: &[Arc<Job>],
    round: u32,
    foreseen: &Foreseen,
) -> anyhow::Result<Docket> {
    let named = Named::of(core, jobs);
    let needs = Needs { lock: round >= OPTIMISTIC_ROUNDS, ledger: !named.typed.is_empty() };
    let all: Vec<CommandId> = jobs.iter().map(|job| job.task.id()).collect();
    let mut earlier = queries::earlier_commands(transaction, organisation, &all).await?;
    // Another node may have done since what is to be executed here. Whoever sees what it did has to know that it was this:
    // what was pushed says so itself.
    let read = loop {
        let read = Read::of(core, transaction, organisation, &named, (needs, foreseen)).await?;
        let known = earlier.len();
        earlier.extend(queries::earlier_commands(transaction, organisation, &named.typed).await?);
        if earlier.len() == known {
            break read;
        }
    };
    let Read { documents, deleted, record_owners, scrutiny } = read;
    Ok(Docket {
        jobs: jobs.to_vec(),
        now: core.clock.now(),
        server_actor: core.actor(),
        scribes: Arc::clone(&core.scribes),
        scrutiny,
        record_seqs: Arc::clone(&core.record_seqs),
        judge: core.judge,
        earlier,
        owners: owners(core, transaction, organisation, &named.actors).await?,
        documents,
        deleted,
        record_owners,
    })
}

/// What the database holds of what a batch names.
struct Read {
    documents: BTreeMap<DocumentId, Stored>,
    deleted: BTreeSet<DocumentId>,
    record_owners: HashMap<RecordId, DocumentId>,
    scrutiny: Scrutiny,
}

impl Read {
    async fn of(
        core: &Core,
        transaction: &mut TenantTransaction,
        organisation: OrganisationId,
        named: &Named,
        (needs, foreseen): (Needs, &Foreseen),
    ) -> anyhow::Result<Self> {
        let (known, unknown): (Vec<DocumentId>, Vec<_>) =
            named.documents.iter().partition(|id| foreseen.documents.contains_key(id));
        // What gave a command that is given again, and the ledger it is executed upon, are read from the feed.
        let is_read = (needs.ledger && !foreseen.is_whole) || !named.callers.is_empty();
        anyhow::ensure!(known.is_empty() || !is_read, "what is executed cannot be foreseen");
        let Taken { mut documents, deleted } =
            core.documents.take(transaction, organisation, &unknown, needs).await?;
        documents.extend(known.into_iter().map(|id| (id, foreseen.documents[&id].clone())));
        let records: Vec<RecordId> = named.records.iter().copied().collect();
        let mut record_owners = HashMap::new();
        for named in document_store::named_records(transaction, organisation, &records).await? {
            record_owners.insert(named.id, named.document);
            // A ledger is not loaded; a line of it that is sent again has to be seen all the same.
            if let Some(stored) = documents.get_mut(&named.document) {
                stored.aggregate.records.insert(named.id, Record::decode(&named.payload)?);
            }
        }
        let scrutiny = Scrutiny::read(transaction, organisation, &named.callers).await?;
        Ok(Self { documents, deleted, record_owners, scrutiny })
    }
}

/// What a batch names, before anything is checked.
#[derive(Default)]
struct Named {
    documents: BTreeSet<DocumentId>,
    records: BTreeSet<RecordId>,
    actors: BTreeSet<ActorId>,
    /// Commands to be executed here.
    typed: Vec<CommandId>,
    /// What those name who give commands here.
    callers: Vec<Names>,
}

impl Named {
    fn of(core: &Core, jobs: &[Arc<Job>]) -> Self {
        let mut named = Self::default();
        for job in jobs {
            match &job.task {
                Task::Typed(typed) => {
                    named.typed.push(typed.id);
                    named.documents.extend(typed.documents());
                    if job.sender.caller().is_some() {
                        named.actors.insert(core.scribes.of(&job.sender));
                        named.callers.push(typed.names());
                    }
                }
                // What cannot even be decoded is refused by the judge.
                Task::Pushed(command) => {
                    named.documents.extend(documents_of(command).unwrap_or_default());
                    named.actors.extend(actors_of(command));
                    named.records.extend(command.items.iter().filter_map(record_id));
                }
            }
        }
        named
    }
}

pub(super) fn record_id(item: &PushedItem) -> Option<RecordId> {
    match item {
        PushedItem::Record { bytes } => Record::decode(bytes).ok().map(|record| record.id),
        PushedItem::Change { .. } => None,
    }
}

/// Who stands behind actors; those nobody has used yet are missing.
async fn owners(
    core: &Core,
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    wanted: &BTreeSet<ActorId>,
) -> anyhow::Result<HashMap<ActorId, Option<ActorOwner>>> {
    let mut owners = HashMap::from([(GENESIS_ACTOR, None)]);
    let mut unknown = Vec::new();
    for actor in wanted {
        match core.remembered_owner(organisation, *actor) {
            Some(owner) => _ = owners.insert(*actor, Some(owner)),
            None => unknown.push(*actor),
        }
    }
    for (actor, owner) in actors::find_many(transaction, organisation, &unknown).await? {
        core.remember_owner(organisation, actor, owner);
        owners.insert(actor, Some(owner));
    }
    Ok(owners)
}

/// Binds actors that were used for the first time, in a transaction of its own, before anything is locked.
/// Returns a transaction to go on with, and whether all of them are their submitter's.
async fn bind_actors(
    core: &Core,
    transaction: Option<TenantTransaction>,
    organisation: OrganisationId,
    ruling: &Ruling,
) -> anyhow::Result<(TenantTransaction, bool)> {
    let mut unbound = ruling.bindings.clone();
    if core.remembered_owner(organisation, core.actor()).is_none() {
        unbound.insert(core.actor(), ActorOwner::Server);
    }
    match transaction {
        Some(transaction) if unbound.is_empty() => return Ok((transaction, true)),
        None if unbound.is_empty() => return Ok((tenant_keys(&core.pool, organisation).await?, true)),
        Some(transaction) => transaction.rollback().await?,
        None => {}
    }
    let mut transaction = tenant_keys(&core.pool, organisation).await?;
    let mut all_bound = true;
    for (actor, owner) in &unbound {
        all_bound &= actors::bind(&mut transaction, organisation, *actor, *owner, core.clock.now()).await?;
    }
    queries::ensure_feed(&mut transaction, organisation).await?;
    transaction.commit().await?;
    // Nobody is woken for it: after an outage thousands of devices have new actors, and all hear of them with the poll.
    crash_point::pass(CrashPoint::ActorsBound);
    if all_bound {
        unbound.into_iter().for_each(|(actor, owner)| core.remember_owner(organisation, actor, owner));
    }
    Ok((tenant_keys(&core.pool, organisation).await?, all_bound))
}
