//! Codes of an authenticator app (RFC 6238: six digits, thirty seconds, SHA-1, which is what every app does).

use anyhow::Context;
use shared_model::instant::Timestamp;
use shared_model::second_factor::AuthenticatorApp;
use sqlx::PgConnection;
use totp_rs::{Builder, Totp};

use super::super::factor_key::{FactorKey, Purpose};
use super::relying_party::Owner;
use crate::clock::{from_utc, to_utc};

const ISSUER: &str = "MaintainPro";
const STEP_SECONDS: u64 = 30;
/// A phone's clock is wrong, and people type slowly: the code before and the one after count too.
const SKEW_STEPS: u16 = 1;

/// What codes are made of.
pub(super) type Secret = [u8; 20];

/// The generator of a secret, with what an app shows beside its codes.
pub(super) fn generator(secret: &[u8], organisation: &str, email: &str) -> anyhow::Result<Totp> {
    // A colon would end the name.
    let issuer = format!("{ISSUER} {organisation}").replace(':', " ");
    let builder = Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(SKEW_STEPS)
        .with_step_duration(STEP_SECONDS)
        .with_issuer(Some(issuer))
        .with_account_name(email.replace(':', " "));
    builder.build().context("making the generator of codes")
}

/// The time step whose code this is, if it is one of now.
pub(super) fn step_of(totp: &Totp, code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now.as_millis() / 1000).ok()?;
    i64::try_from(totp.check(&digits, seconds)?).ok()
}

/// When it was set up and used, if there is one.
pub(super) async fn find(
    connection: &mut PgConnection,
    owner: Owner,
) -> sqlx::Result<Option<AuthenticatorApp>> {
    let row: Option<(chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>)> = sqlx::query_as(
        "select created_at, last_used_at from authenticator_app where organization_id = $1 and person_id = $2",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(created_at, last_used_at)| AuthenticatorApp {
        created_at: from_utc(created_at),
        last_used_at: from_utc(last_used_at),
    }))
}

/// Keeps a secret in place of the one before. The code that confirmed it has been used.
pub(super) async fn keep(
    connection: &mut PgConnection,
    key: &FactorKey,
    owner: Owner,
    secret: &Secret,
    step: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into authenticator_app
             (organization_id, person_id, sealed_secret, last_step, created_at, last_used_at)
         values ($1, $2, $3, $4, $5, $5)
         on conflict (organization_id, person_id) do update
             set sealed_secret = excluded.sealed_secret, last_step = excluded.last_step,
                 created_at = excluded.created_at, last_used_at = excluded.last_used_at",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(key.seal(Purpose::AuthenticatorApp, &owner.handle(), secret))
    .bind(step)
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a code: true once for each time step, whoever comes with it and at whatever node. A secret that was sealed with another
/// key, as after a restored backup without its data folder, makes no codes.
pub(super) async fn take(
    connection: &mut PgConnection,
    key: &FactorKey,
    owner: Owner,
    code: &str,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let row: Option<(Vec<u8>, i64)> = sqlx::query_as(
        "select sealed_secret, last_step from authenticator_app
         where organization_id = $1 and person_id = $2 for update",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_optional(&mut *connection)
    .await?;
    let Some((sealed, last_step)) = row else { return Ok(false) };
    let Some(secret) = key.open(Purpose::AuthenticatorApp, &owner.handle(), &sealed) else {
        tracing::error!(
            organisation = %owner.organisation, person = %owner.person,
            "an authenticator app was set up with another factor key; reset it, or bring the key back"
        );
        return Ok(false);
    };
    let step = step_of(&generator(&secret, "", "")?, code, now).filter(|step| *step > last_step);
    let Some(step) = step else { return Ok(false) };
    sqlx::query(
        "update authenticator_app set last_step = $3, last_used_at = $4
         where organization_id = $1 and person_id = $2",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(step)
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(true)
}

/// Takes it away; false when there was none.
pub(super) async fn remove(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    let removed = sqlx::query("delete from authenticator_app where organization_id = $1 and person_id = $2")
        .bind(owner.organisation.as_uuid())
        .bind(owner.person.as_uuid())
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238_within_a_step_of_now() {
        let totp = generator(b"12345678901234567890", "Kestrel: Foods", "ana@kestrel.example").unwrap();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        // Appendix B has eight digits; apps show the last six.
        assert_eq!(step_of(&totp, "287082", at(59)), Some(1));
        assert_eq!(step_of(&totp, " 287 082 ", at(89)), Some(1));
        assert_eq!(step_of(&totp, "287082", at(0)), Some(1));
        assert_eq!(step_of(&totp, "287082", at(90)), None);
        assert_eq!(step_of(&totp, "050471", at(1_111_111_111)), Some(37_037_037));
        for wrong in ["", "28708", "+87082", "28708２", "287083"] {
            assert_eq!(step_of(&totp, wrong, at(59)), None, "{wrong}");
        }
        let address = totp.to_url().unwrap();
        assert!(address.starts_with("otpauth://totp/MaintainPro%20Kestrel%20%20Foods:ana"), "{address}");
    }
}
