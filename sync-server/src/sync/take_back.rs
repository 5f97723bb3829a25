//! What the server lost and devices give back, after a backup was restored: sorted by who made it and what shows
//! that ([`give_back`]), and taken in by the one way into the feed.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use anyhow::Context;
use sha2::{Digest, Sha256};
use shared_model::gate::Numbering;
use shared_model::identity::{ActorId, CommandId, DocumentId, OrganisationId};
use shared_model::ingest::give_back::{self, Owner, Run, Sorted};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{Claim, CommandResult, GivenBack, PushedCommand, PushedItem};
use tokio::task::{JoinError, spawn_blocking};
use uuid::Uuid;

use super::ingest::quarantine::{NOT_VOUCHED_FOR, OTHERWISE_ROOTED, Why, hold_given};
use super::{Sender, SyncNode, epoch};
use crate::database::tenant_transaction;
use crate::directory::actors::{self, ActorOwner};
use crate::document_store::{Needs, Stored};

/// What stands where a command has its intent: nobody knows any more what was meant.
const INTENT: &[u8] = br#"{"given_back":true}"#;
/// What a device waits when nothing could be looked up.
const RETRY_AFTER_MS: u64 = 1_000;

impl SyncNode {
    /// Takes documents back from `giver`, who connected in the history `seen`. One result a document.
    pub(crate) async fn take_back(
        &self,
        organisation: OrganisationId,
        giver: &Sender,
        seen: Option<Uuid>,
        documents: Vec<GivenBack>,
    ) -> Vec<(DocumentId, CommandResult)> {
        let mut results = Vec::with_capacity(documents.len());
        for given in documents {
            let id = given.document;
            let taken = match self.take_back_one(organisation, giver, seen, &given).await {
                Err(error) if is_panic(&error) => {
                    let kept = &command(given.items);
                    hold_given(&self.core, organisation, giver, (kept, SORT_PANICKED)).await
                }
                taken => taken,
            };
            let result = taken.unwrap_or_else(|error| {
                tracing::warn!(%organisation, document = %id, cause = format!("{error:#}"), "nothing is taken back");
                CommandResult::Retry { after_ms: RETRY_AFTER_MS }
            });
            results.push((id, result));
        }
        results
    }

    async fn take_back_one(
        &self,
        organisation: OrganisationId,
        giver: &Sender,
        seen: Option<Uuid>,
        given: &GivenBack,
    ) -> anyhow::Result<CommandResult> {
        let (grants, device) = giver.caller().context("only people on devices give back")?;
        let given = &Arc::new(self.lost(organisation, given).await?);
        if given.items.is_empty() {
            return Ok(CommandResult::Duplicate { seqs: Vec::new() });
        }
        let known = self.known(organisation, given).await?;
        let (key, giving, is_new) = (self.core.receipt_key.clone(), (grants.person, device), !known.is_here);
        let (read, owners) = (Arc::clone(given), known.owners);
        // Bytes from outside are read by themselves: whatever becomes of it harms nobody else.
        let sorting = spawn_blocking(move || {
            let vouched = |claim: &Claim<'_>, code: &[u8]| key.verify(organisation, claim, code);
            give_back::sort(&read, giving, &owners, &vouched, is_new)
        });
        let sorted = match sorting.await? {
            Ok(sorted) => sorted,
            Err(refused) => {
                return Ok(CommandResult::Rejected {
                    code: refused.code().to_owned(),
                    detail: refused.to_string(),
                });
            }
        };
        // Something that was accepted once is not in the feed: this is another history than it was.
        if sorted.runs.iter().any(|run| run.is_proven) && seen.is_some() {
            epoch::begin(&self.core.pool, organisation, seen, self.core.clock.now()).await?;
        }
        let Sorted { runs, mut unproven, later } = sorted;
        // Facts are facts; a change that was made upon another root cannot be merged with what is here.
        let (runs, changes) =
            if known.is_rooted_otherwise { apart(runs, &mut unproven) } else { (runs, Vec::new()) };
        let mut result = self.submit_runs(organisation, giver, runs).await;
        if later > 0 {
            result = worst(result, Some(CommandResult::MissingDeps { hashes: Vec::new() }));
        }
        for (why, items) in [(NOT_VOUCHED_FOR, unproven), (OTHERWISE_ROOTED, changes)] {
            if !items.is_empty() {
                let kept = hold_given(&self.core, organisation, giver, (&command(items), why)).await?;
                result = worst(result, Some(kept));
            }
        }
        Ok(result.unwrap_or(CommandResult::Duplicate { seqs: Vec::new() }))
    }

    /// Submits runs in order. What builds upon a later one is submitted again after it.
    async fn submit_runs(
        &self,
        organisation: OrganisationId,
        giver: &Sender,
        mut runs: Vec<Run>,
    ) -> Option<CommandResult> {
        let mut result = None;
        loop {
            let mut left = Vec::new();
            let mut missing = None;
            let count = runs.len();
            for run in runs {
                let sender = sender(giver, &run);
                let results = self.submit(organisation, &sender, vec![command(run.items.clone())]).await;
                match results.into_iter().next() {
                    Some(CommandResult::MissingDeps { hashes }) => {
                        missing = Some(CommandResult::MissingDeps { hashes });
                        left.push(run);
                    }
                    other => result = worst(result, other),
                }
            }
            if left.is_empty() || left.len() == count {
                return worst(result, missing);
            }
            runs = left;
        }
    }

    async fn known(&self, organisation: OrganisationId, given: &Arc<GivenBack>) -> anyhow::Result<Known> {
        let read = Arc::clone(given);
        let named = spawn_blocking(move || give_back::actors_given(&read)).await?;
        let named: Vec<ActorId> = named.into_iter().collect();
        let mut transaction = tenant_transaction(&self.core.pool, organisation).await?;
        let owners = actors::find_many(&mut transaction, organisation, &named).await?;
        let is_here = sqlx::query_scalar(
            "select exists (select from document where organization_id = $1 and doc_id = $2)",
        )
        .bind(organisation.as_uuid())
        .bind(given.document.as_uuid())
        .fetch_one(&mut *transaction)
        .await?;
        let (documents, needs) = (&self.core.documents, Needs::default());
        let taken = documents.take(&mut transaction, organisation, &[given.document], needs).await?;
        let root = |stored: &Stored| stored.aggregate.document.root();
        let is_rooted_otherwise = taken.documents.values().any(|stored| root(stored) != given.root);
        taken.documents.into_values().for_each(|stored| documents.put(organisation, stored));
        transaction.commit().await?;
        let owner = |owner| match owner {
            ActorOwner::Person(person, device) => Some((person, device)),
            ActorOwner::Server => None,
        };
        Ok(Known {
            owners: owners.into_iter().map(|(actor, bound)| (actor, owner(bound))).collect(),
            is_here,
            is_rooted_otherwise,
        })
    }

    /// What of it is not in the feed.
    async fn lost(&self, organisation: OrganisationId, given: &GivenBack) -> anyhow::Result<GivenBack> {
        let hashes: Vec<Vec<u8>> =
            given.items.iter().map(|item| Sha256::digest(bytes(item)).to_vec()).collect();
        let mut transaction = tenant_transaction(&self.core.pool, organisation).await?;
        let here: Vec<Vec<u8>> = sqlx::query_scalar(
            "select item_hash from feed where organization_id = $1 and doc_id = $2 and item_hash = any ($3)",
        )
        .bind(organisation.as_uuid())
        .bind(given.document.as_uuid())
        .bind(&hashes)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let here: HashSet<Vec<u8>> = here.into_iter().collect();
        let lost = given.items.iter().zip(hashes).filter(|(_, hash)| !here.contains(hash));
        Ok(GivenBack { items: lost.map(|(item, _)| item.clone()).collect(), ..given.clone() })
    }
}

/// Its bytes tripped whoever read them up.
const SORT_PANICKED: Why = ("judge_panicked", "what was given back could not be read");

fn is_panic(error: &anyhow::Error) -> bool {
    error.downcast_ref::<JoinError>().is_some_and(JoinError::is_panic)
}

/// What the server knows about a document that is given back.
struct Known {
    owners: BTreeMap<ActorId, Owner>,
    is_here: bool,
    /// It has another root here.
    is_rooted_otherwise: bool,
}

/// The runs without their changes, and those changes of them that were accepted once; others join what nothing shows.
fn apart(runs: Vec<Run>, unproven: &mut Vec<PushedItem>) -> (Vec<Run>, Vec<PushedItem>) {
    let mut proven = Vec::new();
    let mut facts = Vec::new();
    for mut run in runs {
        let is_change = |item: &PushedItem| matches!(item, PushedItem::Change { .. });
        let (changes, items): (Vec<_>, Vec<_>) =
            std::mem::take(&mut run.items).into_iter().partition(is_change);
        if run.is_proven { &mut proven } else { &mut *unproven }.extend(changes);
        if !items.is_empty() {
            run.items = items;
            facts.push(run);
        }
    }
    (facts, proven)
}

/// In whose name a run is submitted. Whoever made what was accepted once needs no right for it now.
fn sender(giver: &Sender, run: &Run) -> Sender {
    if !run.is_proven {
        return giver.clone();
    }
    let (person, device) = run.owner.unzip();
    let grants = person.map(|person| Grants { person, grants: Vec::new() });
    Sender { grants, device, numbering: Numbering::Isolated, given_back: true, unowned: !run.is_owned }
}

/// Items as a command. Its id comes from what is in it, so that giving it back twice is harmless.
fn command(items: Vec<PushedItem>) -> PushedCommand {
    let mut hash = Sha256::new();
    items.iter().for_each(|item| hash.update(Sha256::digest(bytes(item))));
    let mut id = [0; 16];
    id.copy_from_slice(&hash.finalize()[..16]);
    PushedCommand { id: CommandId::from_bytes(id), intent: INTENT.to_vec().into(), items }
}

fn bytes(item: &PushedItem) -> &[u8] {
    match item {
        PushedItem::Change { bytes, .. } | PushedItem::Record { bytes } => bytes,
    }
}

/// Of two results the one that tells the device to do more.
fn worst(one: Option<CommandResult>, other: Option<CommandResult>) -> Option<CommandResult> {
    let weight = |result: &CommandResult| match result {
        CommandResult::Duplicate { .. } => 0,
        CommandResult::Accepted { .. } => 1,
        CommandResult::Rejected { .. } => 2,
        CommandResult::MissingDeps { .. } => 3,
        CommandResult::Retry { .. } => 4,
    };
    one.into_iter().chain(other).max_by_key(weight)
}
