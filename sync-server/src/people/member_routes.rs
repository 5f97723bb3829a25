//! `/api/people`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::audit::Action;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::people::{LinkPurpose, Member, MemberChange, NewMember, Standing, WayIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{change, guard, history, role_rows, rows};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::{Caller, account_link, factors};
use crate::database::{TenantTransaction, tenant_transaction};
use crate::directory;
use crate::email;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::http::parameters::PathOf;

/// The routes of people.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_people, invite_person))
        .routes(routes!(get_person, change_person))
        .routes(routes!(let_in))
        .routes(routes!(reset_factors))
}

/// Everybody, by name
#[utoipa::path(
    get, path = "/api/people", tag = "people",
    responses((status = 200, body = Vec<Member>), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn list_people(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<Member>>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(rows::members(&mut transaction, caller.organisation_id, None).await?))
}

/// One person
#[utoipa::path(
    get, path = "/api/people/{id}", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Member), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    )
)]
async fn get_person(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<Member>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(one(&mut transaction, caller.organisation_id, PersonId::from_uuid(id)).await?))
}

/// Invite somebody
///
/// An email brings them a link; a server that sends none returns it, to be handed over.
#[utoipa::path(
    post, path = "/api/people", tag = "people", request_body = NewMember,
    responses(
        (status = 201, body = WayIn), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "forbidden, beyond_your_rights", body = Problem),
        (status = 409, description = "email_taken, already_exists", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn invite_person(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewMember>,
) -> ApiResult<(StatusCode, Json<WayIn>)> {
    caller.require_admin()?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // Of two that are sent at the same time, the second sees what the first did.
    directory::changed(&mut transaction, organisation).await?;
    let mut notes = Vec::new();
    match rows::members(&mut transaction, organisation, Some(new.id)).await?.pop() {
        None => {
            change::create(&mut transaction, &caller, &new, state.clock.now()).await?;
            let names = role_rows::names(&mut transaction, organisation).await?;
            notes.push(history::created(
                &caller,
                &one(&mut transaction, organisation, new.id).await?,
                &names,
            ));
        }
        // The answer to the first of two was lost.
        Some(known) if is_still(&known, &new) => {
            guard::stands_above(&mut transaction, &caller, organisation, new.id).await?;
        }
        Some(_) => {
            let title = "There is a person with this id. Choose a fresh id, or change that person.";
            return Err(ApiError::conflict("already_exists", title));
        }
    }
    way_in(&state, transaction, &caller, new.id, notes).await
}

fn is_still(known: &Member, new: &NewMember) -> bool {
    let mut teams = new.teams.clone();
    teams.sort_unstable();
    known.standing == Standing::Invited
        && known.email == new.email.trim().to_lowercase()
        && known.display_name == new.display_name.trim()
        && known.language == new.language
        && known.roles == new.roles
        && known.teams == teams
}

/// Change a person
///
/// Whoever is deactivated is signed out everywhere. Work that their devices have not sent is held for a decision.
#[utoipa::path(
    patch, path = "/api/people/{id}", tag = "people", params(("id" = Uuid, Path)), request_body = MemberChange,
    responses(
        (status = 200, body = Member), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "beyond_your_rights, forbidden, proof_required: of an address, session_required", body = Problem),
        (status = 404, body = Problem), (status = 409, description = "email_taken, last_admin, person_erased, yourself", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn change_person(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
    JsonBody(wanted): JsonBody<MemberChange>,
) -> ApiResult<Json<Member>> {
    caller.require_admin()?;
    let (organisation, person) = (caller.organisation_id, PersonId::from_uuid(id));
    if person == caller.person_id && wanted.active == Some(false) {
        let title = "You cannot shut yourself out. Somebody else who administers the organisation can.";
        return Err(ApiError::conflict("yourself", title));
    }
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // Of two at the same time, the second sees what the first did: the trail says who changed what.
    directory::changed(&mut transaction, organisation).await?;
    let known = one(&mut transaction, organisation, person).await?;
    if known.standing == Standing::Erased {
        return Err(ApiError::conflict("person_erased", "The data of this person were erased, for ever."));
    }
    // A link to another password goes to the new address.
    if known.standing == Standing::Active && wanted.email.as_ref().is_some_and(|email| *email != known.email)
    {
        factors::require_fresh(&mut transaction, &caller, state.clock.now()).await?;
    }
    change::apply(&mut transaction, &caller, &known, &wanted, state.clock.now()).await?;
    let changed = one(&mut transaction, organisation, person).await?;
    let names = role_rows::names(&mut transaction, organisation).await?;
    let note = history::changed(&caller, &known, &changed, &names);
    if note.has_changes() {
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    Ok(Json(changed))
}

/// Let somebody choose a password
///
/// For an invitation that was lost or is too old, and for a password that was forgotten. Links from before open nothing any more.
#[utoipa::path(
    post, path = "/api/people/{id}/links", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 201, body = WayIn), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "beyond_your_rights, forbidden, proof_required: of somebody who has a password, session_required", body = Problem),
        (status = 404, body = Problem), (status = 409, description = "person_disabled", body = Problem),
    )
)]
async fn let_in(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<(StatusCode, Json<WayIn>)> {
    caller.require_admin()?;
    let (organisation, person) = (caller.organisation_id, PersonId::from_uuid(id));
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    guard::stands_above(&mut transaction, &caller, organisation, person).await?;
    way_in(&state, transaction, &caller, person, Vec::new()).await
}

/// Take all second factors of a person away
///
/// For somebody who lost phone, key and recovery codes: their password is enough again, until they set something up.
#[utoipa::path(
    delete, path = "/api/people/{id}/factors", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Member), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "beyond_your_rights, forbidden, proof_required", body = Problem),
        (status = 404, body = Problem), (status = 409, description = "yourself", body = Problem),
    )
)]
async fn reset_factors(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<Member>> {
    caller.require_admin()?;
    let (organisation, person, now) = (caller.organisation_id, PersonId::from_uuid(id), state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    factors::require_fresh(&mut transaction, &caller, now).await?;
    if person == caller.person_id {
        let title = "Remove your own on the page about your sign-in, one by one.";
        return Err(ApiError::conflict("yourself", title));
    }
    one(&mut transaction, organisation, person).await?;
    guard::stands_above(&mut transaction, &caller, organisation, person).await?;
    if factors::remove_all(&mut transaction, organisation, person).await? {
        let note = Note::by_caller(&caller, Action::SecondFactorsReset).about_person(person);
        let member = one(&mut transaction, organisation, person).await?;
        audit::append(&mut transaction, organisation, note, now).await?;
        transaction.commit().await?;
        return Ok(Json(member));
    }
    Ok(Json(one(&mut transaction, organisation, person).await?))
}

/// Sends a link, or makes it where no emails are sent, and commits. `notes` is what was done before.
async fn way_in(
    state: &AppState,
    mut transaction: TenantTransaction,
    caller: &Caller,
    person: PersonId,
    mut notes: Vec<Note>,
) -> ApiResult<(StatusCode, Json<WayIn>)> {
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let purpose = match one(&mut transaction, organisation, person).await?.standing {
        Standing::Invited => LinkPurpose::Invitation,
        Standing::Active => LinkPurpose::PasswordReset,
        Standing::Disabled | Standing::Erased => {
            return Err(ApiError::conflict(
                "person_disabled",
                "This person is let in no more. Activate them first.",
            ));
        }
    };
    // Whoever holds the link is that person; an invitation gives nobody's account away.
    if purpose == LinkPurpose::PasswordReset {
        factors::require_fresh(&mut transaction, caller, now).await?;
    }
    account_link::withdraw(&mut transaction, organisation, person).await?;
    let link = if state.mailer.is_configured() {
        email::write(&mut transaction, organisation, person, purpose.into(), now).await?;
        None
    } else {
        Some(account_link::issue(&mut transaction, organisation, person, purpose, now).await?)
    };
    notes.push(history::let_in(caller, person, purpose));
    let person = one(&mut transaction, organisation, person).await?;
    for note in notes {
        audit::append(&mut transaction, organisation, note, now).await?;
    }
    transaction.commit().await?;
    state.mailer.wake();
    Ok((StatusCode::CREATED, Json(WayIn { person, link })))
}

pub(super) async fn one(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    person: PersonId,
) -> ApiResult<Member> {
    let found = rows::members(transaction, organisation, Some(person)).await?;
    found.into_iter().next().ok_or_else(ApiError::not_found)
}
