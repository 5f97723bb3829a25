//! Whole documents with their records, as a device takes them in. No document is opened for it: a snapshot with
//! the changes after it appended is what Automerge loads.

use std::collections::HashMap;

use minicbor::bytes::ByteVec;
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::record::RecordKind;
use shared_model::sync_protocol::{Cursor, SnapshotReceipt, StoredDocument, vouch};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::reach::Reach;
use super::reader::{end, scopes};
use super::receipt::ReceiptKey;
use crate::database::tenant_pages;
use crate::document_store::concatenate;

/// Most documents of a page, whatever their size.
const PAGE_DOCUMENTS: i64 = 256;

/// A page of documents.
pub(super) struct Page {
    /// The feed after the documents were read: nothing in them is newer.
    pub(super) at: Cursor,
    pub(super) documents: Vec<StoredDocument>,
    /// The last document of the page; `None`: there are no more.
    pub(super) through: Option<DocumentId>,
}

/// Reads documents within reach in order of id, about `budget` bytes of them.
pub(super) async fn page(
    pool: &PgPool,
    key: &ReceiptKey,
    organisation: OrganisationId,
    reach: &Reach,
    after: Option<DocumentId>,
    budget: usize,
) -> anyhow::Result<Page> {
    // Between two looks a document may begin anew.
    let mut transaction = tenant_pages(pool, organisation).await?;
    let candidates = sizes_after(&mut transaction, organisation, reach, after).await?;
    let mut chosen = Vec::new();
    let mut size = 0;
    for (id, bytes) in &candidates {
        if size >= budget {
            break;
        }
        size += usize::try_from(*bytes)?;
        chosen.push(*id);
    }
    let is_last = chosen.len() == candidates.len() && (candidates.len() as i64) < PAGE_DOCUMENTS;
    let through = chosen.last().copied().map(DocumentId::from_uuid).filter(|_| !is_last);
    let documents = read(&mut transaction, key, organisation, reach, chosen).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    transaction.commit().await?;
    Ok(Page { at, documents, through })
}

/// The next documents within reach and how large they are with all that is sent of them. Nothing of it is
/// unpacked: PostgreSQL knows the length of what it keeps apart.
async fn sizes_after(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    reach: &Reach,
    after: Option<DocumentId>,
) -> sqlx::Result<Vec<(Uuid, i64)>> {
    sqlx::query_as(
        "with page as (
             select doc_id, snapshot_seq, coalesce(octet_length(snapshot), 0) as snapshot_bytes from document
             where organization_id = $1 and doc_id > $2 and deleted_at is null
               and (kind = any ($3) or (kind = any ($4) and scopes && $5))
             order by doc_id limit $6)
         select page.doc_id, page.snapshot_bytes + coalesce(items.bytes, 0)
         from page
         left join lateral (
             select sum(octet_length(payload)) as bytes from feed
             where feed.organization_id = $1 and feed.doc_id = page.doc_id
               and (feed.item_kind = 'record' or feed.seq > page.snapshot_seq)) as items on true
         order by page.doc_id",
    )
    .bind(organisation.as_uuid())
    .bind(after.map_or(Uuid::nil(), DocumentId::as_uuid))
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .bind(PAGE_DOCUMENTS)
    .fetch_all(connection)
    .await
}

/// Reads those of these documents that are within reach.
pub(super) async fn documents(
    pool: &PgPool,
    key: &ReceiptKey,
    organisation: OrganisationId,
    reach: &Reach,
    wanted: &[DocumentId],
) -> anyhow::Result<(Cursor, Vec<StoredDocument>)> {
    let mut transaction = tenant_pages(pool, organisation).await?;
    let ids: Vec<Uuid> = wanted.iter().map(|id| id.as_uuid()).collect();
    let documents = read(&mut transaction, key, organisation, reach, ids).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    transaction.commit().await?;
    Ok((at, documents))
}

/// Rights come first: what is out of reach is never loaded.
pub(super) async fn read(
    connection: &mut PgConnection,
    key: &ReceiptKey,
    organisation: OrganisationId,
    reach: &Reach,
    ids: Vec<Uuid>,
) -> anyhow::Result<Vec<StoredDocument>> {
    let rows: Vec<DocumentRow> = sqlx::query_as(
        "select doc_id, kind, heads, scopes, snapshot, snapshot_seq from document
         where organization_id = $1 and doc_id = any ($2) and deleted_at is null
           and (kind = any ($3) or (kind = any ($4) and scopes && $5))
         order by doc_id",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .fetch_all(&mut *connection)
    .await?;
    let items = items(connection, organisation, &rows).await?;
    assemble(key, organisation, rows, items)
}

#[derive(sqlx::FromRow)]
struct DocumentRow {
    doc_id: Uuid,
    kind: String,
    heads: Vec<u8>,
    scopes: Vec<String>,
    snapshot: Option<Vec<u8>>,
    snapshot_seq: i64,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    doc_id: Uuid,
    is_change: bool,
    record_kind: Option<String>,
    payload: Vec<u8>,
    item_hash: Vec<u8>,
}

/// The records of these documents, and the changes after their snapshots.
async fn items(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentRow],
) -> sqlx::Result<Vec<ItemRow>> {
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "select feed.doc_id, feed.item_kind in ('change', 'root') as is_change, feed.record_kind, feed.payload,
                feed.item_hash
         from unnest($2::uuid[], $3::bigint[]) as wanted (doc_id, after_seq)
         join feed on feed.organization_id = $1 and feed.doc_id = wanted.doc_id
         where feed.item_kind = 'record' or feed.seq > wanted.after_seq
         order by feed.seq",
    )
    .bind(organisation.as_uuid())
    .bind(documents.iter().map(|row| row.doc_id).collect::<Vec<_>>())
    .bind(documents.iter().map(|row| row.snapshot_seq).collect::<Vec<_>>())
    .fetch_all(connection)
    .await
}

fn assemble(
    key: &ReceiptKey,
    organisation: OrganisationId,
    documents: Vec<DocumentRow>,
    rows: Vec<ItemRow>,
) -> anyhow::Result<Vec<StoredDocument>> {
    let mut items: HashMap<Uuid, Vec<ItemRow>> = HashMap::new();
    for row in rows {
        items.entry(row.doc_id).or_default().push(row);
    }
    let stored = documents.into_iter().map(|row| {
        let items = items.remove(&row.doc_id).unwrap_or_default();
        stored_document(key, organisation, &row, items)
    });
    stored.collect()
}

fn stored_document(
    key: &ReceiptKey,
    organisation: OrganisationId,
    row: &DocumentRow,
    items: Vec<ItemRow>,
) -> anyhow::Result<StoredDocument> {
    let id = row.doc_id;
    let kind = DocumentKind::from_code(&row.kind)
        .ok_or_else(|| anyhow::anyhow!("document.kind of {id}: {}", row.kind))?;
    let (changes, mut records): (Vec<ItemRow>, Vec<ItemRow>) =
        items.into_iter().partition(|item| item.is_change);
    records.retain(|record| !record.payload.is_empty());
    let changes: Vec<&[u8]> = changes.iter().map(|change| change.payload.as_slice()).collect();
    let record = |row: ItemRow| (row.record_kind.as_deref().and_then(RecordKind::from_code), row.payload);
    Ok(StoredDocument {
        document: DocumentId::from_uuid(id),
        kind,
        scopes: scopes(&row.scopes),
        bytes: concatenate(kind, row.snapshot.as_deref(), &changes),
        receipts: receipts(key, organisation, row, &records),
        records: records.into_iter().map(record).collect(),
    })
}

/// The heads were read before the items: what they do not cover yet comes with receipts of its own in the feed.
fn receipts(
    key: &ReceiptKey,
    organisation: OrganisationId,
    row: &DocumentRow,
    records: &[ItemRow],
) -> Vec<SnapshotReceipt> {
    let heads: Vec<ByteVec> = row.heads.chunks(32).map(|head| head.to_vec().into()).collect();
    let known = |record: &ItemRow| record.record_kind.as_deref().and_then(RecordKind::from_code);
    let records = records.iter().filter_map(|record| Some((known(record)?, record.item_hash.as_slice())));
    vouch(DocumentId::from_uuid(row.doc_id), &heads, records, &|claim| key.sign(organisation, claim))
}
