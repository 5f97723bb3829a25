//! What ingest set aside, as an operator sees it: who sent what from where, why it was not taken, and the way to try
//! it once more.

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::features::Command;
use shared_model::gate::Numbering;
use shared_model::identity::{CommandId, DeviceId, OrganisationId, PersonId};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Sender, SyncNode, TypedCommand};
use crate::database::{held_roles, tenant_transaction};

/// A command that was not taken.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Kept {
    /// The command.
    pub command_id: Uuid,
    /// Why it was not taken.
    pub code: String,
    /// What there is to know about that.
    pub detail: String,
    /// Who sent it; `None`: the server itself.
    pub author: Option<Uuid>,
    /// Their name.
    pub author_name: Option<String>,
    /// From which device; `None`: it was executed here.
    pub device_id: Option<Uuid>,
    /// The device's name.
    pub device_name: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it came first.
    pub received_at: DateTime<Utc>,
    /// How many bytes are kept.
    pub size_bytes: i32,
    /// Another Automerge client made it, which numbers edits of an older state in its own way.
    pub is_isolated: bool,
}

/// Everything kept of an organisation, oldest first.
pub async fn list(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<Vec<Kept>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query_as(
        "select command_id, code, detail, author, display_name as author_name, quarantine.device_id,
                device.name as device_name, attempts, received_at, octet_length(bytes) as size_bytes,
                is_isolated
         from quarantine
         left join person on person.organization_id = $1 and person.person_id = author
         left join device on device.organization_id = $1 and device.device_id = quarantine.device_id
         where quarantine.organization_id = $1
         order by received_at, command_id",
    )
    .bind(organisation.as_uuid())
    .fetch_all(&mut *transaction)
    .await
}

/// The bytes of a command as they came.
pub async fn bytes(
    pool: &PgPool,
    organisation: OrganisationId,
    command: Uuid,
) -> sqlx::Result<Option<Vec<u8>>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query_scalar("select bytes from quarantine where organization_id = $1 and command_id = $2")
        .bind(organisation.as_uuid())
        .bind(command)
        .fetch_optional(&mut *transaction)
        .await
}

/// What the author wanted, as their device or the server wrote it down; `None` when the bytes cannot be read.
pub fn intent(kept: &Kept, bytes: &[u8]) -> Option<String> {
    let intent = match kept.device_id {
        Some(_) => minicbor::decode::<PushedCommand>(bytes).ok()?.intent.into(),
        None => bytes.to_vec(),
    };
    String::from_utf8(intent).ok()
}

/// Judges a command again, by the rights its author has now and in their name. Once it is in the feed it is kept here
/// no longer; otherwise it stays, with the reason of this time.
pub async fn release(
    node: &SyncNode,
    pool: &PgPool,
    organisation: OrganisationId,
    kept: &Kept,
) -> anyhow::Result<CommandResult> {
    let bytes = bytes(pool, organisation, kept.command_id).await?.context("it is kept no longer")?;
    let grants = grants_now(pool, organisation, kept.author).await?;
    let device = kept.device_id.map(DeviceId::from_uuid);
    let numbering = if kept.is_isolated { Numbering::Isolated } else { Numbering::Exact };
    let sender = Sender { grants, device, numbering, ..Sender::default() };
    let results = match device {
        Some(_) => {
            let pushed = minicbor::decode::<PushedCommand>(&bytes).context("its bytes are no command")?;
            node.submit(organisation, &sender, vec![pushed]).await
        }
        None => node.execute(organisation, &sender, vec![typed(kept.command_id, &bytes)?]).await,
    };
    let Some(result) = results.into_iter().next() else { bail!("nothing was answered") };
    if matches!(result, CommandResult::Accepted { .. } | CommandResult::Duplicate { .. }) {
        forget(pool, organisation, kept.command_id).await?;
    }
    Ok(result)
}

async fn grants_now(
    pool: &PgPool,
    organisation: OrganisationId,
    author: Option<Uuid>,
) -> sqlx::Result<Option<Grants>> {
    let Some(author) = author else { return Ok(None) };
    let mut transaction = tenant_transaction(pool, organisation).await?;
    held_roles::grants(&mut transaction, organisation, PersonId::from_uuid(author)).await.map(Some)
}

/// A command that was executed here: its intent is all there is, one command or a list of them.
fn typed(id: Uuid, intent: &[u8]) -> anyhow::Result<TypedCommand> {
    let list = serde_json::from_slice::<Vec<Command>>(intent);
    let commands = match list {
        Ok(commands) => commands,
        Err(_) => vec![serde_json::from_slice(intent).context("its intent cannot be read")?],
    };
    Ok(TypedCommand { id: CommandId::from_uuid(id), commands, at: None })
}

async fn forget(pool: &PgPool, organisation: OrganisationId, command: Uuid) -> sqlx::Result<()> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query("delete from quarantine where organization_id = $1 and command_id = $2")
        .bind(organisation.as_uuid())
        .bind(command)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}
