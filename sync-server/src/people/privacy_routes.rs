//! `/api/people/{id}/personal-data` and `/erase`: what the law lets people ask of whoever keeps their data.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared_model::account::Problem;
use shared_model::audit::Action;
use shared_model::identity::PersonId;
use shared_model::people::Standing;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::guard;
use super::member_routes::one;
use super::privacy::{self, PersonalData};
use crate::app_state::AppState;
use crate::audit::holds::{self, Erasable};
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::directory;
use crate::error::{ApiError, ApiResult};
use crate::http::parameters::PathOf;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_personal_data)).routes(routes!(erase_person))
}

/// All that is known of a person, as a file for them
#[utoipa::path(
    get, path = "/api/people/{id}/personal-data", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = PersonalData), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem),
    )
)]
async fn get_personal_data(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Response> {
    caller.require_admin()?;
    let (organisation, person) = (caller.organisation_id, PersonId::from_uuid(id));
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let member = one(&mut transaction, organisation, person).await?;
    guard::stands_above(&mut transaction, &caller, organisation, person).await?;
    let data = privacy::gather(&mut transaction, organisation, member, &caller.grants).await?;
    let note = Note::by_caller(&caller, Action::PersonalDataExported).about_person(person);
    audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    transaction.commit().await?;
    let name = format!("attachment; filename=\"personal-data-{person}.json\"");
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(data)).into_response())
}

/// Erase what is known of a person
///
/// Name, address, ways to sign in, roles, teams, what they chose for themselves, names of devices. For ever, and only of somebody who was deactivated. What they
/// did stays, under a name that says nothing.
#[utoipa::path(
    post, path = "/api/people/{id}/erase", tag = "people", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is erased, here and on every device as it comes by"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem),
        (status = 409, description = "person_active, legal_hold", body = Problem),
    )
)]
async fn erase_person(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    caller.require_admin()?;
    let (organisation, person) = (caller.organisation_id, PersonId::from_uuid(id));
    let now = state.clock.now();
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // Whoever lets them in again or places a hold at the same time waits for this, or this for them.
    directory::changed(&mut transaction, organisation).await?;
    match one(&mut transaction, organisation, person).await?.standing {
        // The answer to the first of two was lost.
        Standing::Erased => return Ok(StatusCode::NO_CONTENT),
        Standing::Disabled => {}
        Standing::Active | Standing::Invited => {
            let title = "Deactivate this person first: then their devices hand in what they have.";
            return Err(ApiError::conflict("person_active", title));
        }
    }
    if let Some(reason) = holds::in_the_way(&mut transaction, organisation, Erasable::Person(person)).await? {
        let title = "This has to be kept. Release the hold first.";
        return Err(ApiError::conflict("legal_hold", title).with("reason", reason));
    }
    privacy::erase(&mut transaction, organisation, person, to_utc(now)).await?;
    let note = Note::by_caller(&caller, Action::PersonErased).about_person(person);
    audit::append(&mut transaction, organisation, note, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
