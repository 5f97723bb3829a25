//! Histories of a feed. A backup that was restored begins a new one: what devices know of the one before is compared
//! with what is here, and nothing that was given out under it is given out again.

use shared_model::audit::{Action, Doer, DoerKind};
use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

use crate::audit::{self, Note};
use crate::database::tenant_transaction;
use crate::{features, random};

/// Begins a new history, unless the present one is no longer `seen`. Returns whether it began.
pub async fn begin(
    pool: &PgPool,
    organisation: OrganisationId,
    seen: Option<Uuid>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    // The feed's counter is the last lock, as everywhere.
    for new_epoch in features::ALL.iter().filter_map(|feature| feature.new_epoch) {
        new_epoch(&mut transaction, organisation).await?;
    }
    let fresh = Uuid::from_bytes(random::bytes());
    let ended: Option<(Uuid, i64)> = sqlx::query_as(
        "with ended as (
             select epoch, head from tenant_feed
             where organization_id = $1 and ($3::uuid is null or epoch = $3) for update)
         update tenant_feed set epoch = $2 from ended where organization_id = $1
         returning ended.epoch, ended.head",
    )
    .bind(organisation.as_uuid())
    .bind(fresh)
    .bind(seen)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((ended, head)) = ended else { return Ok(false) };
    // What was signed under the history that ends is held against what it says here.
    let said = |epoch: Uuid| Some(epoch.to_string().into());
    let note = Note::new(Doer::of(DoerKind::Server), Action::HistoryBegun)
        .with("epoch", said(ended), said(fresh))
        .with("feed", Some(head.unsigned_abs().into()), None);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    tracing::warn!(%organisation, "a new history of the feed begins: devices compare their copies with it");
    Ok(true)
}
