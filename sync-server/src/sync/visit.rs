//! What guests who speak another protocol than ours ask of a node: one document as somebody may see it, and the
//! rows of the feed that are new.

use std::sync::Arc;

use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{FeedRows, StoredDocument};
use sqlx::PgPool;

use super::reach::Reach;
use super::{SyncNode, reader, snapshots};
use crate::database::tenant_transaction;

/// Rows read at once.
const ROWS: usize = 500;

impl SyncNode {
    /// A document, when it exists and these rights let somebody read it.
    pub(crate) async fn readable_document(
        &self,
        pool: &PgPool,
        organisation: OrganisationId,
        grants: &Grants,
        document: DocumentId,
    ) -> anyhow::Result<Option<StoredDocument>> {
        let reach = Reach::of(grants);
        let (_, found) =
            snapshots::documents(pool, self.receipt_key(), organisation, &reach, &[document]).await?;
        Ok(found.into_iter().next().filter(|found| grants.read_document(found.kind, &found.scopes)))
    }

    /// The last sequence number of a feed.
    pub(crate) async fn feed_head(&self, pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<u64> {
        let mut transaction = tenant_transaction(pool, organisation).await?;
        let (head, _) = reader::end(&mut transaction, organisation).await?;
        transaction.commit().await?;
        Ok(head.seq)
    }

    /// The next rows of a feed; none when there are no more.
    pub(crate) async fn rows_after(
        &self,
        pool: &PgPool,
        organisation: OrganisationId,
        seq: u64,
    ) -> anyhow::Result<Arc<FeedRows>> {
        self.feed_reader().rows(pool, organisation, seq, ROWS).await
    }
}
