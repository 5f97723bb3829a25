//! The directory as sockets read it: those that stand at the same version and heard of the same one share a read.

use std::time::Duration;

use shared_model::identity::OrganisationId;
use sqlx::PgPool;

use super::receipt::ReceiptKey;
use super::shared::Shared;
use crate::database::tenant_transaction;
use crate::directory;

/// Longer than a crowd takes to ask after a node has heard of news.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// Changes of a directory.
pub(super) struct Changes {
    /// Up to this version.
    pub(super) version: u64,
    /// As JSON.
    pub(super) json: Vec<u8>,
}

/// Since which version, and which one was heard of: what is read after that holds it.
type Question = (OrganisationId, u64, u64);

/// Directories that are being read or were read just now.
pub(super) struct DirectoryReader(Shared<Question, Changes>);

impl Default for DirectoryReader {
    fn default() -> Self {
        Self(Shared::new(SHARED_FOR))
    }
}

impl DirectoryReader {
    /// What changed since a version, at least up to the one that was heard of.
    pub(super) async fn read(
        &self,
        (pool, key): (&PgPool, &ReceiptKey),
        organisation: OrganisationId,
        (since, heard): (u64, u64),
    ) -> anyhow::Result<std::sync::Arc<Changes>> {
        let read = async || {
            let mut transaction = tenant_transaction(pool, organisation).await?;
            // A device may say anything; beyond the last version there is nothing to tell.
            let since = i64::try_from(since).unwrap_or(i64::MAX);
            let mut changes = directory::read(&mut transaction, organisation, since).await?;
            key.vouch_for_actors(organisation, &mut changes);
            metrics::counter!("sync_directory_reads_total").increment(1);
            let version = changes.version.unsigned_abs();
            anyhow::Ok(Changes { version, json: serde_json::to_vec(&changes)? })
        };
        self.0.get((organisation, since, heard), read).await
    }
}
