//! Short-lived tokens that carry a state sealed in themselves: any node can read one, and none is written down until it is used,
//! so whoever asks for many costs nothing. Using one is written down, so it is good once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared_model::identity::OrganisationId;
use shared_model::instant::{MINUTE_MS, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

use super::factor_key::{FactorKey, Purpose};
use crate::clock::to_utc;
use crate::random;

/// How long somebody has for the next step.
pub(super) const LIFETIME_MS: i64 = 5 * MINUTE_MS;
/// How long somebody has to find their authenticator app.
pub(super) const SETTING_UP_MS: i64 = 15 * MINUTE_MS;
/// Longer than any token that was given out.
const MAX_BYTES: usize = 16 * 1024;

/// A token that was read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Challenge<T> {
    id: Uuid,
    expires_at: Timestamp,
    pub(super) state: T,
}

/// Seals a state into a token that is good for a while.
pub(super) fn issue<T: Serialize>(
    key: &FactorKey,
    purpose: Purpose,
    state: T,
    lifetime_ms: i64,
    now: Timestamp,
) -> serde_json::Result<String> {
    let challenge = Challenge { id: random::uuid(now), expires_at: now.plus_millis(lifetime_ms), state };
    let sealed = key.seal(purpose, &[], &serde_json::to_vec(&challenge)?);
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// What is in a token of this purpose that is not too old.
pub(super) fn open<T: DeserializeOwned>(
    key: &FactorKey,
    purpose: Purpose,
    token: &str,
    now: Timestamp,
) -> Option<Challenge<T>> {
    let sealed = URL_SAFE_NO_PAD.decode(token.get(..MAX_BYTES.min(token.len()))?).ok()?;
    let challenge: Challenge<T> = serde_json::from_slice(&key.open(purpose, &[], &sealed)?).ok()?;
    (now < challenge.expires_at).then_some(challenge)
}

impl<T> Challenge<T> {
    /// Uses it up, with the transaction: of two who come with it, the second waits and hears that it is gone. Sweeps old ones.
    pub(super) async fn spend(
        &self,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        now: Timestamp,
    ) -> sqlx::Result<bool> {
        sqlx::query(
            "delete from spent_challenge
             where organization_id = $1 and challenge_id in (
                 select challenge_id from spent_challenge where organization_id = $1 and expires_at < $2
                 limit 100 for update skip locked)",
        )
        .bind(organisation.as_uuid())
        .bind(to_utc(now.plus_millis(-SETTING_UP_MS)))
        .execute(&mut *connection)
        .await?;
        let spent = sqlx::query(
            "insert into spent_challenge (organization_id, challenge_id, expires_at) values ($1, $2, $3)
             on conflict do nothing",
        )
        .bind(organisation.as_uuid())
        .bind(self.id)
        .bind(to_utc(self.expires_at))
        .execute(connection)
        .await?;
        Ok(spent.rows_affected() == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);

    #[test]
    fn a_token_tells_its_state_until_it_is_too_old() {
        let key = FactorKey::from_bytes([7; 32]);
        let token = issue(&key, Purpose::SecondStep, "state", LIFETIME_MS, NOON).unwrap();
        let state = |purpose, now| open::<String>(&key, purpose, &token, now).map(|found| found.state);
        assert_eq!(state(Purpose::SecondStep, NOON.plus_millis(LIFETIME_MS - 1)).as_deref(), Some("state"));
        assert_eq!(state(Purpose::SecondStep, NOON.plus_millis(LIFETIME_MS)), None);
        assert_eq!(state(Purpose::PasskeyMade, NOON), None);
        for wrong in ["", "é", "AAAA", &"A".repeat(100_000)] {
            assert!(open::<String>(&key, Purpose::SecondStep, wrong, NOON).is_none());
        }
    }
}
