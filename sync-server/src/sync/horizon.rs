//! The horizon of each feed: a device whose copy is older loads instead of hearing row by row what it missed, and
//! forgets what the load does not name. Rows themselves never expire.

use std::time::Duration;

use shared_model::identity::OrganisationId;
use shared_model::instant::Timestamp;
use sqlx::PgPool;
use tokio::time::{MissedTickBehavior, interval};

use crate::app_state::AppState;
use crate::clock::to_utc;
use crate::database::{organisations, tenant_transaction};

/// How old the rows behind the horizon are unless told otherwise.
pub const DEFAULT_DAYS: u32 = 180;
const DAY_MS: i64 = 86_400_000;
/// How often a node looks after every organisation. Any of them may: a horizon only rises.
const EVERY: Duration = Duration::from_secs(3_600);

/// Raises the horizons of all organisations now and then, until the server stops.
pub async fn keep(state: AppState, days: u32) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            _ = turns.tick() => {}
        }
        let before = state.clock.now().plus_millis(-i64::from(days) * DAY_MS);
        if let Err(error) = raise_all(&state.pool, before).await {
            tracing::warn!(cause = %error, "horizons could not be raised");
        }
    }
}

async fn raise_all(pool: &PgPool, before: Timestamp) -> sqlx::Result<()> {
    for organisation in organisations::all(pool).await? {
        raise(pool, organisation.id, before).await?;
    }
    Ok(())
}

/// Raises the horizon to the last row that was received before a time. Returns where it is.
pub async fn raise(
    pool: &PgPool,
    organisation: OrganisationId,
    before: Timestamp,
) -> sqlx::Result<Option<u64>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    // From the horizon on only rows are looked at that it is going to pass, and one more.
    let to: Option<i64> = sqlx::query_scalar(
        "select coalesce(
             (select feed.seq - 1 from feed
              where feed.organization_id = $1 and feed.seq > tenant_feed.horizon and feed.received_at >= $2
              order by feed.seq limit 1),
             tenant_feed.head)
         from tenant_feed where organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .bind(to_utc(before))
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(to) = to else { return Ok(None) };
    let raised =
        sqlx::query("update tenant_feed set horizon = $2 where organization_id = $1 and horizon < $2")
            .bind(organisation.as_uuid())
            .bind(to)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
    transaction.commit().await?;
    if raised > 0 {
        tracing::info!(%organisation, horizon = to, "the horizon of a feed rose");
    }
    Ok(Some(to.unsigned_abs()))
}
