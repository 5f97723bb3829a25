//! `/api/deposits` for whoever decides: what is held, and the two answers. Accepted work goes the way of all commands,
//! in its author's name and by the rights of who accepts it.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::account::Problem;
use shared_model::audit::{Action, SubjectKind};
use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::identity::{CommandId, DeviceId, PersonId};
use shared_model::ingest::REROOTED;
use shared_model::permission::{Grants, Permission};
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use uuid::Uuid;

use super::queries::{self, Decision, HeldRow, Wanted};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::clock::from_utc;
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};
use crate::http::page::{Page, PageQuery};
use crate::http::parameters::{PathOf, QueryOf};
use crate::sync::commands::{missing_past, refusal, try_again};
use crate::sync::reach::scopes_of;
use crate::sync::{Sender, TypedCommand};

/// A command that waits for a decision.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct HeldCommand {
    /// Names it here.
    id: Uuid,
    /// The command's own id.
    command_id: Uuid,
    /// Who gave it.
    person: Uuid,
    /// Their name.
    person_name: String,
    /// On which device.
    device: Uuid,
    /// The device's name.
    device_name: String,
    /// Why it could not be sent: person_disabled, device_revoked, device_wiped.
    reason: String,
    /// The documents it changes; some may not be there yet.
    documents: Vec<Uuid>,
    /// What was wanted, as the device wrote it down.
    #[schema(value_type = Option<Object>)]
    command: Option<Command>,
    /// When it was made, by the clock of the device.
    made_at: DateTime<Utc>,
    /// When it came.
    received_at: DateTime<Utc>,
}

/// What became of a held command.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Decided {
    /// From the address.
    id: Uuid,
    /// accepted, declined.
    decision: &'static str,
}

/// Held commands that the caller may decide about, oldest first
#[utoipa::path(
    get, path = "/api/deposits", tag = "deposits", params(PageQuery),
    responses(
        (status = 200, body = Page<HeldCommand>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<Page<HeldCommand>>> {
    caller.require(Permission::DECIDE_DEPOSITS)?;
    let (limit, scopes) = (page.limit()?, scopes(&caller));
    let wanted = Wanted { scopes: scopes.as_deref(), id: None, after: page.after, limit };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let rows = queries::list(&mut transaction, caller.organisation_id, &wanted).await?;
    Ok(Json(Page::of(rows.into_iter().map(HeldCommand::from).collect(), limit, |held| held.id)))
}

/// Take a held command over: it is executed as its author's, by the rights of the caller
#[utoipa::path(
    post, path = "/api/deposits/{id}/accept", tag = "deposits", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Decided, description = "It is in the feed; saying so again is harmless"),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such command, or not the caller's to decide about"),
        (status = 409, body = Problem, description = "earlier_first, already_declined, or what a rule says"),
        (status = 422, body = Problem, description = "It builds on what was declined and names what is not there"),
    )
)]
pub(super) async fn accept(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<Decided>> {
    let held = find(&state, &caller, id).await?;
    match held.decision.as_deref() {
        Some("declined") => {
            return Err(ApiError::conflict("already_declined", "Somebody has declined this change."));
        }
        Some(_) => return Ok(Json(Decided { id, decision: Decision::Accepted.code() })),
        None => {}
    }
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let (bytes, has_earlier) = queries::open(&mut transaction, caller.organisation_id, &held).await?;
    drop(transaction);
    if has_earlier {
        return Err(earlier_first());
    }
    match execute(&state, &caller, &held, &bytes).await? {
        CommandResult::Accepted { .. } | CommandResult::Duplicate { .. } => {}
        CommandResult::Rejected { code, detail } => return Err(refusal(&code, detail)),
        CommandResult::MissingDeps { .. } => return Err(missing_past()),
        CommandResult::Retry { .. } => return Err(try_again()),
    }
    decide(&state, &caller, &held, Decision::Accepted).await?;
    Ok(Json(Decided { id, decision: Decision::Accepted.code() }))
}

/// Decline a held command: it stays where it is, and in no document
#[utoipa::path(
    post, path = "/api/deposits/{id}/decline", tag = "deposits", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Decided),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such command, or not the caller's to decide about"),
        (status = 409, body = Problem, description = "already_accepted"),
    )
)]
pub(super) async fn decline(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<Decided>> {
    let held = find(&state, &caller, id).await?;
    let is_declined = held.decision.as_deref() == Some(Decision::Declined.code());
    if !is_declined && (held.in_feed || !decide(&state, &caller, &held, Decision::Declined).await?) {
        return Err(ApiError::conflict("already_accepted", "This change has been taken over."));
    }
    Ok(Json(Decided { id, decision: Decision::Declined.code() }))
}

/// Where the caller decides; `None`: everywhere.
fn scopes(caller: &Caller) -> Option<Vec<String>> {
    let grants = caller.grants.deciding().in_the_name_of(caller.person_id);
    let mut scopes = BTreeSet::new();
    for kind in DocumentKind::ALL {
        scopes.extend(scopes_of(&grants, *kind, Permission::DECIDE_DEPOSITS)?);
    }
    Some(scopes.into_iter().collect())
}

async fn find(state: &AppState, caller: &Caller, id: Uuid) -> ApiResult<HeldRow> {
    // To whoever may not read it, it is not there.
    caller.require(Permission::DECIDE_DEPOSITS).map_err(|_| ApiError::not_found())?;
    let scopes = scopes(caller);
    let wanted = Wanted { scopes: scopes.as_deref(), id: Some(id), after: None, limit: 1 };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let rows = queries::list(&mut transaction, caller.organisation_id, &wanted).await?;
    rows.into_iter().next().ok_or_else(ApiError::not_found)
}

/// Executes a held command as its author's. One that builds on what somebody declined, or on a past that made way for a new
/// root, cannot be stored as it was made; then what was wanted is done anew, under the id it has here, so that doing it twice is harmless.
async fn execute(
    state: &AppState,
    caller: &Caller,
    held: &HeldRow,
    bytes: &[u8],
) -> anyhow::Result<CommandResult> {
    let author = PersonId::from_uuid(held.person_id);
    let grants: Grants = caller.grants.in_the_name_of(author);
    let device = Some(DeviceId::from_uuid(held.device_id));
    let sender = Sender { grants: Some(grants), device, ..Sender::default() };
    let organisation = caller.organisation_id;
    let pushed = minicbor::decode::<PushedCommand>(bytes)?;
    let results = state.sync.submit(organisation, &sender, vec![pushed]).await;
    let result = results.into_iter().next().unwrap_or(CommandResult::Retry { after_ms: 0 });
    let lacks_its_past = match &result {
        CommandResult::MissingDeps { .. } => true,
        CommandResult::Rejected { code, .. } => code == REROOTED,
        _ => false,
    };
    let Some(command) = intent(held).filter(|_| lacks_its_past) else { return Ok(result) };
    let id = CommandId::from_uuid(held.held_command_id);
    let anew = TypedCommand { at: Some(from_utc(held.made_at)), ..TypedCommand::new(id, command) };
    let results = state.sync.execute(organisation, &sender, vec![anew]).await;
    Ok(results.into_iter().next().unwrap_or(result))
}

async fn decide(state: &AppState, caller: &Caller, held: &HeldRow, decision: Decision) -> ApiResult<bool> {
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let by = (caller.person_id, state.clock.now());
    let decided = queries::decide(&mut transaction, organisation, held.held_command_id, decision, by).await?;
    if decided {
        let action = match decision {
            Decision::Accepted => Action::DepositAccepted,
            Decision::Declined => Action::DepositDeclined,
        };
        let note = Note::by_caller(caller, action).about(SubjectKind::Command, held.command_id);
        let note = note.with("person", None, Some(held.person_id.to_string().into()));
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    let (command, device, by) = (held.command_id, held.device_id, caller.person_id);
    tracing::info!(%organisation, %command, %device, %by, decision = decision.code(), "a held command is decided");
    Ok(decided)
}

fn intent(held: &HeldRow) -> Option<Command> {
    serde_json::from_slice(&held.intent).ok()
}

impl From<HeldRow> for HeldCommand {
    fn from(row: HeldRow) -> Self {
        Self {
            command: intent(&row),
            id: row.held_command_id,
            command_id: row.command_id,
            person: row.person_id,
            person_name: row.person_name,
            device: row.device_id,
            device_name: row.device_name,
            reason: row.reason,
            documents: row.documents,
            made_at: row.made_at,
            received_at: row.received_at,
        }
    }
}

fn earlier_first() -> ApiError {
    ApiError::conflict(
        "earlier_first",
        "An earlier change of this device to the same document waits. Decide about that one first.",
    )
}
