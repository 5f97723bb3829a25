//! From an e-mail and a password to a session. The tenant is not known yet: a function of the database that
//! runs as the sign-in role finds the accounts of that e-mail, and the password decides among them.

use axum::http::StatusCode;
use shared_model::account::{
    DeviceRegistration, OrganisationName, SignIn, SignedIn, SignedInDevice, SignedInPerson,
};
use shared_model::audit::{Action, Doer, DoerKind};
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::password::PasswordError;
use super::rotation::organisation_suspended;
use super::token::Token;
use super::{Caller, device, device_lock_routes, session, throttle};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::people::{self, normalise_email};
use crate::database::{TenantTransaction, organisations, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::organisation::suspension;
use crate::random;

/// Longest address RFC 5321 knows.
const EMAIL_MAX_BYTES: usize = 254;
const NEW_DEVICE_NAME: &str = "New device";

/// Checks the password and opens a session.
pub(super) async fn sign_in(state: &AppState, request: &SignIn) -> ApiResult<(Token, SignedIn)> {
    let email = checked_email(&request.email)?;
    let now = state.clock.now();
    if let Err(seconds) = throttle::count_attempt(&state.pool, &email, to_utc(now)).await? {
        return Err(throttled(seconds));
    }
    let account = choose_account(state, &email, request).await??;
    let organisation = account.organisation.id;
    throttle::forget(&state.pool, &email, organisation, to_utc(now)).await?;
    let transaction = tenant_transaction(&state.pool, organisation).await?;
    open_session(state, transaction, organisation, account.person, request.device.as_ref(), None).await
}

/// Opens a session of somebody who has proven who they are, and commits. `before` is what they did for that.
pub(super) async fn open_session(
    state: &AppState,
    mut transaction: TenantTransaction,
    organisation: OrganisationId,
    person: PersonId,
    device: Option<&DeviceRegistration>,
    before: Option<Note>,
) -> ApiResult<(Token, SignedIn)> {
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
    let session::Opened { token, id, expires_at } =
        session::open(&mut transaction, organisation, person, registration.id, now).await?;
    let mut signed_in = describe(&mut transaction, organisation, person, registration.id, expires_at).await?;
    let signed_in_by = Doer::person(person, Some(registration.id), Some(id));
    for note in before.into_iter().chain([Note::new(signed_in_by, Action::SignedIn)]) {
        audit::append(&mut transaction, organisation, note, now).await?;
    }
    transaction.commit().await?;
    signed_in.device.deposit_credential = credential.map(|credential| credential.encode());
    Ok((token, signed_in))
}

/// What a signed-in caller learns about themselves.
pub(super) async fn who_am_i(
    state: &AppState,
    caller: &Caller,
    expires_at: Timestamp,
) -> sqlx::Result<SignedIn> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    describe(&mut transaction, caller.organisation_id, caller.person_id, caller.device_id, expires_at).await
}

struct Account {
    organisation: OrganisationName,
    person: PersonId,
}

type CandidateRow = (Uuid, String, String, Uuid, String);

/// The account the password opens. The outer result fails when none does; the inner one, reached only with a
/// right password, when it opens several and the person has to say which.
async fn choose_account(state: &AppState, email: &str, request: &SignIn) -> ApiResult<ApiResult<Account>> {
    let slug = request.organisation.as_deref().map(|slug| slug.trim().to_lowercase());
    let candidates: Vec<CandidateRow> = sqlx::query_as(
        "select organization_id, slug, name, person_id, password_hash from sign_in_candidates($1, $2)",
    )
    .bind(email)
    .bind(slug.filter(|slug| !slug.is_empty() && !slug.contains('\0')))
    .fetch_all(&state.pool)
    .await?;
    if candidates.is_empty() {
        state.passwords.verify(&request.password, None).await.map_err(password_problem)?;
        return Err(wrong_credentials());
    }
    let (mut accounts, mut tried) = (Vec::new(), Vec::new());
    for (id, slug, name, person, hash) in candidates {
        tried.push((OrganisationId::from_uuid(id), PersonId::from_uuid(person)));
        if state.passwords.verify(&request.password, Some(&hash)).await.map_err(password_problem)? {
            let organisation = OrganisationName { id: OrganisationId::from_uuid(id), slug, name };
            accounts.push(Account { organisation, person: PersonId::from_uuid(person) });
        }
    }
    match accounts.len() {
        0 => {
            note_refusal(state, tried);
            Err(wrong_credentials())
        }
        1 => Ok(Ok(accounts.swap_remove(0))),
        _ => Ok(Err(organisation_required(&accounts))),
    }
}

/// Writes down that somebody tried the accounts of an address in vain. Beside the answer: how long that takes must not tell
/// that there are any.
fn note_refusal(state: &AppState, tried: Vec<(OrganisationId, PersonId)>) {
    let writer = state.clone();
    state.tasks.spawn(async move {
        for (organisation, person) in tried {
            let note = Note::new(Doer::of(DoerKind::Stranger), Action::SignInRefused).about_person(person);
            if let Err(error) = note_alone(&writer, organisation, note).await {
                tracing::warn!(cause = %error, "a wrong password could not be written into the audit trail");
            }
        }
    });
}

async fn note_alone(state: &AppState, organisation: OrganisationId, note: Note) -> sqlx::Result<()> {
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    transaction.commit().await
}

async fn describe(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    expires_at: Timestamp,
) -> sqlx::Result<SignedIn> {
    let (display_name, email, device_name): (String, String, String) = sqlx::query_as(
        "select display_name, email, device.name
         from person join device on device.organization_id = person.organization_id
                                and device.person_id = person.person_id
         where person.organization_id = $1 and person.person_id = $2 and device_id = $3",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(device.as_uuid())
    .fetch_one(&mut *connection)
    .await?;
    let roles = people::role_grants(connection, organisation, person).await?;
    Ok(SignedIn {
        person: SignedInPerson { id: person, display_name, email },
        organisation: organisations::read(&mut *connection, organisation).await?,
        grants: people::to_grants(person, &roles).grants,
        roles: roles.iter().map(|grant| grant.role).collect(),
        device: SignedInDevice { id: device, name: device_name, deposit_credential: None },
        device_lock: device_lock_routes::rule(connection, organisation).await?,
        expires_at,
    })
}

pub(crate) fn checked_email(email: &str) -> ApiResult<String> {
    let email = normalise_email(email);
    if email.is_empty() || email.len() > EMAIL_MAX_BYTES || email.contains('\0') {
        return Err(ApiError::bad_request("invalid_email", "That is not an e-mail address."));
    }
    Ok(email)
}

fn wrong_credentials() -> ApiError {
    metrics::counter!("sign_ins_total", "outcome" => "wrong").increment(1);
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "wrong_credentials",
        "The e-mail address and the password do not fit together.",
    )
}

fn organisation_required(accounts: &[Account]) -> ApiError {
    let choices: Vec<_> = accounts.iter().map(|account| &account.organisation).collect();
    let choices = serde_json::to_value(choices).unwrap_or_default();
    ApiError::conflict("organisation_required", "Choose the organisation to sign in to.")
        .with("organisations", choices)
}

pub(super) fn throttled(seconds: i64) -> ApiError {
    metrics::counter!("sign_ins_total", "outcome" => "throttled").increment(1);
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "There were too many attempts to sign in. Wait before you try again.",
    )
    .retry_after_seconds(seconds)
    .with("retry_after_seconds", seconds)
}

pub(super) fn password_problem(error: PasswordError) -> ApiError {
    match error {
        PasswordError::Busy => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "Too many people are signing in. Try again in a moment.",
        )
        .retry_after_seconds(5),
        PasswordError::Length => ApiError::bad_request("invalid_password", error.to_string()),
        PasswordError::Hash(_) | PasswordError::Thread => ApiError::internal(error),
    }
}
