//! Signed tree heads, as the database keeps them.

use chrono::{DateTime, Utc};
use shared_model::audit::{Digest, LogSize, TreeHead};
use shared_model::hex;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::leaves::hash;
use crate::clock::{from_utc, to_utc};
use crate::sync::ingest::ensure_feed;

#[derive(sqlx::FromRow)]
struct HeadRow {
    entries_size: i64,
    feed_size: i64,
    entries_root: Vec<u8>,
    feed_root: Vec<u8>,
    epoch: Uuid,
    signed_at: DateTime<Utc>,
    key: Vec<u8>,
    signature: Vec<u8>,
}

impl HeadRow {
    fn head(self, organisation: OrganisationId) -> anyhow::Result<TreeHead> {
        let log = |size: i64, root: &[u8]| {
            Ok::<_, anyhow::Error>(LogSize { size: size.unsigned_abs(), root: Digest(hash(root)?) })
        };
        Ok(TreeHead {
            organisation,
            epoch: self.epoch,
            entries: log(self.entries_size, &self.entries_root)?,
            feed: log(self.feed_size, &self.feed_root)?,
            signed_at: from_utc(self.signed_at),
            key: hex::encode(&self.key),
            signature: hex::encode(&self.signature),
        })
    }
}

/// All heads in the order they were signed in; with `limit`, the newest of them.
pub(super) async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    limit: Option<i64>,
) -> anyhow::Result<Vec<TreeHead>> {
    let rows: Vec<HeadRow> = sqlx::query_as(
        "select entries_size, feed_size, entries_root, feed_root, epoch, signed_at, key, signature
         from audit_head where organization_id = $1
         order by entries_size desc, feed_size desc limit $2",
    )
    .bind(organisation.as_uuid())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter().rev().map(|row| row.head(organisation)).collect()
}

/// Keeps a head, unless another node has signed one for the same sizes.
pub(super) async fn keep(connection: &mut PgConnection, head: &TreeHead) -> anyhow::Result<()> {
    let bytes = |digits: &str| hex::decode(digits).unwrap_or_default();
    sqlx::query(
        "insert into audit_head (organization_id, entries_size, feed_size, entries_root, feed_root, epoch,
                                 signed_at, key, signature)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(head.organisation.as_uuid())
    .bind(i64::try_from(head.entries.size)?)
    .bind(i64::try_from(head.feed.size)?)
    .bind(head.entries.root.0.as_slice())
    .bind(head.feed.root.0.as_slice())
    .bind(head.epoch)
    .bind(to_utc(head.signed_at))
    .bind(bytes(&head.key))
    .bind(bytes(&head.signature))
    .execute(connection)
    .await?;
    Ok(())
}

/// How far both logs reach at this moment, and the history of the feed. A feed begins when somebody first asks.
pub(super) async fn begun_sizes(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> anyhow::Result<(u64, u64, Uuid)> {
    // Its first history must not look like another one than nobody's.
    ensure_feed(connection, organisation).await?;
    sizes(connection, organisation).await
}

/// The same, of what there is.
pub(super) async fn sizes(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> anyhow::Result<(u64, u64, Uuid)> {
    let (entries, feed, epoch): (i64, i64, Uuid) = sqlx::query_as(
        "select coalesce((select size from audit_log where organization_id = $1), 0),
                coalesce((select head from tenant_feed where organization_id = $1), 0),
                coalesce((select epoch from tenant_feed where organization_id = $1), $2)",
    )
    .bind(organisation.as_uuid())
    .bind(Uuid::nil())
    .fetch_one(connection)
    .await?;
    Ok((entries.unsigned_abs(), feed.unsigned_abs(), epoch))
}

/// One node at a time signs for an organisation, until the transaction ends.
pub(super) async fn take_turn(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("audit {organisation}"))
        .execute(connection)
        .await?;
    Ok(())
}

/// The same for whoever would rather not wait; false: somebody else is signing.
pub(super) async fn try_turn(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("audit {organisation}"))
        .fetch_one(connection)
        .await
}
