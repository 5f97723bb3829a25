//! `/api/account/settings`: what people choose for themselves. Nobody chooses for somebody else.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::audit::{Action, Said};
use shared_model::people::Language;
use shared_model::personal_settings::{Channels, NotificationKind, PersonalSettings, PersonalSettingsChange};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::own_settings;
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::database::{people, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::organisation::checks;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_own_settings, change_own_settings))
}

/// What I chose for myself
#[utoipa::path(
    get, path = "/api/account/settings", tag = "account",
    responses(
        (status = 200, body = PersonalSettings), (status = 401, body = Problem),
        (status = 403, description = "session_required", body = Problem),
    )
)]
async fn get_own_settings(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<Json<PersonalSettings>> {
    caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(own_settings::read(&mut transaction, caller.organisation_id, caller.person_id).await?))
}

/// Choose otherwise
#[utoipa::path(
    patch, path = "/api/account/settings", tag = "account", request_body = PersonalSettingsChange,
    responses(
        (status = 200, body = PersonalSettings), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "session_required", body = Problem),
        (status = 422, description = "value", body = Problem),
    )
)]
async fn change_own_settings(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(change): JsonBody<PersonalSettingsChange>,
) -> ApiResult<Json<PersonalSettings>> {
    caller.session()?;
    let change = checked(change)?;
    let (organisation, person) = (caller.organisation_id, caller.person_id);
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    people::lock(&mut transaction, organisation, person).await?;
    let known = own_settings::read(&mut transaction, organisation, person).await?;
    let wanted = applied(&known, change);
    if known != wanted {
        own_settings::write(&mut transaction, organisation, person, &known, &wanted).await?;
        let note = Note::by_caller(&caller, Action::PersonalSettingsChanged).about_person(person);
        let note = said(note, &known, &wanted);
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
        transaction.commit().await?;
    }
    Ok(Json(wanted))
}

/// The change in the words that are stored.
fn checked(change: PersonalSettingsChange) -> ApiResult<PersonalSettingsChange> {
    let PersonalSettingsChange { language, time_zone, notifications, quiet_hours } = change;
    let language = language.map(|code| code.as_deref().map(checks::language).transpose()).transpose()?;
    if let Some(odd) = notifications.keys().find(|code| NotificationKind::from_code(code).is_none()) {
        let odd: String = odd.chars().take(40).collect();
        let known = NotificationKind::CODES.join(", ");
        let title = format!("People are not told of “{odd}”, but of {known}.");
        return Err(ApiError::wrong_value("notifications", title));
    }
    if quiet_hours.flatten().is_some_and(|hours| !hours.is_sound()) {
        let title = "Quiet hours begin and end at different minutes of a day, from 0 to 1439.";
        return Err(ApiError::wrong_value("quiet_hours", title));
    }
    Ok(PersonalSettingsChange {
        language: language.map(|language| language.map(Language::code).map(str::to_owned)),
        time_zone: time_zone.map(|zone| zone.as_deref().map(checks::time_zone).transpose()).transpose()?,
        notifications,
        quiet_hours,
    })
}

fn applied(known: &PersonalSettings, change: PersonalSettingsChange) -> PersonalSettings {
    let mut notifications = known.notifications.clone();
    notifications.extend(change.notifications);
    PersonalSettings {
        language: change.language.unwrap_or_else(|| known.language.clone()),
        time_zone: change.time_zone.unwrap_or_else(|| known.time_zone.clone()),
        notifications,
        quiet_hours: change.quiet_hours.unwrap_or(known.quiet_hours),
    }
}

/// What changed. Where and when somebody sleeps is nobody's business for ever: of these the trail says only that they changed.
fn said(mut note: Note, before: &PersonalSettings, after: &PersonalSettings) -> Note {
    if before.language != after.language {
        note = note.with(
            "language",
            before.language.clone().map(Said::from),
            after.language.clone().map(Said::from),
        );
    }
    let hidden: [(&str, bool); 2] = [
        ("time_zone", before.time_zone != after.time_zone),
        ("quiet_hours", before.quiet_hours != after.quiet_hours),
    ];
    for (field, _) in hidden.into_iter().filter(|(_, is_changed)| *is_changed) {
        note = note.with(field, None, None);
    }
    for (kind, channels) in after.notifications_unlike(before) {
        let field = format!("notification_{kind}");
        note = note.with(&field, before.notifications.get(kind).map(ways), Some(ways(channels)));
    }
    note
}

fn ways(channels: &Channels) -> Said {
    let all = [("email", channels.email), ("push", channels.push)];
    all.into_iter().filter(|(_, is_chosen)| *is_chosen).map(|(way, _)| way).collect()
}
