//! The end of every way in: a session on an install.

use chrono::{DateTime, Utc};
use shared_model::account::{DeviceRegistration, SignedIn, SignedInDevice, SignedInPerson};
use shared_model::audit::{Action, Doer, SubjectKind};
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::RoleKey;
use sqlx::PgConnection;

use super::rotation::organisation_suspended;
use super::token::Token;
use super::{Caller, device, device_lock_routes, factors, session};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::database::{TenantTransaction, held_roles, organisations, people, tenant_transaction};
use crate::error::ApiResult;
use crate::organisation::suspension;
use crate::random;

const NEW_DEVICE_NAME: &str = "New device";
/// Name, address, language and time zone of somebody, and the name of their install.
type Described = (String, String, Option<String>, Option<String>, String);

/// What shows who somebody is, unless it says otherwise.
const PASSWORD: &[&str] = &["password"];

/// Who somebody has shown to be.
pub(super) struct Proof<'a> {
    /// With which factors.
    pub(super) with: &'a [&'a str],
    pub(super) still: Still<'a>,
}

/// What has to be so still when they are let in: showing and checking it took a while.
#[derive(Clone, Copy)]
pub(super) enum Still<'a> {
    /// They work here.
    Works,
    /// This is what their password is checked against.
    HasHash(&'a str),
    /// Their password was chosen then.
    ChoseAt(DateTime<Utc>),
}

impl Still<'_> {
    async fn holds(
        self,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        person: PersonId,
    ) -> sqlx::Result<bool> {
        let Some(kept) = people::keep(connection, organisation, person).await? else { return Ok(false) };
        Ok(match self {
            Self::Works => true,
            Self::HasHash(hash) => kept.password_hash.as_deref() == Some(hash),
            Self::ChoseAt(then) => kept.password_changed_at == Some(then),
        })
    }
}

/// A session, and what its person learns about themselves.
pub(super) type Opened = (Token, SignedIn);

/// Lets somebody in whose password was right, unless they have a second factor: then they hear that. What they did `before` holds
/// either way. `None`: what they have shown is not so any more.
pub(super) async fn let_in(
    state: &AppState,
    mut transaction: TenantTransaction,
    organisation: OrganisationId,
    person: PersonId,
    device: Option<&DeviceRegistration>,
    before: Option<Note>,
    still: Still<'_>,
) -> ApiResult<Option<Opened>> {
    if suspension::is_suspended(&mut transaction, organisation).await? {
        return Err(organisation_suspended());
    }
    let Some(needed) = factors::ask(state, &mut transaction, organisation, person).await? else {
        let proof = Proof { with: PASSWORD, still };
        return open_session(state, transaction, organisation, person, device, before, proof).await;
    };
    if !still.holds(&mut transaction, organisation, person).await? {
        return Ok(None);
    }
    if let Some(note) = before {
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    Err(needed)
}

/// Opens a session of somebody who has proven who they are, and commits. `None`: what they have shown is not so any more.
pub(super) async fn open_session(
    state: &AppState,
    mut transaction: TenantTransaction,
    organisation: OrganisationId,
    person: PersonId,
    device: Option<&DeviceRegistration>,
    before: Option<Note>,
    Proof { with, still }: Proof<'_>,
) -> ApiResult<Option<Opened>> {
    let now = state.clock.now();
    if suspension::is_suspended(&mut transaction, organisation).await? {
        return Err(organisation_suspended());
    }
    let registration = device.cloned().unwrap_or_else(|| DeviceRegistration {
        id: DeviceId::from_uuid(random::uuid(now)),
        name: NEW_DEVICE_NAME.to_owned(),
        has_deposit_credential: false,
    });
    let credential = device::register(&mut transaction, organisation, person, &registration, now).await?;
    if !still.holds(&mut transaction, organisation, person).await? {
        return Ok(None);
    }
    let is_due = factors::is_due(&mut transaction, organisation, person).await?;
    let session::Opened { token, id, expires_at, replaced } =
        session::open(&mut transaction, organisation, person, registration.id, is_due, now).await?;
    let mut signed_in = describe(&mut transaction, organisation, person, registration.id, expires_at).await?;
    let doer = Doer::person(person, Some(registration.id), Some(id));
    let mut note = Note::new(doer.clone(), Action::SignedIn);
    if with != PASSWORD {
        note = note.with("with", None, Some(with.iter().copied().collect()));
    }
    let ended = replaced.iter().map(|session| {
        let note = Note::new(doer.clone(), Action::SessionEnded);
        let note = note.about(SubjectKind::Session, session.as_uuid());
        note.with("person", Some(person.to_string().into()), None)
    });
    for note in before.into_iter().chain([note]).chain(ended) {
        audit::append(&mut transaction, organisation, note, now).await?;
    }
    transaction.commit().await?;
    replaced.iter().for_each(|session| state.sync.wake().session_ended(*session));
    signed_in.device.deposit_credential = credential.map(|credential| credential.encode());
    signed_in.second_factor_due = is_due;
    Ok(Some((token, signed_in)))
}

/// What a signed-in caller learns about themselves.
pub(super) async fn who_am_i(
    state: &AppState,
    caller: &Caller,
    expires_at: Timestamp,
) -> sqlx::Result<SignedIn> {
    let Caller { organisation_id, person_id, device_id, .. } = *caller;
    let mut transaction = tenant_transaction(&state.pool, organisation_id).await?;
    let described = describe(&mut transaction, organisation_id, person_id, device_id, expires_at).await?;
    Ok(SignedIn { second_factor_due: caller.awaits_factor, ..described })
}

async fn describe(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    expires_at: Timestamp,
) -> sqlx::Result<SignedIn> {
    let described: Described = sqlx::query_as(
        "select display_name, email, chosen_language, time_zone, device.name
         from person join device on device.organization_id = person.organization_id
                                and device.person_id = person.person_id
         where person.organization_id = $1 and person.person_id = $2 and device_id = $3",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(device.as_uuid())
    .fetch_one(&mut *connection)
    .await?;
    let (display_name, email, language, time_zone, device_name) = described;
    let (roles, custom_role) = held_roles::names(&mut *connection, organisation, person).await?;
    Ok(SignedIn {
        person: SignedInPerson { id: person, display_name, email, language, time_zone },
        organisation: organisations::read(&mut *connection, organisation).await?,
        grants: held_roles::grants(&mut *connection, organisation, person).await?.grants,
        roles: roles.into_iter().filter_map(RoleKey::built_in).collect(),
        custom_role,
        device: SignedInDevice { id: device, name: device_name, deposit_credential: None },
        device_lock: device_lock_routes::rule(connection, organisation).await?,
        expires_at,
        second_factor_due: false,
    })
}
