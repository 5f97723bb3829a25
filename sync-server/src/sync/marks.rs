//! What the marks of documents are made of, so that a device can compare its copy.

use std::collections::HashMap;

use automerge::ChangeHash;
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId, RecordId};
use shared_model::record::RecordKind;
use shared_model::sync_protocol::{Cursor, StoredMark};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::reach::Reach;
use super::reader::{end, scopes};
use crate::database::tenant_transaction;

/// A page of documents in order of id.
pub(super) struct Marks {
    /// The feed after they were read: nothing in them is newer.
    pub(super) at: Cursor,
    pub(super) documents: Vec<StoredMark>,
    /// The last document of the page; `None`: there are no more.
    pub(super) through: Option<DocumentId>,
}

/// Reads the next documents within reach.
pub(super) async fn marks(
    pool: &PgPool,
    organisation: OrganisationId,
    reach: &Reach,
    after: Option<DocumentId>,
    limit: usize,
) -> anyhow::Result<Marks> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let rows = documents(&mut transaction, organisation, reach, after, limit).await?;
    let ids: Vec<Uuid> = rows.iter().map(|(id, ..)| *id).collect();
    let through = ids.last().filter(|_| ids.len() == limit).copied().map(DocumentId::from_uuid);
    let mut records = records(&mut transaction, organisation, ids).await?;
    let (at, _) = end(&mut transaction, organisation).await?;
    transaction.commit().await?;
    let stored = rows.into_iter().map(|(id, kind, heads, own)| {
        let kind =
            DocumentKind::from_code(&kind).ok_or_else(|| anyhow::anyhow!("document.kind of {id}: {kind}"))?;
        let heads = heads.as_chunks::<32>().0.iter().copied().map(ChangeHash).collect();
        let (document, records) = (DocumentId::from_uuid(id), records.remove(&id).unwrap_or_default());
        Ok(StoredMark { document, kind, scopes: scopes(&own), heads, records })
    });
    Ok(Marks { at, documents: stored.collect::<anyhow::Result<_>>()?, through })
}

async fn documents(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    reach: &Reach,
    after: Option<DocumentId>,
    limit: usize,
) -> anyhow::Result<Vec<(Uuid, String, Vec<u8>, Vec<String>)>> {
    Ok(sqlx::query_as(
        "select doc_id, kind, heads, scopes from document
         where organization_id = $1 and doc_id > $2 and deleted_at is null
           and (kind = any ($3) or (kind = any ($4) and scopes && $5))
         order by doc_id limit $6",
    )
    .bind(organisation.as_uuid())
    .bind(after.map_or(Uuid::nil(), DocumentId::as_uuid))
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .bind(i64::try_from(limit)?)
    .fetch_all(connection)
    .await?)
}

type Records = HashMap<Uuid, Vec<(Option<RecordKind>, RecordId)>>;

/// The records of these documents that were not erased.
async fn records(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: Vec<Uuid>,
) -> anyhow::Result<Records> {
    let rows: Vec<(Uuid, Option<String>, Vec<u8>)> = sqlx::query_as(
        "select doc_id, record_kind, item_id from feed
         where organization_id = $1 and doc_id = any ($2) and item_kind = 'record' and payload <> ''",
    )
    .bind(organisation.as_uuid())
    .bind(documents)
    .fetch_all(connection)
    .await?;
    let mut records = Records::new();
    for (document, kind, id) in rows {
        let id = id.try_into().map_err(|_| anyhow::anyhow!("feed.item_id of a record of {document}"))?;
        let kind = kind.as_deref().and_then(RecordKind::from_code);
        records.entry(document).or_default().push((kind, RecordId::from_bytes(id)));
    }
    Ok(records)
}
