//! `/api/organisation/settings`: its name, its colour, and the language and time zone of whoever chose none.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::audit::{Action, Said, SubjectKind};
use shared_model::organisation::{OrganisationChange, OrganisationSettings};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{checks, settings};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::directory;
use crate::error::ApiResult;
use crate::http::json::JsonBody;
use crate::people::checked_name;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_settings, change_settings))
}

/// What the organisation says of itself
#[utoipa::path(
    get, path = "/api/organisation/settings", tag = "organisation",
    responses(
        (status = 200, body = OrganisationSettings), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn get_settings(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<Json<OrganisationSettings>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(settings::read(&mut transaction, caller.organisation_id).await?))
}

/// Say otherwise
///
/// Every device of the organisation hears of it.
#[utoipa::path(
    patch, path = "/api/organisation/settings", tag = "organisation", request_body = OrganisationChange,
    responses(
        (status = 200, body = OrganisationSettings), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, description = "value", body = Problem),
    )
)]
async fn change_settings(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(change): JsonBody<OrganisationChange>,
) -> ApiResult<Json<OrganisationSettings>> {
    caller.require_admin()?;
    let change = checked(change)?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    // Its row first: of two who change it at the same time, the second sees what the first did.
    let version = directory::extended(&mut transaction, organisation).await?;
    let known = settings::read(&mut transaction, organisation).await?;
    let wanted = applied(&known, change);
    if known != wanted {
        settings::write(&mut transaction, organisation, &wanted, version).await?;
        let note = said(Note::by_caller(&caller, Action::OrganisationChanged), &known, &wanted)
            .about(SubjectKind::Organisation, organisation.as_uuid());
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
        transaction.commit().await?;
    }
    Ok(Json(wanted))
}

/// The change in the words that are stored.
fn checked(change: OrganisationChange) -> ApiResult<OrganisationChange> {
    let OrganisationChange { name, accent_colour, language, time_zone } = change;
    let language = language.map(|code| code.as_deref().map(checks::language).transpose()).transpose()?;
    Ok(OrganisationChange {
        name: name.as_deref().map(|name| checked_name("name", name)).transpose()?,
        accent_colour: accent_colour
            .map(|colour| colour.as_deref().map(checks::accent_colour).transpose())
            .transpose()?,
        language: language.map(|language| language.map(|language| language.code().to_owned())),
        time_zone: time_zone.map(|zone| zone.as_deref().map(checks::time_zone).transpose()).transpose()?,
    })
}

fn applied(known: &OrganisationSettings, change: OrganisationChange) -> OrganisationSettings {
    OrganisationSettings {
        name: change.name.unwrap_or_else(|| known.name.clone()),
        accent_colour: change.accent_colour.unwrap_or_else(|| known.accent_colour.clone()),
        language: change.language.unwrap_or_else(|| known.language.clone()),
        time_zone: change.time_zone.unwrap_or_else(|| known.time_zone.clone()),
        logo: known.logo.clone(),
    }
}

/// What was and what became, of what changed.
fn said(note: Note, before: &OrganisationSettings, after: &OrganisationSettings) -> Note {
    let name = |settings: &OrganisationSettings| Some(settings.name.clone());
    let fields: [(&str, Option<String>, Option<String>); 4] = [
        ("name", name(before), name(after)),
        ("accent_colour", before.accent_colour.clone(), after.accent_colour.clone()),
        ("language", before.language.clone(), after.language.clone()),
        ("time_zone", before.time_zone.clone(), after.time_zone.clone()),
    ];
    let changed = fields.into_iter().filter(|(_, before, after)| before != after);
    changed.fold(note, |note, (field, before, after)| {
        note.with(field, before.map(Said::from), after.map(Said::from))
    })
}
