//! A document that begins anew.

use automerge::ChangeHash;
use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::PgConnection;

/// A document upon a new root, as it is stored.
pub struct Rooted {
    /// Its heads, sorted.
    pub heads: Vec<ChangeHash>,
    /// Saved Automerge bytes.
    pub snapshot: Vec<u8>,
    /// How many changes it holds, its genesis not counted.
    pub change_count: i64,
}

/// Stores a locked document upon its new root, which feed row `seq` holds. Its version rises: whoever judged upon it
/// judges again.
pub async fn set_root(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
    rooted: &Rooted,
    seq: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "update document
         set version = version + 1, heads = $3, snapshot = $4, snapshot_seq = $5, change_count = $6,
             snapshot_change_count = $6
         where organization_id = $1 and doc_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .bind(rooted.heads.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>())
    .bind(&rooted.snapshot)
    .bind(seq)
    .bind(rooted.change_count)
    .execute(connection)
    .await?;
    Ok(())
}
