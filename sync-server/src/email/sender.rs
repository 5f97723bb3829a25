//! Sends what is due, one email at a time. An email is claimed for a while before it goes out, so that of several nodes one
//! sends it; a node that dies in between leaves it to be sent again.

use std::time::Duration;

use lettre::transport::smtp;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::people::{Language, LinkPurpose};
use sqlx::PgPool;
use tokio::time::timeout;
use uuid::Uuid;

use super::smtp::SmtpRelay;
use super::text::{Occasion, Text};
use super::{EmailKind, Mailer};
use crate::app_state::AppState;
use crate::auth::account_link;
use crate::clock::{from_utc, to_utc};
use crate::database::tenant_transaction;

/// How often a node looks for emails that others wrote, or that could not be sent.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// For how long an email is its sender's.
const CLAIM_MS: i64 = 5 * MINUTE_MS;
const FIRST_WAIT_MS: i64 = MINUTE_MS;
const LONGEST_WAIT_MS: i64 = HOUR_MS;

/// Sends emails until the server stops.
pub async fn keep_sending(state: AppState) {
    let Mailer { relay: Some(relay), due } = state.mailer.clone() else { return };
    loop {
        match send_due(&state, &relay).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(cause = %error, "emails could not be looked up"),
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            // Woken or not, it is time to look.
            _ = timeout(LOOK_EVERY, due.notified()) => {}
        }
    }
}

async fn send_due(state: &AppState, relay: &SmtpRelay) -> sqlx::Result<()> {
    let organisations: Vec<Uuid> = sqlx::query_scalar("select organization_id from emails_due($1)")
        .bind(state.clock.now_utc())
        .fetch_all(&state.pool)
        .await?;
    for organisation in organisations.into_iter().map(OrganisationId::from_uuid) {
        drop_useless(&state.pool, organisation, state.clock.now()).await?;
        while let Some(claimed) = claim(&state.pool, organisation, relay, state.clock.now()).await? {
            if state.shutdown.is_cancelled() {
                return Ok(());
            }
            let Claimed { name, email, text, .. } = &claimed;
            let sent = relay.send(name, email, text).await;
            done(&state.pool, organisation, &claimed, sent, state.clock.now()).await?;
        }
    }
    Ok(())
}

/// What nobody could send for as long as there was any use in it goes nowhere any more; an invitation that failed stays to be
/// seen.
async fn drop_useless(pool: &PgPool, organisation: OrganisationId, now: Timestamp) -> sqlx::Result<()> {
    let (kinds, since): (Vec<&str>, Vec<_>) =
        EmailKind::ALL.iter().map(|kind| (kind.code(), to_utc(now.plus_millis(-kind.lifetime_ms())))).unzip();
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query(
        "delete from outgoing_email using unnest($2::text[], $3::timestamptz[]) as useful (kind, since)
         where organization_id = $1 and outgoing_email.kind = useful.kind and created_at < since
           and next_attempt_at <= $4",
    )
    .bind(organisation.as_uuid())
    .bind(kinds)
    .bind(since)
    .bind(to_utc(now))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// An email on its way.
struct Claimed {
    person: PersonId,
    kind: EmailKind,
    attempts: i32,
    created_at: Timestamp,
    name: String,
    email: String,
    text: Text,
}

#[derive(sqlx::FromRow)]
struct EmailRow {
    person_id: Uuid,
    kind: String,
    attempts: i32,
    created_at: chrono::DateTime<chrono::Utc>,
    display_name: String,
    email: String,
    language: String,
    organisation_name: String,
}

/// Takes an email that is due, and makes its link.
async fn claim(
    pool: &PgPool,
    organisation: OrganisationId,
    relay: &SmtpRelay,
    now: Timestamp,
) -> sqlx::Result<Option<Claimed>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let row: Option<EmailRow> = sqlx::query_as(
        "with due as materialized (
             select outgoing_email.person_id, kind from outgoing_email
             join person on person.organization_id = outgoing_email.organization_id
                        and person.person_id = outgoing_email.person_id
             where outgoing_email.organization_id = $1 and next_attempt_at <= $2 and person.active
             order by next_attempt_at limit 1 for update of outgoing_email skip locked for share of person),
         claimed as (
             update outgoing_email set attempts = attempts + 1, next_attempt_at = $3
             from due where outgoing_email.organization_id = $1 and outgoing_email.person_id = due.person_id
                        and outgoing_email.kind = due.kind
             returning outgoing_email.person_id, outgoing_email.kind, attempts, outgoing_email.created_at)
         select claimed.*, display_name, email, coalesce(chosen_language, language) as language, organisation.name as organisation_name
         from claimed
         join person on person.organization_id = $1 and person.person_id = claimed.person_id
         join organisation on organisation.organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(now.plus_millis(CLAIM_MS)))
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (person, kind) = (PersonId::from_uuid(row.person_id), EmailKind::from_code(&row.kind));
    let kind = kind.ok_or_else(|| sqlx::Error::Decode(format!("outgoing_email: {}", row.kind).into()))?;
    let language = Language::from_code(&row.language)
        .ok_or_else(|| sqlx::Error::Decode(format!("person: {}", row.language).into()))?;
    let page = match kind.link() {
        Some(LinkPurpose::PasswordReset) => {
            account_link::issue_beside(&mut transaction, organisation, person, now).await?
        }
        Some(purpose) => account_link::issue(&mut transaction, organisation, person, purpose, now).await?,
        None => "/".to_owned(),
    };
    transaction.commit().await?;
    let text = Text::of(&Occasion {
        kind,
        language,
        name: &row.display_name,
        email: &row.email,
        organisation: &row.organisation_name,
        link: &format!("{}{page}", relay.origin),
    });
    let (attempts, created_at) = (row.attempts, from_utc(row.created_at));
    Ok(Some(Claimed { person, kind, attempts, created_at, name: row.display_name, email: row.email, text }))
}

/// Writes down what became of an email: gone, to be tried again, or given up because there is no use in it any more.
async fn done(
    pool: &PgPool,
    organisation: OrganisationId,
    claimed: &Claimed,
    sent: anyhow::Result<()>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let Claimed { person, kind, attempts, .. } = claimed;
    let outcome = if sent.is_ok() { "ok" } else { "failed" };
    metrics::counter!("emails_total", "kind" => kind.code(), "outcome" => outcome).increment(1);
    let again = now.plus_millis(wait_ms(*attempts));
    let is_of_use = again < claimed.created_at.plus_millis(kind.lifetime_ms());
    let problem = sent.err().map(|error| {
        // What mail servers say often names the address, and logs name nobody.
        let status = error.downcast_ref().and_then(smtp::Error::status).map(|code| code.to_string());
        let status = status.as_deref().unwrap_or("no answer");
        tracing::warn!(kind = kind.code(), attempts, status, "an email was not taken");
        format!("{error:#}").replace('\0', "")
    });
    // An invitation that failed stays to be seen by whoever invited.
    let stays = problem.is_some() && (is_of_use || *kind == EmailKind::Invitation);
    let statement = if stays {
        "update outgoing_email set problem = $6, next_attempt_at = coalesce($7, 'infinity')
         where organization_id = $1 and person_id = $2 and kind = $3 and attempts = $4 and created_at = $5"
    } else {
        "delete from outgoing_email
         where organization_id = $1 and person_id = $2 and kind = $3 and attempts = $4 and created_at = $5
           and ($6::text is null or $7::timestamptz is null)"
    };
    // One that was asked for anew meanwhile is another one, and goes out as well.
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query(statement)
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .bind(kind.code())
        .bind(attempts)
        .bind(to_utc(claimed.created_at))
        .bind(problem)
        .bind(is_of_use.then(|| to_utc(again)))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// How long after this many attempts the next one is made.
fn wait_ms(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(0).min(16);
    LONGEST_WAIT_MS.min(FIRST_WAIT_MS << doublings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let minutes: Vec<i64> = (1..=8).map(|attempts| wait_ms(attempts) / MINUTE_MS).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait_ms(i32::MAX), LONGEST_WAIT_MS);
    }
}
