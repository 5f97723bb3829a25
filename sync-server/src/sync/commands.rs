//! `POST /api/commands`: the commands people give on devices, executed here. The caller is their author, on the device
//! of their session, and is judged by their rights.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared_model::account::Problem;
use shared_model::features::Command;
use shared_model::identity::CommandId;
use shared_model::ingest::DOCUMENT_DELETED;
use shared_model::sync_protocol::CommandResult;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::ingest::UNKNOWN_REFERENCE;
use super::{Sender, TypedCommand};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::http::json::JsonBody;
use crate::random;

/// The route of commands.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(execute_command))
}

/// A command to execute.
#[derive(Deserialize, utoipa::ToSchema)]
struct CommandRequest {
    /// Chosen by the client, so that sending a request again is harmless.
    id: Option<Uuid>,
    /// The command, as devices give it.
    #[schema(value_type = Object)]
    command: Command,
}

/// What became of it.
#[derive(Serialize, utoipa::ToSchema)]
struct Executed {
    /// The command's id.
    id: Uuid,
    /// False when it was executed before, or there was nothing to do.
    changed: bool,
    /// Its rows in the feed.
    seqs: Vec<u64>,
}

/// Execute a command
#[utoipa::path(
    post, path = "/api/commands", tag = "sync", request_body = CommandRequest,
    responses(
        (status = 200, body = Executed), (status = 401, body = Problem),
        (status = 403, body = Problem, description = "The caller may not do this"),
        (status = 404, body = Problem, description = "A document of the command does not exist, or may not be read"),
        (status = 409, body = Problem, description = "A rule of the domain says no, or an id is taken by something else"),
        (
            status = 422, body = Problem,
            description = "A value does not fit, something referred to is not there, or the body is no command",
        ),
    )
)]
async fn execute_command(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(request): JsonBody<CommandRequest>,
) -> ApiResult<Json<Executed>> {
    let id = request.id.unwrap_or_else(|| random::uuid(state.clock.now()));
    let typed = TypedCommand::new(CommandId::from_uuid(id), request.command);
    let sender = Sender { grants: Some(caller.grants), device: Some(caller.device_id), ..Sender::default() };
    let results = state.sync.execute(caller.organisation_id, &sender, vec![typed]).await;
    match results.into_iter().next() {
        Some(CommandResult::Accepted { seqs, .. }) => Ok(Json(Executed { id, changed: true, seqs })),
        Some(CommandResult::Duplicate { seqs }) => Ok(Json(Executed { id, changed: false, seqs })),
        Some(CommandResult::Rejected { code, detail }) => Err(refusal(&code, detail)),
        Some(CommandResult::MissingDeps { .. }) => Err(missing_past()),
        Some(CommandResult::Retry { .. }) | None => Err(try_again()),
    }
}

pub(super) fn missing_past() -> ApiError {
    ApiError::conflict("missing_past", "Something this builds on is not here.")
}

pub(super) fn try_again() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "try_again", "The server cannot take this right now.")
        .retry_after_seconds(1)
}

/// A refusal with its code as devices know it.
pub(super) fn refusal(code: &str, detail: String) -> ApiError {
    let (status, stable, title) = match code {
        "not_permitted" => (StatusCode::FORBIDDEN, "not_permitted", "You do not have the right to do this."),
        "unknown_document" => (StatusCode::NOT_FOUND, "unknown_document", "There is no such document."),
        UNKNOWN_REFERENCE => (
            StatusCode::UNPROCESSABLE_ENTITY,
            UNKNOWN_REFERENCE,
            "The command names something that does not exist, or that you may not see.",
        ),
        DOCUMENT_DELETED => {
            (StatusCode::CONFLICT, DOCUMENT_DELETED, "This was deleted. Nothing can be added to it.")
        }
        "already_exists" => (
            StatusCode::CONFLICT,
            "already_exists",
            "There is a document with this id and other content. Choose a fresh id, or edit that document.",
        ),
        "record_id_reused" => (
            StatusCode::CONFLICT,
            "record_id_reused",
            "There is a record with this id and other content. Choose a fresh id.",
        ),
        "command_id_taken" => {
            (StatusCode::CONFLICT, "command_id_taken", "Choose another id for the command.")
        }
        "command_id_reused" => (
            StatusCode::CONFLICT,
            "command_id_reused",
            "This id belongs to another command of yours. Choose another id for the command.",
        ),
        "key_taken" => (
            StatusCode::CONFLICT,
            "key_taken",
            "This key stands for something else in the document. Choose a fresh key.",
        ),
        "command_too_long" | "change_too_long" | "record_too_long" | "too_many_operations" => {
            (StatusCode::UNPROCESSABLE_ENTITY, "too_long", "This is more than one command can hold.")
        }
        // Ours to mend, and nothing the caller could do better.
        "judge_panicked" | "commit_panicked" | "not_storable" => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "not_processed",
            "The server could not process this command. It is kept for examination.",
        ),
        "value" | "structure" | "record_payload" | "unreadable_record" => {
            (StatusCode::UNPROCESSABLE_ENTITY, "value", "A value is missing or does not fit.")
        }
        _ => (StatusCode::CONFLICT, "rule", "A rule says no."),
    };
    let field =
        detail.split_once(' ').filter(|_| code == UNKNOWN_REFERENCE).map(|(field, _)| field.to_owned());
    let error = ApiError::new(status, stable, title).with("detail", detail).with("refusal", code);
    match field {
        Some(field) => error.with("field", field),
        None => error,
    }
}
