//! Snapshots: a cache of what the feed says, so that a document with a long history loads at once.

use shared_model::document::Document;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;

use super::Stored;

/// Changes after which a snapshot is written anew.
const EVERY_CHANGES: i64 = 24;

/// Is a snapshot of this document due?
pub fn is_due(stored: &Stored) -> bool {
    stored.state.change_count - stored.state.snapshot_change_count >= EVERY_CHANGES
}

/// Writes a snapshot of a document that holds everything up to feed row `seq`. It is written only
/// after it has been loaded again and shows the same heads.
pub async fn refresh(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    stored: &mut Stored,
    seq: i64,
) -> anyhow::Result<()> {
    let document = &stored.aggregate.document;
    let bytes = document.save();
    let loaded = Document::load(document.kind(), &bytes)?;
    anyhow::ensure!(
        loaded.heads() == document.heads(),
        "the snapshot of {} lost changes",
        stored.aggregate.id
    );
    sqlx::query(
        "update document set snapshot = $3, snapshot_seq = $4, snapshot_change_count = $5
         where organization_id = $1 and doc_id = $2 and snapshot_seq < $4",
    )
    .bind(organisation.as_uuid())
    .bind(stored.aggregate.id.as_uuid())
    .bind(bytes)
    .bind(seq)
    .bind(stored.state.change_count)
    .execute(connection)
    .await?;
    stored.state.snapshot_change_count = stored.state.change_count;
    Ok(())
}
