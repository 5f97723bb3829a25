//! One-time tickets: a WebSocket cannot be trusted with the cookie alone (any page may open one), so the app
//! fetches a ticket over REST and names it in the socket's address, `/sync?ticket=…`. An address may end up in a
//! log, which is why a ticket opens one socket, within a minute.

use shared_model::account::SocketTicket;
use shared_model::identity::SessionId;
use shared_model::instant::{MINUTE_MS, Timestamp};
use sqlx::PgPool;
use uuid::Uuid;

use super::token::Token;
use super::{Caller, Standing, session};
use crate::clock::to_utc;
use crate::database::tenant_transaction;

const LIFETIME_MS: i64 = MINUTE_MS;

/// Writes a ticket for a session. Sweeps unused ones.
pub(super) async fn issue(
    pool: &PgPool,
    caller: &Caller,
    session: SessionId,
    now: Timestamp,
) -> sqlx::Result<SocketTicket> {
    let organisation = caller.organisation_id;
    let token = Token::generate(organisation);
    let expires_at = now.plus_millis(LIFETIME_MS);
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query(
        "delete from socket_ticket where organization_id = $1 and session_id = $2 and expires_at < $3",
    )
    .bind(organisation.as_uuid())
    .bind(session.as_uuid())
    .bind(to_utc(now))
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "insert into socket_ticket (organization_id, ticket_hash, session_id, expires_at)
         values ($1, $2, $3, $4)",
    )
    .bind(organisation.as_uuid())
    .bind(token.hash())
    .bind(session.as_uuid())
    .bind(to_utc(expires_at))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(SocketTicket { ticket: token.encode(), wipe: caller.is_to_wipe, expires_at })
}

/// Takes a ticket: the first redemption within a minute gets the caller, any other gets nothing.
pub async fn redeem(pool: &PgPool, ticket: &str, now: Timestamp) -> sqlx::Result<Option<Caller>> {
    let Some(token) = Token::parse(ticket) else { return Ok(None) };
    let mut transaction = tenant_transaction(pool, token.organisation).await?;
    let session: Option<Uuid> = sqlx::query_scalar(
        "with taken as (
             delete from socket_ticket where organization_id = $1 and ticket_hash = $2
             returning session_id, expires_at)
         select session_id from taken where expires_at > $3",
    )
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .bind(to_utc(now))
    .fetch_optional(&mut *transaction)
    .await?;
    let caller = match session {
        Some(session) => match session::standing(&mut transaction, token.organisation, session, now).await? {
            Standing::Open(caller) => Some(caller),
            Standing::Ended | Standing::Suspended => None,
        },
        None => None,
    };
    transaction.commit().await?;
    Ok(caller)
}
