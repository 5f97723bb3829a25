//! The leaves and the inner nodes of both trees, as the database keeps them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use shared_model::audit::merkle::{self, Node};
use shared_model::audit::{Hash, Log, feed_leaf};
use shared_model::identity::{CommandId, DeviceId, OrganisationId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::clock::from_utc;

type FeedRow = (i64, Vec<u8>, DateTime<Utc>, Option<Uuid>, Option<Uuid>);

/// The hashes of leaves from `after` (how many come before) on, with their sequence numbers.
pub(super) async fn page(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    log: Log,
    (after, limit): (u64, i64),
) -> anyhow::Result<Vec<(u64, Hash)>> {
    let after = i64::try_from(after)?;
    match log {
        Log::Entries => {
            let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
                "select seq, leaf_hash from audit_entry
                 where organization_id = $1 and seq > $2 order by seq limit $3",
            )
            .bind(organisation.as_uuid())
            .bind(after)
            .bind(limit)
            .fetch_all(connection)
            .await?;
            rows.into_iter().map(|(seq, leaf)| Ok((seq.unsigned_abs(), hash(&leaf)?))).collect()
        }
        Log::Feed => {
            let rows: Vec<FeedRow> = sqlx::query_as(
                "select seq, chain_hash, received_at, device_id, command_id from feed
                 where organization_id = $1 and seq > $2 order by seq limit $3",
            )
            .bind(organisation.as_uuid())
            .bind(after)
            .bind(limit)
            .fetch_all(connection)
            .await?;
            rows.into_iter().map(of_feed).collect()
        }
    }
}

fn of_feed((seq, chain_hash, received_at, device, command): FeedRow) -> anyhow::Result<(u64, Hash)> {
    let seq = seq.unsigned_abs();
    let (device, command) = (device.map(DeviceId::from_uuid), command.map(CommandId::from_uuid));
    let bytes = feed_leaf(seq, &hash(&chain_hash)?, from_utc(received_at), device, command);
    Ok((seq, merkle::leaf(&bytes)))
}

/// These nodes, as far as they are there.
pub(super) async fn nodes(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    log: Log,
    wanted: impl IntoIterator<Item = Node>,
) -> anyhow::Result<BTreeMap<Node, Hash>> {
    let (leaves, inner): (Vec<Node>, Vec<Node>) = wanted.into_iter().partition(|node| node.level == 0);
    let mut found = BTreeMap::new();
    let rows: Vec<(i32, i64, Vec<u8>)> = sqlx::query_as(
        "select level, position, hash
         from unnest($3::integer[], $4::bigint[]) as wanted (level, position)
         join audit_node using (level, position)
         where organization_id = $1 and log = $2",
    )
    .bind(organisation.as_uuid())
    .bind(log.code())
    .bind(columns(&inner, |node| i32::try_from(node.level))?)
    .bind(columns(&inner, |node| i64::try_from(node.position))?)
    .fetch_all(&mut *connection)
    .await?;
    for (level, position, value) in rows {
        let node = Node { level: level.unsigned_abs(), position: position.unsigned_abs() };
        found.insert(node, hash(&value)?);
    }
    let mut leaves: Vec<u64> = leaves.iter().map(|node| node.position).collect();
    leaves.sort_unstable();
    leaves.dedup();
    // What lies side by side is read in one go.
    for run in leaves.chunk_by(|one, next| one + 1 == *next) {
        let page = page(connection, organisation, log, (run[0], i64::try_from(run.len())?)).await?;
        for (seq, value) in page {
            found.insert(Node { level: 0, position: seq - 1 }, value);
        }
    }
    Ok(found)
}

/// Keeps inner nodes. Those that are there already are the same.
pub(super) async fn keep_nodes(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    log: Log,
    nodes: &[(Node, Hash)],
) -> anyhow::Result<()> {
    let places: Vec<Node> = nodes.iter().map(|(node, _)| *node).collect();
    sqlx::query(
        "insert into audit_node (organization_id, log, level, position, hash)
         select $1, $2, level, position, hash
         from unnest($3::integer[], $4::bigint[], $5::bytea[]) as node (level, position, hash)
         on conflict do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(log.code())
    .bind(columns(&places, |node| i32::try_from(node.level))?)
    .bind(columns(&places, |node| i64::try_from(node.position))?)
    .bind(nodes.iter().map(|(_, hash)| hash.as_slice()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

fn columns<T>(
    nodes: &[Node],
    read: fn(&Node) -> Result<T, std::num::TryFromIntError>,
) -> Result<Vec<T>, std::num::TryFromIntError> {
    nodes.iter().map(read).collect()
}

pub(super) fn hash(bytes: &[u8]) -> anyhow::Result<Hash> {
    bytes.try_into().map_err(|_| anyhow::anyhow!("a hash of {} bytes", bytes.len()))
}
