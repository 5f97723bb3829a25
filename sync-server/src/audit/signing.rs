//! Growing the trees and signing their heads: in the background, and whenever somebody asks for the newest.

use std::time::Duration;

use anyhow::Context;
use shared_model::audit::merkle::{self, Frontier, Node};
use shared_model::audit::{Digest, Hash, HeadWithProof, Log, LogSize, TreeHead};
use shared_model::hex;
use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;
use sqlx::{PgConnection, PgPool};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::key::AuditKey;
use super::{head, leaves};
use crate::app_state::AppState;
use crate::database::tenant_transaction;

/// A head is not older than this while something happens, unless somebody asks.
const EVERY: Duration = Duration::from_secs(60);
/// Whoever asks for the newest head may get one that is so old.
const FRESH_MS: i64 = 5_000;
/// More leaves than this are signed in the background only, while nobody waits.
const MOST_WHILE_WAITING: u64 = 20_000;
/// Leaves of a log that one transaction signs: an organisation of years is signed in steps.
const MOST_AT_ONCE: u64 = 200_000;
/// Leaves read at once.
const PAGE: i64 = 5_000;

/// Signs what is new, until the server stops.
pub async fn keep_signing(state: AppState) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match unsigned(&state.pool).await {
            Ok(organisations) => {
                for organisation in organisations {
                    if let Err(error) =
                        sign(&state.pool, &state.audit_key, organisation, state.clock.now()).await
                    {
                        tracing::warn!(%organisation, cause = format!("{error:#}"), "the audit trail was not signed");
                    }
                }
            }
            Err(error) => tracing::warn!(cause = %error, "which audit trails have grown could not be read"),
        }
    }
}

/// The organisations whose trail has grown since its last head.
pub async fn unsigned(pool: &PgPool) -> sqlx::Result<Vec<OrganisationId>> {
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select organization_id from audit_unsigned()").fetch_all(pool).await?;
    Ok(ids.into_iter().map(OrganisationId::from_uuid).collect())
}

/// The newest head, over everything there is at this moment.
pub async fn sign(
    pool: &PgPool,
    key: &AuditKey,
    organisation: OrganisationId,
    now: Timestamp,
) -> anyhow::Result<TreeHead> {
    loop {
        let mut transaction = tenant_transaction(pool, organisation).await?;
        head::take_turn(&mut transaction, organisation).await?;
        let standing = Standing::read(&mut transaction, organisation).await?;
        if let Some(last) = standing.current() {
            return Ok(last.clone());
        }
        if let Some(last) = standing.of_another(key) {
            tracing::error!(%organisation, "the audit trail is signed with another key than this node has: give all nodes the same one");
            return Ok(last.clone());
        }
        let head = standing.sign(&mut transaction, key, now).await?;
        transaction.commit().await?;
        told(&head);
        if (head.entries.size, head.feed.size) == (standing.entries, standing.feed) {
            return Ok(head);
        }
    }
}

/// The newest head for somebody who waits for it and asks with many others: one that is a few seconds old will do, and where much
/// is to be signed, or somebody is at it, the one before. `None`: the first one is on its way.
async fn newest(
    pool: &PgPool,
    key: &AuditKey,
    organisation: OrganisationId,
    now: Timestamp,
) -> anyhow::Result<Option<TreeHead>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let standing = Standing::read(&mut transaction, organisation).await?;
    let is_fresh = standing.last.as_ref().is_some_and(|last| {
        last.epoch == standing.epoch && (0..FRESH_MS).contains(&now.millis_since(last.signed_at))
    });
    let is_too_much = standing.unsigned() > MOST_WHILE_WAITING;
    let is_theirs = standing.of_another(key).is_some();
    if standing.current().is_some() || is_fresh || is_too_much || is_theirs {
        return Ok(standing.last);
    }
    if !head::try_turn(&mut transaction, organisation).await? {
        return Ok(standing.last);
    }
    // Whoever had the turn before may have signed.
    let standing = Standing::read(&mut transaction, organisation).await?;
    if let Some(last) = standing.current() {
        return Ok(Some(last.clone()));
    }
    let head = standing.sign(&mut transaction, key, now).await?;
    transaction.commit().await?;
    told(&head);
    Ok(Some(head))
}

/// Logs go elsewhere than the database: another place where a head is kept.
fn told(head: &TreeHead) {
    metrics::counter!("audit_heads_signed_total").increment(1);
    let TreeHead { organisation, entries, feed, signature, .. } = head;
    tracing::info!(%organisation, entries = entries.size, entries_root = %entries.root, feed = feed.size,
        feed_root = %feed.root, signature, "an audit head is signed");
}

/// How far both logs reach, and what was signed last.
struct Standing {
    organisation: OrganisationId,
    entries: u64,
    feed: u64,
    epoch: Uuid,
    last: Option<TreeHead>,
}

impl Standing {
    async fn read(connection: &mut PgConnection, organisation: OrganisationId) -> anyhow::Result<Self> {
        let (entries, feed, epoch) = head::begun_sizes(connection, organisation).await?;
        let last = head::read(connection, organisation, Some(1)).await?.pop();
        Ok(Self { organisation, entries, feed, epoch, last })
    }

    /// The last head, if nothing has been added since.
    fn current(&self) -> Option<&TreeHead> {
        self.last.as_ref().filter(|last| (last.entries.size, last.feed.size) == (self.entries, self.feed))
    }

    /// The last head, if another key signed it: a trail has one key, and nobody could tell a second one from a forger's.
    fn of_another(&self, key: &AuditKey) -> Option<&TreeHead> {
        self.last.as_ref().filter(|last| last.key != hex::encode(key.public()))
    }

    fn signed(&self, log: Log) -> u64 {
        self.last.as_ref().map_or(0, |head| head.log(log).size)
    }

    fn unsigned(&self) -> u64 {
        let entries = self.entries.saturating_sub(self.signed(Log::Entries));
        entries + self.feed.saturating_sub(self.signed(Log::Feed))
    }

    /// Signs what is new, of each log as much as one transaction is for.
    async fn sign(
        &self,
        connection: &mut PgConnection,
        key: &AuditKey,
        now: Timestamp,
    ) -> anyhow::Result<TreeHead> {
        let (organisation, epoch) = (self.organisation, self.epoch);
        let public = hex::encode(key.public());
        let step = |log, to: u64| (self.signed(log), to.min(self.signed(log).saturating_add(MOST_AT_ONCE)));
        let entries = step(Log::Entries, self.entries);
        let entries = grow(connection, organisation, Log::Entries, entries).await?;
        let feed = grow(connection, organisation, Log::Feed, step(Log::Feed, self.feed)).await?;
        let signature = String::new();
        let mut head =
            TreeHead { organisation, epoch, entries, feed, signed_at: now, key: public, signature };
        head.signature = hex::encode(&key.sign(&head.message()));
        head::keep(connection, &head).await?;
        Ok(head)
    }
}

/// The newest head, and proof that it continues what the caller has seen. `None`: the first one is on its way.
pub async fn newest_with_proof(
    pool: &PgPool,
    key: &AuditKey,
    organisation: OrganisationId,
    (entries, feed): (u64, u64),
    now: Timestamp,
) -> anyhow::Result<Option<HeadWithProof>> {
    let Some(head) = newest(pool, key, organisation, now).await? else { return Ok(None) };
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let entries =
        continued(&mut transaction, organisation, Log::Entries, (entries, head.entries.size)).await?;
    let feed = continued(&mut transaction, organisation, Log::Feed, (feed, head.feed.size)).await?;
    Ok(Some(HeadWithProof { head, entries, feed }))
}

async fn continued(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    log: Log,
    (old, new): (u64, u64),
) -> anyhow::Result<Vec<Digest>> {
    let Some(recipe) = merkle::consistency(old, new) else { return Ok(Vec::new()) };
    let nodes = leaves::nodes(connection, organisation, log, recipe.nodes()).await?;
    recipe.proof(&nodes).with_context(|| format!("nodes of the audit trail are missing ({})", log.code()))
}

/// Adds the leaves that came since to a tree, and keeps the subtrees they complete.
async fn grow(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    log: Log,
    (from, to): (u64, u64),
) -> anyhow::Result<LogSize> {
    let peaks = merkle::peaks(from);
    let known = leaves::nodes(connection, organisation, log, peaks.iter().copied()).await?;
    let peaks: Option<Vec<Hash>> = peaks.iter().map(|node| known.get(node).copied()).collect();
    let tree = peaks.and_then(|peaks| Frontier::of(from, peaks));
    let mut tree = tree.with_context(|| format!("nodes of the audit trail are missing ({})", log.code()))?;
    while tree.size() < to {
        let page = leaves::page(connection, organisation, log, (tree.size(), PAGE)).await?;
        let mut complete: Vec<(Node, Hash)> = Vec::new();
        let before = tree.size();
        for (seq, leaf) in page {
            // What came after the sizes were read is signed the next time.
            if seq > to {
                break;
            }
            anyhow::ensure!(
                seq == tree.size() + 1,
                "{} {} of the audit trail is missing",
                log.code(),
                tree.size() + 1
            );
            tree.push(leaf, |node, hash| complete.push((node, hash)));
        }
        anyhow::ensure!(tree.size() > before, "{} {} of the audit trail is missing", log.code(), before + 1);
        leaves::keep_nodes(connection, organisation, log, &complete).await?;
    }
    Ok(LogSize { size: tree.size(), root: Digest(tree.root()) })
}
