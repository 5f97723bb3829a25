//! Settling a batch: rounds, until every command has its result.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::identity::{ActorId, DocumentId, OrganisationId, RecordId};
use shared_model::ingest::{actors_of, documents_of};
use shared_model::record::Record;
use shared_model::sync_protocol::{CommandResult, PushedItem};
use sqlx::{Postgres, Transaction};
use tokio::time::Instant;

use super::commit::{self, Committed};
use super::failure::{Failure, Panicked};
use super::lane::{Job, RETRY_AFTER_MS};
use super::ruling::{self, Docket, Ruling};
use super::{Core, Task, quarantine, queries};
use crate::database::tenant_transaction;
use crate::directory::{self, actors, actors::ActorOwner};
use crate::document_store::{self, Needs};
use crate::sync::wake::Head;

/// After so many lost races documents are locked before they are read: whoever waits gets through.
const OPTIMISTIC_ROUNDS: u32 = 2;
/// Collisions beyond races for documents (deadlocks, a key taken in the same moment) that are tried again.
const MAX_COLLISIONS: u32 = 5;

/// Settles every job of a batch.
pub(super) async fn settle(core: &Core, organisation: OrganisationId, jobs: Vec<Arc<Job>>) {
    let mut pending = jobs;
    let (mut round, mut collisions, mut panics) = (0, 0, 0);
    while !pending.is_empty() {
        // Nothing outlives a panic: the transaction is rolled back, and documents taken are read again.
        let attempted = AssertUnwindSafe(attempt(core, organisation, &pending, round)).catch_unwind().await;
        let error = match attempted {
            Ok(Ok(stale)) => {
                pending = stale;
                round += 1;
                continue;
            }
            Ok(Err(error)) => error,
            Err(panic) => Panicked(ruling::panic_message(panic.as_ref())).into(),
        };
        match Failure::of(&error) {
            Failure::Collision if collisions < MAX_COLLISIONS => collisions += 1,
            Failure::Panic if pending.len() == 1 && panics == 0 => panics += 1,
            Failure::Unavailable => {
                tracing::warn!(%organisation, cause = format!("{error:#}"), "commands have to wait");
                pending.iter().for_each(|job| job.settle(CommandResult::Retry { after_ms: RETRY_AFTER_MS }));
                return;
            }
            Failure::Collision | Failure::Data | Failure::Panic if pending.len() > 1 => {
                tracing::warn!(%organisation, cause = format!("{error:#}"), "a batch failed and is taken apart");
                for job in pending {
                    Box::pin(settle(core, organisation, vec![job])).await;
                }
                return;
            }
            failure @ (Failure::Collision | Failure::Data | Failure::Panic) => {
                let code = if failure == Failure::Panic { "commit_panicked" } else { "not_storable" };
                let detail = format!("{error:#}");
                let result = quarantine::hold(core, organisation, &pending[0], code, detail).await;
                pending[0].settle(result);
                return;
            }
        }
    }
}

/// One round. Returns the jobs that somebody else's commit made stale.
async fn attempt(
    core: &Core,
    organisation: OrganisationId,
    jobs: &[Arc<Job>],
    round: u32,
) -> anyhow::Result<Vec<Arc<Job>>> {
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let started = Instant::now();
    let docket = prepare(core, &mut transaction, organisation, jobs, round).await?;
    let prepared = Instant::now();
    let ruling = tokio::task::spawn_blocking(move || ruling::rule(docket)).await?;
    let ruled = Instant::now();
    metrics::histogram!("sync_batch_commands").record(jobs.len() as f64);
    metrics::histogram!("sync_batch_read_seconds").record(prepared - started);
    metrics::histogram!("sync_batch_judge_seconds").record(ruled - prepared);
    let (transaction, all_bound) = bind_actors(core, transaction, organisation, &ruling).await?;
    if !all_bound {
        return Ok(jobs.to_vec());
    }
    let committed = commit::store(core, transaction, organisation, ruling).await?;
    metrics::histogram!("sync_batch_commit_seconds").record(ruled.elapsed());
    match committed {
        Committed::Done { results, panicked, stale } => {
            for (job, code, detail) in panicked {
                let result = quarantine::hold(core, organisation, &jobs[job], code, detail).await;
                jobs[job].settle(result);
            }
            for (job, result) in results {
                if let CommandResult::Rejected { code, detail } = &result {
                    quarantine::keep_refused(core, organisation, &jobs[job], code, detail).await;
                }
                jobs[job].settle(result);
            }
            Ok(stale.into_iter().map(|job| Arc::clone(&jobs[job])).collect())
        }
        Committed::Beaten => Ok(jobs.to_vec()),
    }
}

/// Everything the commands name, read in one go.
async fn prepare(
    core: &Core,
    transaction: &mut Transaction<'static, Postgres>,
    organisation: OrganisationId,
    jobs: &[Arc<Job>],
    round: u32,
) -> anyhow::Result<Docket> {
    let named = Named::of(jobs);
    let ids: Vec<_> = jobs.iter().map(|job| job.task.id()).collect();
    let earlier = queries::earlier_commands(transaction, organisation, &ids).await?;
    let owners = owners(core, transaction, organisation, &named.actors).await?;
    let documents: Vec<DocumentId> = named.documents.into_iter().collect();
    let needs = Needs { lock: round >= OPTIMISTIC_ROUNDS, ledger: named.executes };
    let mut documents = core.documents.take(transaction, organisation, &documents, needs).await?;
    let records: Vec<RecordId> = named.records.into_iter().collect();
    let mut elsewhere = HashMap::new();
    for named in document_store::named_records(transaction, organisation, &records).await? {
        elsewhere.insert(named.id, named.document);
        // A ledger is not loaded; a line of it that is sent again has to be seen all the same.
        if let Some(stored) = documents.get_mut(&named.document) {
            stored.aggregate.records.insert(named.id, Record::decode(&named.payload)?);
        }
    }
    Ok(Docket {
        jobs: jobs.to_vec(),
        now: core.clock.now(),
        server_actor: core.actor,
        record_seqs: Arc::clone(&core.record_seqs),
        judge: core.judge,
        earlier,
        owners,
        documents,
        record_owners: elsewhere,
    })
}

/// What a batch names, before anything is checked.
#[derive(Default)]
struct Named {
    documents: BTreeSet<DocumentId>,
    records: BTreeSet<RecordId>,
    actors: BTreeSet<ActorId>,
    executes: bool,
}

impl Named {
    fn of(jobs: &[Arc<Job>]) -> Self {
        let mut named = Self::default();
        for job in jobs {
            match &job.task {
                Task::Typed(typed) => {
                    named.executes = true;
                    named.documents.extend(typed.documents());
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
    transaction: &mut Transaction<'static, Postgres>,
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
    transaction: Transaction<'static, Postgres>,
    organisation: OrganisationId,
    ruling: &Ruling,
) -> anyhow::Result<(Transaction<'static, Postgres>, bool)> {
    let mut unbound = ruling.bindings.clone();
    if core.remembered_owner(organisation, core.actor).is_none() {
        unbound.insert(core.actor, ActorOwner::Server);
    }
    if unbound.is_empty() {
        return Ok((transaction, true));
    }
    transaction.rollback().await?;
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let mut all_bound = true;
    for (actor, owner) in &unbound {
        all_bound &= actors::bind(&mut transaction, organisation, *actor, *owner, core.clock.now()).await?;
    }
    queries::ensure_feed(&mut transaction, organisation).await?;
    let directory = directory::version(&mut transaction, organisation).await?;
    transaction.commit().await?;
    core.wake.moved(organisation, Head { feed: 0, directory: directory.unsigned_abs() });
    if all_bound {
        unbound.into_iter().for_each(|(actor, owner)| core.remember_owner(organisation, actor, owner));
    }
    Ok((tenant_transaction(&core.pool, organisation).await?, all_bound))
}
