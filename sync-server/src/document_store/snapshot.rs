//! Snapshots: a cache of what the feed says, so that a document with a long history loads at once.

use shared_model::document::Document;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Stored, StoredState};

/// Changes after which a snapshot is written anew, at least.
const EVERY_CHANGES: i64 = 32;
/// A snapshot costs as much as the document is long: a long one gets its next when it is longer by this part. What is read
/// after it is that part of the document at most, and the cost of a snapshot is the same for every change.
const PART: i64 = 16;

/// Is a snapshot of this document due?
pub fn is_due(stored: &Stored) -> bool {
    let StoredState { change_count, snapshot_change_count, .. } = stored.state;
    change_count - snapshot_change_count >= EVERY_CHANGES.max(snapshot_change_count / PART)
}

/// A snapshot to write.
pub struct Snapshot {
    document: DocumentId,
    bytes: Vec<u8>,
    change_count: i64,
}

impl Snapshot {
    /// A snapshot of a document with so many changes, once it has been loaded again and shows the same heads.
    pub fn take(aggregate: &Aggregate, change_count: i64) -> anyhow::Result<Self> {
        let document = &aggregate.document;
        let bytes = document.save();
        let loaded = Document::load(document.kind(), &bytes)?;
        anyhow::ensure!(loaded.heads() == document.heads(), "the snapshot of {} lost changes", aggregate.id);
        Ok(Self { document: aggregate.id, bytes, change_count })
    }
}

/// Writes snapshots that hold everything up to feed row `seq`. A document that somebody is writing just now keeps
/// its old one: nobody waits for a cache.
pub async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    snapshots: &[Snapshot],
    seq: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "with free as (
             select doc_id from document
             where organization_id = $1 and doc_id = any ($2) order by doc_id for update skip locked)
         update document
         set snapshot = fresh.snapshot, snapshot_seq = $5, snapshot_change_count = fresh.change_count
         from unnest($2::uuid[], $3::bytea[], $4::bigint[]) as fresh (doc_id, snapshot, change_count)
         join free on free.doc_id = fresh.doc_id
         where document.organization_id = $1 and document.doc_id = fresh.doc_id
           and document.snapshot_seq < $5",
    )
    .bind(organisation.as_uuid())
    .bind(snapshots.iter().map(|snapshot| snapshot.document.as_uuid()).collect::<Vec<Uuid>>())
    .bind(snapshots.iter().map(|snapshot| snapshot.bytes.as_slice()).collect::<Vec<_>>())
    .bind(snapshots.iter().map(|snapshot| snapshot.change_count).collect::<Vec<_>>())
    .bind(seq)
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared_model::document::DocumentKind;

    use super::*;
    use crate::projection::Written;

    #[test]
    fn a_long_document_waits_in_proportion() {
        let is_due = |snapshot_change_count, change_count| {
            let aggregate = Aggregate::new(DocumentId::from_bytes([1; 16]), DocumentKind::Part);
            let state = StoredState { version: 1, change_count, snapshot_change_count };
            super::is_due(&Stored { aggregate, state, written: Written::default() })
        };
        assert!(!is_due(0, 31) && is_due(0, 32));
        assert!(!is_due(500, 531) && is_due(500, 532));
        assert!(!is_due(3_200, 3_399) && is_due(3_200, 3_400));
    }
}
