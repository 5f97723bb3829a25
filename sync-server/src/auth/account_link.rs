//! Links that let somebody choose a password once: an invitation, or a new password for one that was forgotten. The secret
//! stands behind the `#` of the address, where no server and no log sees it, and is only ever sent in a body.

use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::people::{AccountLink, LinkPurpose};
use sqlx::PgConnection;
use uuid::Uuid;

use super::token::Token;
use crate::clock::to_utc;
use crate::error::ApiError;

/// The page that a link opens.
const PAGE: &str = "/join";
/// Links for another password that a person may have in their inbox at a time, however often somebody asks.
const MOST_RESETS: i64 = 5;
/// Another one is sent after this at the earliest.
const RESET_PAUSE_MS: i64 = 2 * MINUTE_MS;

/// How long a link is good for, in milliseconds.
pub const fn lifetime_ms(purpose: LinkPurpose) -> i64 {
    match purpose {
        LinkPurpose::Invitation => 7 * DAY_MS,
        LinkPurpose::PasswordReset => HOUR_MS,
    }
}

/// Makes the one link of this purpose for a person; one from before opens nothing any more. Returns the address below
/// that of the server.
pub async fn issue(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    purpose: LinkPurpose,
    now: Timestamp,
) -> sqlx::Result<String> {
    let token = Token::generate(organisation);
    sqlx::query(
        "insert into account_link (organization_id, person_id, purpose, token_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (organization_id, person_id, purpose) do update
             set token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(purpose.code())
    .bind(token.hash())
    .bind(to_utc(now))
    .bind(to_utc(now.plus_millis(lifetime_ms(purpose))))
    .execute(connection)
    .await?;
    Ok(format!("{PAGE}#{}", token.encode()))
}

/// Makes a link for another password that goes out by email, beside those before: anybody may ask, and that must not take a link
/// away that its owner has got. Sweeps old ones.
pub async fn issue_beside(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    now: Timestamp,
) -> sqlx::Result<String> {
    let token = Token::generate(organisation);
    sqlx::query(
        "with swept as (
             delete from password_reset_link where organization_id = $1 and person_id = $2 and expires_at < $4)
         insert into password_reset_link (organization_id, person_id, token_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(token.hash())
    .bind(to_utc(now))
    .bind(to_utc(now.plus_millis(lifetime_ms(LinkPurpose::PasswordReset))))
    .execute(connection)
    .await?;
    Ok(format!("{PAGE}#{}", token.encode()))
}

/// Has this person got enough links by email for now?
pub(super) async fn has_enough(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select count(*) >= $4 or coalesce(max(created_at) > $5, false) from password_reset_link
         where organization_id = $1 and person_id = $2 and expires_at > $3",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(to_utc(now))
    .bind(MOST_RESETS)
    .bind(to_utc(now.plus_millis(-RESET_PAUSE_MS)))
    .fetch_one(connection)
    .await
}

/// Takes away every link of a person.
pub async fn withdraw(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query(
        "with resets as (delete from password_reset_link where organization_id = $1 and person_id = $2)
         delete from account_link where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .execute(connection)
    .await?;
    Ok(())
}

/// A link that is good, and whose it is.
pub(super) struct Found {
    pub(super) person: PersonId,
    pub(super) link: AccountLink,
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    person_id: Uuid,
    purpose: String,
    display_name: String,
    email: String,
    organisation_name: String,
}

impl FoundRow {
    fn found(self, organisation: OrganisationId) -> sqlx::Result<Found> {
        let purpose = LinkPurpose::from_code(&self.purpose)
            .ok_or_else(|| sqlx::Error::Decode(format!("account_link: {}", self.purpose).into()))?;
        Ok(Found {
            person: PersonId::from_uuid(self.person_id),
            link: AccountLink {
                purpose,
                organisation,
                organisation_name: self.organisation_name,
                display_name: self.display_name,
                email: self.email,
            },
        })
    }
}

/// Looks a link up.
pub(super) async fn find(
    connection: &mut PgConnection,
    token: &Token,
    now: Timestamp,
) -> sqlx::Result<Option<Found>> {
    let row: Option<FoundRow> = sqlx::query_as(
        "select link.person_id, purpose, display_name, email, organisation.name as organisation_name
         from (select organization_id, person_id, purpose, token_hash, expires_at from account_link
               union all
               select organization_id, person_id, 'password_reset', token_hash, expires_at from password_reset_link) link
         join person on person.organization_id = link.organization_id and person.person_id = link.person_id
         join organisation on organisation.organization_id = link.organization_id
         where link.organization_id = $1 and token_hash = $2 and person.active and expires_at > $3",
    )
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .bind(to_utc(now))
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.found(token.organisation)).transpose()
}

/// Takes a link: of two who use it, one gets it.
pub(super) async fn take(
    connection: &mut PgConnection,
    token: &Token,
    now: Timestamp,
) -> sqlx::Result<Option<Found>> {
    let found = find(connection, token, now).await?;
    let taken: i64 = sqlx::query_scalar(
        "with handed_over as (
             delete from account_link where organization_id = $1 and token_hash = $2 returning person_id),
         sent as (
             delete from password_reset_link where organization_id = $1 and token_hash = $2 returning person_id)
         select (select count(*) from handed_over) + (select count(*) from sent)",
    )
    .bind(token.organisation.as_uuid())
    .bind(token.hash())
    .fetch_one(connection)
    .await?;
    Ok(found.filter(|_| taken == 1))
}

/// What anybody is told about a link that opens nothing, whatever the reason.
pub(super) fn no_such_link() -> ApiError {
    ApiError::new(
        axum::http::StatusCode::GONE,
        "link_used_or_expired",
        "This link was used, or is too old. Ask for a new one.",
    )
}
