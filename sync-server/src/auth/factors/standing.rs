//! What a person has set up.

use shared_model::identity::{OrganisationId, PersonId};
use shared_model::second_factor::{Factor, Factors};
use sqlx::PgConnection;

use super::relying_party::{Owner, RelyingParty};
use super::{authenticator_app, passkeys, recovery_codes, rules};

/// All of it.
pub(super) async fn factors(
    connection: &mut PgConnection,
    owner: Owner,
    relying_party: Option<&RelyingParty>,
) -> sqlx::Result<Factors> {
    Ok(Factors {
        authenticator_app: authenticator_app::find(connection, owner).await?,
        passkeys: passkeys::list(connection, owner).await?,
        recovery_codes_left: recovery_codes::left(connection, owner).await?,
        passkey_host: relying_party.map(|party| party.host().to_owned()),
        is_required: rules::is_required(connection, owner).await?,
    })
}

/// Is there an authenticator app or a passkey?
pub(super) async fn has_any(connection: &mut PgConnection, owner: Owner) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from authenticator_app where organization_id = $1 and person_id = $2)
             or exists (select from passkey where organization_id = $1 and person_id = $2)",
    )
    .bind(owner.organisation.as_uuid())
    .bind(owner.person.as_uuid())
    .fetch_one(connection)
    .await
}

/// All of it, for whoever has the person's data gathered.
pub(crate) async fn of_person(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<Factors> {
    factors(connection, Owner { organisation, person }, None).await
}

/// With what a person who has a factor can finish signing in.
pub(super) fn ways(factors: &Factors) -> Vec<Factor> {
    let has_passkey = factors.passkey_host.is_some() && !factors.passkeys.is_empty();
    let ways = [
        (factors.authenticator_app.is_some(), Factor::AuthenticatorApp),
        (has_passkey, Factor::Passkey),
        (factors.recovery_codes_left > 0, Factor::RecoveryCode),
    ];
    ways.into_iter().filter_map(|(is_there, way)| is_there.then_some(way)).collect()
}

/// Takes all of it away; false when there was nothing.
pub(crate) async fn remove_all(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<bool> {
    let owner = Owner { organisation, person };
    let had_app = authenticator_app::remove(connection, owner).await?;
    let passkeys = passkeys::remove(connection, owner, None).await?;
    recovery_codes::remove(connection, owner).await?;
    Ok(had_app || passkeys > 0)
}
