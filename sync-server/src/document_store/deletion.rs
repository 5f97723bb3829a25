//! Documents that were deleted: still there with all their past, and nobody's to see or to change.

use anyhow::Context;
use chrono::{DateTime, Utc};
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

use super::queries::scopes_text;

/// A document that nobody else changes until the transaction ends.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Its kind.
    pub kind: DocumentKind,
    /// Where it belongs; nowhere once it was deleted.
    pub scopes: Vec<Scope>,
    /// It was deleted.
    pub deleted: bool,
}

/// Locks a document; `None`: there never was one.
pub async fn lock_one(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
) -> anyhow::Result<Option<Locked>> {
    let row: Option<(String, Vec<String>, bool)> = sqlx::query_as(
        "select kind, scopes, deleted_at is not null from document
         where organization_id = $1 and doc_id = $2 for update",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .fetch_optional(connection)
    .await?;
    let Some((kind, scopes, deleted)) = row else { return Ok(None) };
    let kind =
        DocumentKind::from_code(&kind).with_context(|| format!("document {document} has the kind {kind}"))?;
    let scopes = scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
    Ok(Some(Locked { kind, scopes, deleted }))
}

/// Takes a locked document away, at a time, or brings it back to where it belongs. Its version rises: whoever judged
/// upon it judges again.
pub async fn set_deleted(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
    (deleted_at, scopes): (Option<DateTime<Utc>>, &[Scope]),
) -> sqlx::Result<()> {
    sqlx::query(
        "update document
         set version = version + 1, deleted_at = $3, scopes = string_to_array($4, ' ')
         where organization_id = $1 and doc_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .bind(deleted_at)
    .bind(scopes_text(scopes))
    .execute(connection)
    .await?;
    Ok(())
}

/// Was any of these documents deleted? Asked under the lock of the feed's counter, the answer holds until the commit.
pub async fn any_deleted(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> sqlx::Result<bool> {
    if documents.is_empty() {
        return Ok(false);
    }
    let ids: Vec<Uuid> = documents.iter().map(|id| id.as_uuid()).collect();
    sqlx::query_scalar(
        "select exists (select from document
                        where organization_id = $1 and doc_id = any ($2) and deleted_at is not null)",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_one(connection)
    .await
}
