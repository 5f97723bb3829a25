//! Whole documents with their records, as a device takes them in. No document is opened for it: a snapshot with
//! the changes after it appended is what Automerge loads.

use std::collections::HashMap;

use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::record::RecordKind;
use shared_model::sync_protocol::{Cursor, StoredDocument};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::reach::Reach;
use super::reader::{end, scopes};
use crate::database::tenant_transaction;
use crate::document_store::concatenate;

/// Most documents of a page, whatever their size.
const PAGE_DOCUMENTS: i64 = 256;

/// A page of documents.
pub(super) struct Page {
    /// The feed before the documents were read: they may be newer, never older.
    pub(super) at: Cursor,
    pub(super) documents: Vec<StoredDocument>,
    /// The last document of the page; `None`: there are no more.
    pub(super) through: Option<DocumentId>,
}

/// Reads documents within reach in order of id, about `budget` bytes of them.
pub(super) async fn page(
    pool: &PgPool,
    organisation: OrganisationId,
    reach: &Reach,
    after: Option<DocumentId>,
    budget: usize,
) -> anyhow::Result<Page> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    let rows: Vec<DocumentRow> = sqlx::query_as(
        "select doc_id, kind, scopes, snapshot, snapshot_seq from document
         where organization_id = $1 and doc_id > $2 and deleted_at is null
           and (kind = any ($3) or (kind = any ($4) and scopes && $5))
         order by doc_id limit $6",
    )
    .bind(organisation.as_uuid())
    .bind(after.map_or(Uuid::nil(), DocumentId::as_uuid))
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .bind(PAGE_DOCUMENTS)
    .fetch_all(&mut *transaction)
    .await?;
    let is_last = (rows.len() as i64) < PAGE_DOCUMENTS;
    let count = rows.len();
    let mut documents = Vec::new();
    let mut size = 0;
    for document in assemble(&mut transaction, organisation, rows).await? {
        if size >= budget {
            break;
        }
        let records: usize = document.records.iter().map(|(_, bytes)| bytes.len()).sum();
        size += document.bytes.len() + records;
        documents.push(document);
    }
    transaction.commit().await?;
    let is_whole = documents.len() == count;
    let through = documents.last().map(|document| document.document).filter(|_| !(is_last && is_whole));
    Ok(Page { at, documents, through })
}

/// Reads these documents.
pub(super) async fn documents(
    pool: &PgPool,
    organisation: OrganisationId,
    wanted: &[DocumentId],
) -> anyhow::Result<(Cursor, Vec<StoredDocument>)> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    let ids: Vec<Uuid> = wanted.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<DocumentRow> = sqlx::query_as(
        "select doc_id, kind, scopes, snapshot, snapshot_seq from document
         where organization_id = $1 and doc_id = any ($2) and deleted_at is null order by doc_id",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(&mut *transaction)
    .await?;
    let documents = assemble(&mut transaction, organisation, rows).await?;
    transaction.commit().await?;
    Ok((at, documents))
}

#[derive(sqlx::FromRow)]
struct DocumentRow {
    doc_id: Uuid,
    kind: String,
    scopes: Vec<String>,
    snapshot: Option<Vec<u8>>,
    snapshot_seq: i64,
}

type ItemRow = (Uuid, bool, Option<String>, Vec<u8>);

async fn assemble(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: Vec<DocumentRow>,
) -> anyhow::Result<Vec<StoredDocument>> {
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ItemRow> = sqlx::query_as(
        "select feed.doc_id, feed.item_kind = 'change', feed.record_kind, feed.payload
         from unnest($2::uuid[], $3::bigint[]) as wanted (doc_id, after_seq)
         join feed on feed.organization_id = $1 and feed.doc_id = wanted.doc_id
         where feed.item_kind = 'record' or feed.seq > wanted.after_seq
         order by feed.seq",
    )
    .bind(organisation.as_uuid())
    .bind(documents.iter().map(|row| row.doc_id).collect::<Vec<_>>())
    .bind(documents.iter().map(|row| row.snapshot_seq).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    let mut items: HashMap<Uuid, Vec<ItemRow>> = HashMap::new();
    for row in rows {
        items.entry(row.0).or_default().push(row);
    }
    let stored = documents.into_iter().map(|row| {
        let items = items.remove(&row.doc_id).unwrap_or_default();
        stored_document(&row, items)
    });
    stored.collect()
}

fn stored_document(row: &DocumentRow, items: Vec<ItemRow>) -> anyhow::Result<StoredDocument> {
    let id = row.doc_id;
    let kind = DocumentKind::from_code(&row.kind)
        .ok_or_else(|| anyhow::anyhow!("document.kind of {id}: {}", row.kind))?;
    let (changes, records): (Vec<ItemRow>, Vec<ItemRow>) =
        items.into_iter().partition(|(_, is_change, _, _)| *is_change);
    let changes: Vec<&[u8]> = changes.iter().map(|(_, _, _, bytes)| bytes.as_slice()).collect();
    let record = |(_, _, kind, bytes): ItemRow| (kind.as_deref().and_then(RecordKind::from_code), bytes);
    Ok(StoredDocument {
        document: DocumentId::from_uuid(id),
        kind,
        scopes: scopes(&row.scopes),
        bytes: concatenate(kind, row.snapshot.as_deref(), &changes),
        records: records.into_iter().filter(|(_, _, _, bytes)| !bytes.is_empty()).map(record).collect(),
    })
}
