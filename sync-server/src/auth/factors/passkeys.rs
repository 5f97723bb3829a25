//! Passkeys as they are kept.

use chrono::{DateTime, Utc};
use shared_model::identity::PasskeyId;
use shared_model::instant::Timestamp;
use shared_model::second_factor::Passkey;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey as Credential, PublicKeyCredential, WebauthnError,
};

use super::relying_party::{Owner, RelyingParty};
use crate::clock::{from_utc, to_utc};

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    passkey_id: Uuid,
    name: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

/// Somebody's, the newest first.
pub(super) async fn list(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<Vec<Passkey>> {
    let rows: Vec<PasskeyRow> = sqlx::query_as(
        "select passkey_id, name, created_at, last_used_at from passkey
         where organization_id = $1 and person_id = $2 order by created_at desc, passkey_id",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_all(connection)
    .await?;
    let passkey = |row: PasskeyRow| Passkey {
        id: PasskeyId::from_uuid(row.passkey_id),
        name: row.name,
        created_at: from_utc(row.created_at),
        last_used_at: row.last_used_at.map(from_utc),
    };
    Ok(rows.into_iter().map(passkey).collect())
}

/// What devices know them by.
pub(super) async fn credential_ids(
    connection: &mut PgConnection,
    owner: Owner,
) -> sqlx::Result<Vec<Vec<u8>>> {
    sqlx::query_scalar(
        "select credential_id from passkey where organization_id = $1 and person_id = $2 order by created_at",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_all(connection)
    .await
}

/// Keeps a new one; false when it is here already.
pub(super) async fn keep(
    connection: &mut PgConnection,
    owner: Owner,
    passkey: &Passkey,
    credential: &Credential,
) -> sqlx::Result<bool> {
    let kept = sqlx::query(
        "insert into passkey
             (organization_id, passkey_id, person_id, name, credential_id, credential, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(owner.organisation.as_uuid())
    .bind(passkey.id.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(&passkey.name)
    .bind(credential.cred_id())
    .bind(Json(credential))
    .bind(to_utc(passkey.created_at))
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Gives one another name; false when there is none of this id.
pub(super) async fn rename(
    connection: &mut PgConnection,
    owner: Owner,
    id: Uuid,
    name: &str,
) -> sqlx::Result<bool> {
    let renamed = sqlx::query(
        "update passkey set name = $4 where organization_id = $1 and person_id = $2 and passkey_id = $3",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(id)
    .bind(name)
    .execute(connection)
    .await?;
    Ok(renamed.rows_affected() == 1)
}

/// Takes one away, or all; returns how many there were.
pub(super) async fn remove(
    connection: &mut PgConnection,
    owner: Owner,
    only: Option<Uuid>,
) -> sqlx::Result<u64> {
    let removed = sqlx::query(
        "delete from passkey
         where organization_id = $1 and person_id = $2 and ($3::uuid is null or passkey_id = $3)",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(only)
    .execute(connection)
    .await?;
    Ok(removed.rows_affected())
}

/// What came of a passkey that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// It is one of theirs.
    Right,
    /// It is not, or its signature does not fit.
    Wrong,
    /// Its counter did not go up: somebody else may have a copy.
    Copied(PasskeyId),
}

/// Looks at a passkey that was shown, and notes that it was.
pub(super) async fn look(
    connection: &mut PgConnection,
    relying_party: &RelyingParty,
    owner: Owner,
    shown: &PublicKeyCredential,
    state: DiscoverableAuthentication,
    now: Timestamp,
) -> sqlx::Result<Shown> {
    let row: Option<(Uuid, Json<Credential>)> = sqlx::query_as(
        "select passkey_id, credential from passkey
         where organization_id = $1 and person_id = $2 and credential_id = $3 for update",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .bind(shown.get_credential_id())
    .fetch_optional(&mut *connection)
    .await?;
    let Some((id, Json(mut credential))) = row else { return Ok(Shown::Wrong) };
    let result = match relying_party.finish_showing(shown, state, &credential) {
        Ok(result) if result.user_verified() => result,
        Err(WebauthnError::CredentialPossibleCompromise) => {
            return Ok(Shown::Copied(PasskeyId::from_uuid(id)));
        }
        Ok(_) | Err(_) => return Ok(Shown::Wrong),
    };
    credential.update_credential(&result);
    sqlx::query(
        "update passkey set credential = $3, last_used_at = $4 where organization_id = $1 and passkey_id = $2",
    )
    .bind(owner.organisation.as_uuid())
    .bind(id)
    .bind(Json(credential))
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(Shown::Right)
}
