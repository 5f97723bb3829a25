//! Sends what is due, one letter at a time. A letter is claimed for a while before it goes out, so that of several nodes one
//! sends it; a node that dies in between leaves it to be sent again.

use std::time::Duration;

use lettre::transport::smtp;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{HOUR_MS, MINUTE_MS, Timestamp};
use sqlx::PgPool;
use tokio::time::timeout;
use uuid::Uuid;

use super::transport::Post;
use super::words::{Occasion, Text};
use super::{LetterKind, Letters};
use crate::app_state::AppState;
use crate::auth::account_link;
use crate::clock::{from_utc, to_utc};
use crate::database::tenant_transaction;

/// How often a node looks for letters that others wrote, or that could not be sent.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// For how long a letter is its sender's.
const CLAIM_MS: i64 = 5 * MINUTE_MS;
const FIRST_WAIT_MS: i64 = MINUTE_MS;
const LONGEST_WAIT_MS: i64 = HOUR_MS;

/// Sends letters until the server stops.
pub async fn keep_sending(state: AppState) {
    let Letters { post: Some(post), due } = state.letters.clone() else { return };
    loop {
        match send_due(&state, &post).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(cause = %error, "letters could not be looked up"),
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            // Woken or not, it is time to look.
            _ = timeout(LOOK_EVERY, due.notified()) => {}
        }
    }
}

async fn send_due(state: &AppState, post: &Post) -> sqlx::Result<()> {
    let organisations: Vec<Uuid> = sqlx::query_scalar("select organization_id from letters_due($1)")
        .bind(state.clock.now_utc())
        .fetch_all(&state.pool)
        .await?;
    for organisation in organisations.into_iter().map(OrganisationId::from_uuid) {
        while let Some(claimed) = claim(&state.pool, organisation, post, state.clock.now()).await? {
            if state.shutdown.is_cancelled() {
                return Ok(());
            }
            let Claimed { name, email, text, .. } = &claimed;
            let sent = post.send(name, email, text).await;
            done(&state.pool, organisation, &claimed, sent, state.clock.now()).await?;
        }
    }
    Ok(())
}

/// A letter on its way.
struct Claimed {
    person: PersonId,
    kind: LetterKind,
    attempts: i32,
    created_at: Timestamp,
    name: String,
    email: String,
    text: Text,
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    person_id: Uuid,
    kind: String,
    attempts: i32,
    created_at: chrono::DateTime<chrono::Utc>,
    display_name: String,
    email: String,
    language: String,
    organisation_name: String,
}

/// Takes a letter that is due, and makes its link.
///
/// One that waited for longer than there is any use in it, because nobody could send it, goes nowhere any more.
async fn claim(
    pool: &PgPool,
    organisation: OrganisationId,
    post: &Post,
    now: Timestamp,
) -> sqlx::Result<Option<Claimed>> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    for kind in LetterKind::ALL {
        sqlx::query(
            "delete from letter where organization_id = $1 and kind = $2 and created_at < $3
                                  and next_attempt_at <= $4",
        )
        .bind(organisation.as_uuid())
        .bind(kind.code())
        .bind(to_utc(now.plus_millis(-kind.lifetime_ms())))
        .bind(to_utc(now))
        .execute(&mut *transaction)
        .await?;
    }
    let row: Option<LetterRow> = sqlx::query_as(
        "with due as materialized (
             select letter.person_id, kind from letter
             join person on person.organization_id = letter.organization_id
                        and person.person_id = letter.person_id
             where letter.organization_id = $1 and next_attempt_at <= $2 and person.active
             order by next_attempt_at limit 1 for update of letter skip locked for share of person),
         claimed as (
             update letter set attempts = attempts + 1, next_attempt_at = $3
             from due where letter.organization_id = $1 and letter.person_id = due.person_id
                        and letter.kind = due.kind
             returning letter.person_id, letter.kind, attempts, letter.created_at)
         select claimed.*, display_name, email, language, organisation.name as organisation_name
         from claimed
         join person on person.organization_id = $1 and person.person_id = claimed.person_id
         join organisation on organisation.organization_id = $1",
    )
    .bind(organisation.as_uuid())
    .bind(to_utc(now))
    .bind(to_utc(now.plus_millis(CLAIM_MS)))
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(row) = row else {
        transaction.commit().await?;
        return Ok(None);
    };
    let (person, kind) = (PersonId::from_uuid(row.person_id), LetterKind::from_code(&row.kind));
    let kind = kind.ok_or_else(|| sqlx::Error::Decode(format!("letter: {}", row.kind).into()))?;
    let page = match kind.link() {
        Some(purpose) => account_link::issue(&mut transaction, organisation, person, purpose, now).await?,
        None => "/".to_owned(),
    };
    transaction.commit().await?;
    let text = Text::of(&Occasion {
        kind,
        language: &row.language,
        name: &row.display_name,
        email: &row.email,
        organisation: &row.organisation_name,
        link: &format!("{}{page}", post.origin),
    });
    let (attempts, created_at) = (row.attempts, from_utc(row.created_at));
    Ok(Some(Claimed { person, kind, attempts, created_at, name: row.display_name, email: row.email, text }))
}

/// Writes down what became of a letter: gone, to be tried again, or given up because there is no use in it any more.
async fn done(
    pool: &PgPool,
    organisation: OrganisationId,
    letter: &Claimed,
    sent: anyhow::Result<()>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let Claimed { person, kind, attempts, .. } = letter;
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let outcome = if sent.is_ok() { "ok" } else { "failed" };
    metrics::counter!("letters_total", "kind" => kind.code(), "outcome" => outcome).increment(1);
    match sent {
        Ok(()) => {
            // One that was asked for anew meanwhile has another count, and goes out as well.
            sqlx::query(
                "delete from letter
                 where organization_id = $1 and person_id = $2 and kind = $3 and attempts = $4
                   and created_at = $5",
            )
            .bind(organisation.as_uuid())
            .bind(person.as_uuid())
            .bind(kind.code())
            .bind(attempts)
            .bind(to_utc(letter.created_at))
            .execute(&mut *transaction)
            .await?;
        }
        Err(error) => {
            // What mail servers say often names the address, and logs name nobody.
            let status = error.downcast_ref().and_then(smtp::Error::status).map(|code| code.to_string());
            let status = status.as_deref().unwrap_or("no answer");
            tracing::warn!(kind = kind.code(), attempts, status, "a letter was not taken");
            let again = now.plus_millis(wait_ms(*attempts));
            let is_of_use = again < letter.created_at.plus_millis(kind.lifetime_ms());
            sqlx::query(
                "update letter set problem = $5, next_attempt_at = case when $6 then $7 else 'infinity' end
                 where organization_id = $1 and person_id = $2 and kind = $3 and attempts = $4
                   and created_at = $8",
            )
            .bind(organisation.as_uuid())
            .bind(person.as_uuid())
            .bind(kind.code())
            .bind(attempts)
            .bind(format!("{error:#}").replace('\0', ""))
            .bind(is_of_use)
            .bind(to_utc(again))
            .bind(to_utc(letter.created_at))
            .execute(&mut *transaction)
            .await?;
        }
    }
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
