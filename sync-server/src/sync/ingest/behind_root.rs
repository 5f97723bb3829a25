//! Commands that build upon a past that made way for a new root.

use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::ingest::{REROOTED, documents_of};
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use uuid::Uuid;

use super::lane::Job;
use super::{Core, Task};
use crate::database::tenant_transaction;

/// The result of a command that lacks what it builds upon: what is in the feed and says nothing any more made way for a
/// new root, and nobody will ever send it again. When that cannot be looked up the device asks once more.
pub(super) async fn tell(
    core: &Core,
    organisation: OrganisationId,
    job: &Job,
    result: CommandResult,
) -> CommandResult {
    let (CommandResult::MissingDeps { hashes }, Task::Pushed(command)) = (&result, &job.task) else {
        return result;
    };
    let missing: Vec<&[u8]> = hashes.iter().map(|hash| hash.as_slice()).collect();
    match rerooted(core, organisation, command, &missing).await {
        Ok(None) => result,
        Ok(Some(id)) => CommandResult::Rejected { code: REROOTED.to_owned(), detail: id.to_string() },
        Err(error) => {
            tracing::warn!(%organisation, cause = format!("{error:#}"), "nobody knows whether it waits for what is gone");
            result
        }
    }
}

/// The document of this command in whose feed one of these items is and says nothing any more.
async fn rerooted(
    core: &Core,
    organisation: OrganisationId,
    command: &PushedCommand,
    missing: &[&[u8]],
) -> sqlx::Result<Option<Uuid>> {
    let documents: Vec<Uuid> =
        documents_of(command).unwrap_or_default().into_iter().map(DocumentId::as_uuid).collect();
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let rerooted = sqlx::query_scalar(
        "select doc_id from feed
         where organization_id = $1 and doc_id = any ($2) and item_id = any ($3) and payload = '' limit 1",
    )
    .bind(organisation.as_uuid())
    .bind(documents)
    .bind(missing)
    .fetch_optional(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(rerooted)
}
