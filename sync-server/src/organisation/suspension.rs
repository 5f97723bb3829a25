//! Shutting an organisation out, and letting it in again. Sessions, keys and what waits on devices stay as they are.

use shared_model::audit::{Action, SubjectKind};
use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;
use sqlx::{PgConnection, PgPool};

use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::directory;

/// Shuts out or lets in. `false`: it was so before. All nodes hear of it by the directory, and open sockets close within a second.
pub async fn set(
    pool: &PgPool,
    organisation: OrganisationId,
    is_suspended: bool,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let changed = sqlx::query(
        "update organisation set suspended_at = case when $2 then $3::timestamptz end
         where organization_id = $1 and (suspended_at is not null) <> $2",
    )
    .bind(organisation.as_uuid())
    .bind(is_suspended)
    .bind(to_utc(now))
    .execute(&mut *transaction)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    directory::changed(&mut transaction, organisation).await?;
    let action = if is_suspended { Action::OrganisationSuspended } else { Action::OrganisationResumed };
    let note = Note::by_operator(action).about(SubjectKind::Organisation, organisation.as_uuid());
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Is it shut out?
pub async fn is_suspended(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select suspended_at is not null from organisation where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(connection)
        .await
}
