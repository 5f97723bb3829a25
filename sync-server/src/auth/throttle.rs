//! Slows down guessing at one account. Every attempt is counted before the password or the code is looked at, so that
//! parallel guesses count too; the right one wipes the slate. Accounts that do not exist are counted alike, and browsers
//! that somebody signed in on before apart from strangers.

use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};
use shared_model::hex;
use shared_model::identity::{OrganisationId, PersonId, SessionId};
use sqlx::PgPool;

use crate::error::{ApiError, RateLimit};

/// Typing errors everybody makes.
const FREE_ATTEMPTS: i32 = 5;
const FIRST_WAIT_SECONDS: i64 = 15;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
/// After an hour of quiet the count starts anew.
const FORGET_AFTER_SECONDS: i64 = 60 * 60;
const LIMIT: RateLimit =
    RateLimit { name: "attempts", quota: FREE_ATTEMPTS as u32, window_seconds: FORGET_AFTER_SECONDS };

/// What is counted together.
#[derive(Clone)]
pub(super) struct Account {
    key: String,
    /// The address, where strangers guess at a password for it.
    guessed_at: Option<String>,
}

impl Account {
    /// Passwords for an address, at this browser if it is known.
    pub(super) fn of_email(email: &str, browser: Option<[u8; 16]>) -> Self {
        match browser {
            Some(number) => Self::alone(format!("browser {} {email}", hex::encode(&number))),
            None => Self { key: email.to_owned(), guessed_at: Some(email.to_owned()) },
        }
    }

    /// What comes after a right password. Whoever gets that far by guessing must not begin anew each time.
    pub(super) fn of_second_step(
        organisation: OrganisationId,
        person: PersonId,
        browser: Option<[u8; 16]>,
    ) -> Self {
        let browser = browser.map(|number| hex::encode(&number)).unwrap_or_default();
        Self::alone(format!("second step {organisation} {person} {browser}"))
    }

    /// Passwords and codes of somebody who is signed in.
    pub(super) fn of_session(session: SessionId) -> Self {
        Self::alone(format!("session {session}"))
    }

    const fn alone(key: String) -> Self {
        Self { key, guessed_at: None }
    }

    fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.key.as_bytes()).as_ref().to_vec()
    }
}

/// Counts an attempt, or refuses it: then it must not be tried.
pub(super) async fn admit(pool: &PgPool, account: &Account, now: DateTime<Utc>) -> Result<(), ApiError> {
    let Err(seconds) = count_attempt(pool, account, now).await? else { return Ok(()) };
    metrics::counter!("sign_ins_total", "outcome" => "throttled").increment(1);
    let title = "There were too many attempts to sign in. Wait before you try again.";
    Err(ApiError::too_many("too_many_attempts", title)
        .limited(LIMIT, seconds)
        .with("retry_after_seconds", seconds))
}

/// Counts an attempt. `Err` holds the seconds to wait.
async fn count_attempt(
    pool: &PgPool,
    account: &Account,
    now: DateTime<Utc>,
) -> sqlx::Result<Result<(), i64>> {
    let mut transaction = pool.begin().await?;
    let forget_before = now - TimeDelta::seconds(FORGET_AFTER_SECONDS);
    let (attempts, blocked_until): (i32, DateTime<Utc>) = sqlx::query_as(
        "insert into sign_in_throttle as old (account_hash, attempts, last_attempt_at, blocked_until)
         values ($1, 0, $2, $4)
         on conflict (account_hash) do update
             set attempts = case when old.last_attempt_at < $3 then 0 else old.attempts end
         returning attempts, blocked_until",
    )
    .bind(account.hash())
    .bind(now)
    .bind(forget_before)
    .bind(DateTime::UNIX_EPOCH)
    .fetch_one(&mut *transaction)
    .await?;
    if blocked_until > now {
        return Ok(Err((blocked_until - now).num_seconds() + 1));
    }
    // A free attempt blocks nothing, not even one whose clock is a moment behind.
    let blocked_until = match wait_seconds(attempts + 1) {
        0 => DateTime::UNIX_EPOCH,
        seconds => now + TimeDelta::seconds(seconds),
    };
    sqlx::query(
        "update sign_in_throttle set attempts = $2, last_attempt_at = $3, blocked_until = $4
         where account_hash = $1",
    )
    .bind(account.hash())
    .bind(attempts + 1)
    .bind(now)
    .bind(blocked_until)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Ok(()))
}

/// The right password was given, and wiped is the slate. Where strangers guess at an address that has accounts elsewhere too, only
/// this attempt is: whoever administers one organisation could write down any address in it, and guess at the other account for
/// ever. Old counts of others are swept along.
pub(super) async fn forget(
    pool: &PgPool,
    account: &Account,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "with elsewhere as (
             select exists (select from password_reset_candidates($3) where organization_id <> $4) as is_so),
         kept as (
             update sign_in_throttle set attempts = greatest(attempts - 1, 0)
             where account_hash = $1 and (select is_so from elsewhere))
         delete from sign_in_throttle
         where (account_hash = $1 and not (select is_so from elsewhere))
            or (account_hash <> $1 and last_attempt_at < $2 and blocked_until < $2)",
    )
    .bind(account.hash())
    .bind(now - TimeDelta::seconds(FORGET_AFTER_SECONDS))
    .bind(&account.guessed_at)
    .bind(organisation.as_uuid())
    .execute(pool)
    .await?;
    Ok(())
}

/// How long the account is closed after this many attempts without success.
fn wait_seconds(attempts: i32) -> i64 {
    match u32::try_from(attempts - FREE_ATTEMPTS) {
        Ok(beyond) => LONGEST_WAIT_SECONDS.min(FIRST_WAIT_SECONDS << beyond.min(16)),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_stays_bounded() {
        let waits: Vec<i64> = (1..=9).map(wait_seconds).collect();
        assert_eq!(waits, [0, 0, 0, 0, 15, 30, 60, 120, 240]);
        assert_eq!(wait_seconds(i32::MAX), LONGEST_WAIT_SECONDS);
    }
}
