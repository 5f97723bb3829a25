//! What sockets read: the end of the feed, ranges of it, and documents with their records.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use shared_model::document::DocumentKind;
use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::permission::Scope;
use shared_model::record::RecordKind;
use shared_model::sync_protocol::{Cursor, CursorStanding, FeedRow, FeedRows, RowPayload};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::reach::Reach;
use super::shared::Shared;
use crate::clock::from_utc;
use crate::database::tenant_transaction;
use crate::sync::ingest::ensure_feed;

/// Sockets that ask for the same rows within this time get the same answer.
const SHARED_FOR: Duration = Duration::from_millis(50);

/// The end of a feed.
pub(super) struct HeadRead {
    pub(super) head: Cursor,
    pub(super) horizon: u64,
    pub(super) standing: Option<CursorStanding>,
    pub(super) documents: u64,
}

/// Reads the end of the feed, what the device's cursor is to it, and, unless the device resumes there, how many
/// documents are within reach: a thousand sockets that come back must not count everything a thousand times.
pub(super) async fn head(
    pool: &PgPool,
    organisation: OrganisationId,
    (cursor, seen): (Option<&Cursor>, Option<&Cursor>),
    resumes: bool,
    reach: &Reach,
) -> sqlx::Result<HeadRead> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let (head, horizon) = end(&mut transaction, organisation).await?;
    let mut standing = None;
    for place in cursor.into_iter().chain(seen) {
        let known = standing_of(&mut transaction, organisation, place, &head).await?;
        standing = standing.filter(|earlier| *earlier == CursorStanding::Foreign).or(Some(known));
    }
    // A device that stands nowhere loads everything, whatever it has seen.
    let standing = standing.filter(|_| cursor.is_some());
    let is_near = standing == Some(CursorStanding::Known) && cursor.is_some_and(|at| at.seq >= horizon);
    let documents = if resumes && is_near { 0 } else { count(&mut transaction, organisation, reach).await? };
    transaction.commit().await?;
    Ok(HeadRead { head, horizon, standing, documents: documents.unsigned_abs() })
}

/// The end of the feed, by itself.
pub(super) async fn end_of_feed(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<Cursor> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    transaction.commit().await?;
    Ok(at)
}

async fn count(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    reach: &Reach,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from document
         where organization_id = $1 and deleted_at is null
           and (kind = any ($2) or (kind = any ($3) and scopes && $4))",
    )
    .bind(organisation.as_uuid())
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .fetch_one(connection)
    .await
}

/// The end of the feed and its horizon. A feed begins when somebody first asks for it.
pub(super) async fn end(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<(Cursor, u64)> {
    const END: &str = "select epoch, head, chain_hash, horizon from tenant_feed where organization_id = $1";
    type EndRow = (Uuid, i64, Vec<u8>, i64);
    let row: Option<EndRow> =
        sqlx::query_as(END).bind(organisation.as_uuid()).fetch_optional(&mut *connection).await?;
    let (epoch, head, chain_hash, horizon) = match row {
        Some(row) => row,
        None => {
            ensure_feed(connection, organisation).await?;
            sqlx::query_as(END).bind(organisation.as_uuid()).fetch_one(connection).await?
        }
    };
    let epoch = epoch.as_bytes().to_vec().into();
    Ok((Cursor { epoch, seq: head.unsigned_abs(), chain_hash: chain_hash.into() }, horizon.unsigned_abs()))
}

async fn standing_of(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    cursor: &Cursor,
    head: &Cursor,
) -> sqlx::Result<CursorStanding> {
    if cursor.epoch != head.epoch || cursor.seq > head.seq {
        return Ok(CursorStanding::Foreign);
    }
    let chain_hash = chain_hash(connection, organisation, cursor.seq).await?;
    let known = chain_hash.is_some_and(|hash| hash == *cursor.chain_hash);
    Ok(if known { CursorStanding::Known } else { CursorStanding::Foreign })
}

/// Where the chain is at a row of the feed; `None`: there is no such row.
pub(super) async fn chain_hash(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    seq: u64,
) -> sqlx::Result<Option<Vec<u8>>> {
    match i64::try_from(seq) {
        Ok(0) => Ok(Some(super::chain::START.to_vec())),
        Ok(seq) => {
            sqlx::query_scalar("select chain_hash from feed where organization_id = $1 and seq = $2")
                .bind(organisation.as_uuid())
                .bind(seq)
                .fetch_optional(connection)
                .await
        }
        Err(_) => Ok(None),
    }
}

type Range = (OrganisationId, u64, usize);
type Rows = Arc<FeedRows>;

/// Ranges of the feed that are being read or were read just now: a thousand sockets that hear of a commit read
/// it once. Not kept longer, because who may read a row is judged by where its document is at that time.
pub(super) struct FeedReader(Shared<Range, FeedRows>);

impl Default for FeedReader {
    fn default() -> Self {
        Self(Shared::new(SHARED_FOR))
    }
}

impl FeedReader {
    /// Rows after a sequence number, in order, at most `limit`.
    pub(super) async fn rows(
        &self,
        pool: &PgPool,
        organisation: OrganisationId,
        after: u64,
        limit: usize,
    ) -> anyhow::Result<Rows> {
        let range = (organisation, after, limit);
        let rows = self.0.get(range, async || read_rows(pool, organisation, after, limit).await).await?;
        if rows.is_empty() {
            // The next one to ask has heard of more.
            self.0.forget(&range);
        }
        Ok(rows)
    }
}

#[derive(sqlx::FromRow)]
struct RowOfFeed {
    seq: i64,
    chain_hash: Vec<u8>,
    doc_id: Uuid,
    doc_kind: String,
    received_at: DateTime<Utc>,
    author: Option<Uuid>,
    item_kind: String,
    record_kind: Option<String>,
    payload: Vec<u8>,
    receipt: Vec<u8>,
    device_id: Option<Uuid>,
    scopes_before: Vec<String>,
    scopes_after: Vec<String>,
    scopes: Vec<String>,
    is_deleted: bool,
}

async fn read_rows(
    pool: &PgPool,
    organisation: OrganisationId,
    after: u64,
    limit: usize,
) -> anyhow::Result<FeedRows> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let rows: Vec<RowOfFeed> = sqlx::query_as(
        "select feed.seq, feed.chain_hash, feed.doc_id, feed.doc_kind, feed.received_at, feed.author,
                feed.item_kind, feed.record_kind, feed.payload, feed.receipt, feed.device_id,
                feed.scopes_before, feed.scopes_after, document.scopes,
                document.deleted_at is not null as is_deleted
         from feed
         join document on document.organization_id = feed.organization_id and document.doc_id = feed.doc_id
         where feed.organization_id = $1 and feed.seq > $2
         order by feed.seq limit $3",
    )
    .bind(organisation.as_uuid())
    .bind(i64::try_from(after)?)
    .bind(i64::try_from(limit)?)
    .fetch_all(&mut *transaction)
    .await?;
    let rows: anyhow::Result<Vec<FeedRow>> = rows.into_iter().map(RowOfFeed::read).collect();
    Ok(rows?.into())
}

impl RowOfFeed {
    fn read(self) -> anyhow::Result<FeedRow> {
        let odd = |column: &str| anyhow::anyhow!("feed.{column} at {}", self.seq);
        let payload = match (self.item_kind.as_str(), self.payload) {
            ("deletion", _) => RowPayload::Deletion,
            ("restoration", _) => RowPayload::Restoration,
            (_, bytes) if bytes.is_empty() => RowPayload::Blank,
            ("change", bytes) => RowPayload::Change(bytes),
            ("root", bytes) => RowPayload::Root(bytes),
            (_, bytes) => {
                let kind = self.record_kind.as_deref().and_then(RecordKind::from_code);
                RowPayload::Record { kind, bytes }
            }
        };
        Ok(FeedRow {
            seq: self.seq.unsigned_abs(),
            chain_hash: self.chain_hash.as_slice().try_into().map_err(|_| odd("chain_hash"))?,
            document: DocumentId::from_uuid(self.doc_id),
            kind: DocumentKind::from_code(&self.doc_kind).ok_or_else(|| odd("doc_kind"))?,
            received_at: from_utc(self.received_at),
            author: self.author.map(PersonId::from_uuid),
            payload,
            device: self.device_id.map(DeviceId::from_uuid),
            receipt: self.receipt,
            scopes_before: scopes(&self.scopes_before),
            scopes_after: scopes(&self.scopes_after),
            scopes_now: scopes(&self.scopes),
            deleted_now: self.is_deleted,
        })
    }
}

/// A scope this version does not know gives nobody anything.
pub(super) fn scopes(texts: &[String]) -> Vec<Scope> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}
