//! From an e-mail and a password to a session. The tenant is not known yet: a function of the database that
//! runs as the sign-in role finds the accounts of that e-mail, and the password decides among them.

use axum::http::{HeaderMap, StatusCode};
use shared_model::account::{OrganisationName, SignIn};
use shared_model::audit::{Action, Doer, DoerKind};
use shared_model::identity::{OrganisationId, PersonId};
use uuid::Uuid;

use super::opening::{self, Opened, Still};
use super::password::PasswordError;
use super::{known_browser, throttle};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::to_utc;
use crate::database::people::normalise_email;
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};

/// Longest address RFC 5321 knows.
const EMAIL_MAX_BYTES: usize = 254;

/// Checks the password and opens a session, or says what else is needed.
pub(super) async fn sign_in(state: &AppState, headers: &HeaderMap, request: &SignIn) -> ApiResult<Opened> {
    let email = checked_email(&request.email)?;
    let now = to_utc(state.clock.now());
    let candidates = find_candidates(state, &email, request).await?;
    // Who has an account of this address elsewhere is a stranger to the others.
    let browser = match &candidates[..] {
        [(organisation, ..)] => {
            known_browser::number(state, headers, OrganisationId::from_uuid(*organisation), &email)
        }
        _ => None,
    };
    let counted = throttle::Account::of_email(&email, browser);
    throttle::admit(&state.pool, &counted, now).await?;
    let account = choose_account(state, candidates, request).await??;
    let organisation = account.organisation.id;
    throttle::forget(&state.pool, &counted, organisation, now).await?;
    let transaction = tenant_transaction(&state.pool, organisation).await?;
    let (person, device) = (account.person, request.device.as_ref());
    let still = Still::HasHash(&account.password_hash);
    let opened = opening::let_in(state, transaction, organisation, person, device, None, still).await?;
    opened.ok_or_else(wrong_credentials)
}

struct Account {
    organisation: OrganisationName,
    person: PersonId,
    /// What the password fits.
    password_hash: String,
}

type CandidateRow = (Uuid, String, String, Uuid, String);

/// The accounts of an address, in the organisation if one was chosen.
async fn find_candidates(state: &AppState, email: &str, request: &SignIn) -> sqlx::Result<Vec<CandidateRow>> {
    let slug = request.organisation.as_deref().map(|slug| slug.trim().to_lowercase());
    sqlx::query_as(
        "select organization_id, slug, name, person_id, password_hash from sign_in_candidates($1, $2)",
    )
    .bind(email)
    .bind(slug.filter(|slug| !slug.is_empty() && !slug.contains('\0')))
    .fetch_all(&state.pool)
    .await
}

/// The account the password opens. The outer result fails when none does; the inner one, reached only with a
/// right password, when it opens several and the person has to say which.
async fn choose_account(
    state: &AppState,
    candidates: Vec<CandidateRow>,
    request: &SignIn,
) -> ApiResult<ApiResult<Account>> {
    if candidates.is_empty() {
        state.passwords.verify(&request.password, None).await.map_err(password_problem)?;
        return Err(wrong_credentials());
    }
    let (mut accounts, mut tried) = (Vec::new(), Vec::new());
    for (id, slug, name, person, hash) in candidates {
        tried.push((OrganisationId::from_uuid(id), PersonId::from_uuid(person)));
        if state.passwords.verify(&request.password, Some(&hash)).await.map_err(password_problem)? {
            let organisation = OrganisationName { id: OrganisationId::from_uuid(id), slug, name };
            let person = PersonId::from_uuid(person);
            accounts.push(Account { organisation, person, password_hash: hash });
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
