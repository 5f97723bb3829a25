//! Reading the feed.

use chrono::{DateTime, Utc};
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::chain::{self, Hash};
use crate::clock::from_utc;
use crate::document_store::StoredItem;
use crate::projection::Difference;

/// Rows checked at once.
const STEP: i64 = 2_000;

/// Keeps everybody from adding to the feed until the transaction ends.
pub async fn lock(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<()> {
    sqlx::query("select from tenant_feed where organization_id = $1 for update")
        .bind(organisation.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// How many documents the feed speaks of.
pub async fn count_documents(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(distinct doc_id) from feed where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(connection)
        .await?;
    Ok(count.unsigned_abs())
}

/// Documents the feed speaks of, in order of id.
pub async fn documents_after(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    after: Option<DocumentId>,
    limit: i64,
) -> anyhow::Result<Vec<(DocumentId, DocumentKind)>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select doc_id, min(doc_kind) from feed
         where organization_id = $1 and ($2::uuid is null or doc_id > $2)
         group by doc_id order by doc_id limit $3",
    )
    .bind(organisation.as_uuid())
    .bind(after.map(DocumentId::as_uuid))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let document = |(id, kind): (Uuid, String)| {
        let kind =
            DocumentKind::from_code(&kind).ok_or_else(|| anyhow::anyhow!("feed.doc_kind of {id}: {kind}"))?;
        Ok((DocumentId::from_uuid(id), kind))
    };
    rows.into_iter().map(document).collect()
}

/// What the feed says about a document.
pub struct History {
    /// Its changes and records, in order, and when they were received: what was blanked says nothing any more.
    pub items: Vec<(StoredItem, Timestamp)>,
    /// It was deleted, and not brought back since.
    pub deleted: bool,
}

/// Everything the feed still says about a document.
pub async fn history_of_document(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
) -> anyhow::Result<History> {
    let rows: Vec<(String, Vec<u8>, DateTime<Utc>)> = sqlx::query_as(
        "select item_kind, payload, received_at from feed
         where organization_id = $1 and doc_id = $2
           and (payload <> '' or item_kind in ('deletion', 'restoration'))
         order by seq",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .fetch_all(connection)
    .await?;
    let mut history = History { items: Vec::with_capacity(rows.len()), deleted: false };
    for (item_kind, payload, received_at) in rows {
        let item = match item_kind.as_str() {
            "change" | "root" => StoredItem::Change(payload),
            "record" => StoredItem::Record(payload),
            "deletion" | "restoration" => {
                history.deleted = item_kind == "deletion";
                continue;
            }
            other => anyhow::bail!("feed.item_kind of {document}: {other}"),
        };
        history.items.push((item, from_utc(received_at)));
    }
    Ok(history)
}

type ChainRow = (i64, String, Uuid, Vec<u8>, Vec<u8>, Option<Uuid>, bool);

/// The first place where the chain of a feed is not as it was.
pub struct BrokenLink {
    /// The row.
    pub seq: u64,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Walks the whole chain: rows without a gap, each item as its hash says or blanked, each link right, the head at
/// the end.
pub async fn first_broken(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> anyhow::Result<Option<BrokenLink>> {
    let broken = |seq: i64, problem| Ok(Some(BrokenLink { seq: seq.unsigned_abs(), problem }));
    let (mut seq, mut hash) = (0, chain::START);
    loop {
        let rows: Vec<ChainRow> = sqlx::query_as(
            "select seq, item_kind, doc_id, item_hash, chain_hash, author,
                    payload = '' or sha256(payload) = item_hash
             from feed where organization_id = $1 and seq > $2 order by seq limit $3",
        )
        .bind(organisation.as_uuid())
        .bind(seq)
        .bind(STEP)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            break;
        }
        for (at, item_kind, document, item_hash, chain_hash, author, is_payload) in rows {
            if at != seq + 1 {
                return broken(seq + 1, "the row is missing");
            }
            let (document, author) = (DocumentId::from_uuid(document), author.map(PersonId::from_uuid));
            let expected = chain::link(&hash, at, &item_kind, document, &item_hash, author);
            if expected.as_slice() != chain_hash || !is_payload {
                return broken(at, "the chain of the feed is broken here");
            }
            (seq, hash) = (at, expected);
        }
    }
    let end: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select head, chain_hash from tenant_feed where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_optional(connection)
            .await?;
    let fits = |(head, end): (i64, Vec<u8>)| head == seq && Hash::try_from(end).is_ok_and(|end| end == hash);
    if end.is_none_or(fits) { Ok(None) } else { broken(seq + 1, "the feed does not end at its head") }
}

/// The same as a difference from what the feed says.
pub async fn check_chain(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> anyhow::Result<Vec<Difference>> {
    let broken = first_broken(connection, organisation).await?;
    let difference = |BrokenLink { seq, problem }| Difference {
        table: "feed",
        problem,
        row: format!("{{\"seq\":{seq}}}"),
    };
    Ok(broken.map(difference).into_iter().collect())
}
