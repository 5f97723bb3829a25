//! What packs read.

use std::collections::HashMap;

use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::sync_protocol::Urgency;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Reach, Wanted};
use crate::auth::Caller;
use crate::document_store::has_ledger;
use crate::projection::row_version;

/// Most documents of a pack, whatever their size.
const PACK_DOCUMENTS: i64 = 1_000;

/// A document with its row, if it has one.
#[derive(sqlx::FromRow)]
pub(super) struct ListedRow {
    pub(super) doc_id: Uuid,
    pub(super) kind: String,
    pub(super) scopes: Vec<String>,
    pub(super) row: Option<String>,
}

impl ListedRow {
    pub(super) const fn id(&self) -> DocumentId {
        DocumentId::from_uuid(self.doc_id)
    }

    /// It has no row and should have one.
    pub(super) fn is_missing(&self) -> bool {
        self.row.is_none() && DocumentKind::from_code(&self.kind).is_some_and(|kind| !has_ledger(kind))
    }
}

/// The next documents within reach in order of id, with their rows.
pub(super) async fn rows(
    connection: &mut PgConnection,
    caller: &Caller,
    reach: &Reach,
    after: Option<DocumentId>,
    limit: usize,
) -> sqlx::Result<Vec<ListedRow>> {
    sqlx::query_as(
        "select document.doc_id, document.kind, document.scopes, document_row.row
         from document
         left join document_row on document_row.organization_id = $1
              and document_row.document_id = document.doc_id and document_row.row_version = $7
         where document.organization_id = $1 and document.doc_id > $2 and document.deleted_at is null
           and (document.kind = any ($3) or (document.kind = any ($4) and document.scopes && $5))
         order by document.doc_id limit $6",
    )
    .bind(caller.organisation_id.as_uuid())
    .bind(after.map_or(Uuid::nil(), DocumentId::as_uuid))
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(row_version())
    .fetch_all(connection)
    .await
}

/// The documents of a pack.
pub(super) struct Page {
    pub(super) chosen: Vec<Uuid>,
    /// There are no more of this urgency.
    pub(super) is_last: bool,
}

/// The next documents of an urgency, about `budget` bytes of them, at least one if there is one. What has no row
/// counts as open: made later, the row can only let the document come again. What changed since the load began may have
/// moved from one urgency to another that had its turn, so the last one brings it whatever it is.
pub(super) async fn sizes(
    connection: &mut PgConnection,
    caller: &Caller,
    reach: &Reach,
    (wanted, since): (&Wanted, u64),
    after: Option<DocumentId>,
    budget: usize,
) -> anyhow::Result<Page> {
    let urgency: i32 = match wanted.urgency {
        Urgency::Mine => 1,
        Urgency::Near => 2,
        Urgency::Rest => 3,
    };
    if wanted.urgency == Urgency::Near && wanted.near.is_empty() {
        return Ok(Page { chosen: Vec::new(), is_last: true });
    }
    let candidates: Vec<(Uuid, i64)> = sqlx::query_as(
        "with page as (
             select document.doc_id, snapshot_seq, coalesce(octet_length(snapshot), 0) as snapshot_bytes
             from document
             left join document_row on document_row.organization_id = $1
                  and document_row.document_id = document.doc_id
             where document.organization_id = $1 and document.doc_id > $2 and deleted_at is null
               and (kind = any ($3) or (kind = any ($4) and scopes && $5))
               and ($6 <> 1 or $7 = any (scopes))
               and ($6 = case when $7 = any (scopes) and coalesce(is_open, true) then 1
                              when scopes && $8 then 2 else 3 end
                    or ($6 = 3 and exists (
                        select from feed
                        where feed.organization_id = $1 and feed.doc_id = document.doc_id and feed.seq > $10)))
             order by document.doc_id limit $9)
         select page.doc_id, page.snapshot_bytes + coalesce(items.bytes, 0)
         from page
         left join lateral (
             select sum(octet_length(payload)) as bytes from feed
             where feed.organization_id = $1 and feed.doc_id = page.doc_id
               and (feed.item_kind = 'record' or feed.seq > page.snapshot_seq)) as items on true
         order by page.doc_id",
    )
    .bind(caller.organisation_id.as_uuid())
    .bind(after.map_or(Uuid::nil(), DocumentId::as_uuid))
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .bind(urgency)
    .bind(&wanted.own)
    .bind(&wanted.near)
    .bind(PACK_DOCUMENTS)
    .bind(i64::try_from(since).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    let mut chosen = Vec::new();
    let mut size = 0;
    for (id, bytes) in &candidates {
        if size >= budget {
            break;
        }
        size += usize::try_from(*bytes)?;
        chosen.push(*id);
    }
    let is_last = chosen.len() == candidates.len() && (candidates.len() as i64) < PACK_DOCUMENTS;
    Ok(Page { chosen, is_last })
}

/// The documents of the feed's rows after `since`; `None`: there are more than `limit` rows.
pub(super) async fn changed_since(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    since: i64,
    limit: i64,
) -> sqlx::Result<Option<Vec<Uuid>>> {
    let rows: Vec<Uuid> = sqlx::query_scalar(
        "select doc_id from feed where organization_id = $1 and seq > $2 order by seq limit $3",
    )
    .bind(organisation.as_uuid())
    .bind(since)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(Some(rows).filter(|rows| (rows.len() as i64) < limit))
}

/// The rows of documents, as far as they have one.
pub(super) async fn rows_of(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[Uuid],
) -> sqlx::Result<HashMap<DocumentId, String>> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select document_id, row from document_row
         where organization_id = $1 and document_id = any ($2) and row_version = $3",
    )
    .bind(organisation.as_uuid())
    .bind(documents)
    .bind(row_version())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, row)| (DocumentId::from_uuid(id), row)).collect())
}
