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

/// The newest head: signed now if anything has been added since.
pub async fn sign(
    pool: &PgPool,
    key: &AuditKey,
    organisation: OrganisationId,
    now: Timestamp,
) -> anyhow::Result<TreeHead> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    head::take_turn(&mut transaction, organisation).await?;
    let (entries, feed, epoch) = head::sizes(&mut transaction, organisation).await?;
    let last = head::read(&mut transaction, organisation, Some(1)).await?.pop();
    if let Some(last) = last.as_ref().filter(|last| (last.entries.size, last.feed.size) == (entries, feed)) {
        return Ok(last.clone());
    }
    if last.as_ref().is_some_and(|last| last.epoch == epoch && last.key != hex::encode(key.public())) {
        tracing::warn!(%organisation, "the last audit head was signed with another key: give all nodes the same one");
    }
    let from = |log| last.as_ref().map_or(0, |head| head.log(log).size);
    let entries = grow(&mut transaction, organisation, Log::Entries, (from(Log::Entries), entries)).await?;
    let feed = grow(&mut transaction, organisation, Log::Feed, (from(Log::Feed), feed)).await?;
    let (public, signature) = (hex::encode(key.public()), String::new());
    let mut head = TreeHead { organisation, epoch, entries, feed, signed_at: now, key: public, signature };
    head.signature = hex::encode(&key.sign(&head.message()));
    head::keep(&mut transaction, &head).await?;
    transaction.commit().await?;
    metrics::counter!("audit_heads_signed_total").increment(1);
    // Logs go elsewhere than the database: another place where a head is kept.
    tracing::info!(%organisation, entries = head.entries.size, entries_root = %head.entries.root,
        feed = head.feed.size, feed_root = %head.feed.root, signature = head.signature, "an audit head is signed");
    Ok(head)
}

/// The newest head, and proof that it continues what the caller has seen.
pub async fn sign_and_prove(
    pool: &PgPool,
    key: &AuditKey,
    organisation: OrganisationId,
    (entries, feed): (u64, u64),
    now: Timestamp,
) -> anyhow::Result<HeadWithProof> {
    let head = sign(pool, key, organisation, now).await?;
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let entries =
        continued(&mut transaction, organisation, Log::Entries, (entries, head.entries.size)).await?;
    let feed = continued(&mut transaction, organisation, Log::Feed, (feed, head.feed.size)).await?;
    Ok(HeadWithProof { head, entries, feed })
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
