//! `POST /api/deposits`: a device that nobody can sign in on any more hands over what it has not sent. The credential
//! reads nothing and writes nothing but this.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use shared_model::account::Problem;
use shared_model::identity::CommandId;
use shared_model::ingest::documents_of;
use shared_model::sync_protocol::{
    Deposit, Deposited, DepositedCommand, MAX_COMMAND_BYTES, MAX_DEPOSIT_COMMANDS, PushedItem,
};

use super::queries::{self, NewHeld};
use crate::app_state::AppState;
use crate::auth::{Depositor, depositor};
use crate::database::tenant_transaction;
use crate::error::{ApiError, ApiResult};

/// Commands of one device that may wait for a decision: months of work of one person.
const MAX_WAITING: i64 = 2_000;
/// Bytes of them.
const MAX_WAITING_BYTES: i64 = 16 * 1024 * 1024;

/// Hand over unsent work of a device that nobody can sign in on any more
#[utoipa::path(
    post, path = "/api/deposits", tag = "deposits",
    params(("authorization" = String, Header, description = "`Deposit` and the device's deposit credential")),
    request_body(
        content = Vec<u8>, content_type = "application/cbor",
        description = "The unsent commands in order, at most 64",
    ),
    responses(
        (status = 200, body = Deposited, description = "Held until somebody decides; sending again is harmless"),
        (status = 400, body = Problem, description = "malformed_deposit"),
        (status = 401, body = Problem, description = "credential_refused"),
        (status = 409, body = Problem, description = "sign_in_needed: the person may sign in and send as ever; deposit_full"),
        (status = 413, body = Problem, description = "body_too_large"),
        (status = 422, body = Problem, description = "no_command, command_too_long"),
    )
)]
pub(super) async fn deposit(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Json<Deposited>> {
    let depositor = depositor(&state.pool, &headers).await?;
    if depositor.shut_out.is_none() {
        return Err(ApiError::conflict(
            "sign_in_needed",
            "Nobody is shut out. Sign in, and the work is sent as ever.",
        ));
    }
    let deposit = minicbor::decode::<Deposit>(&body)
        .ok()
        .filter(|deposit| deposit.commands.len() <= MAX_DEPOSIT_COMMANDS)
        .ok_or_else(|| {
            ApiError::bad_request("malformed_deposit", "The body is not a list of at most 64 commands.")
        })?;
    hold(&state, &depositor, &deposit.commands).await.map(Json)
}

/// Holds what can be held; the device keeps the rest. A problem when that is nothing.
async fn hold(
    state: &AppState,
    depositor: &Depositor,
    commands: &[DepositedCommand],
) -> ApiResult<Deposited> {
    let now = state.clock.now();
    let mut transaction = tenant_transaction(&state.pool, depositor.organisation).await?;
    let ids: Vec<CommandId> = commands.iter().map(|each| each.command.id).collect();
    // Deposits of one device come one after the other from here.
    let mut room = queries::waiting(&mut transaction, depositor, &ids).await?;
    let (mut held, mut refused) = (Vec::new(), None);
    for each in commands {
        match draft(each) {
            Ok(new) if room.count < MAX_WAITING && room.bytes + new.size() <= MAX_WAITING_BYTES => {
                (room.count, room.bytes, room.last) =
                    (room.count + 1, room.bytes + new.size(), room.last + 1);
                queries::hold(&mut transaction, depositor, &new, room.last, now).await?;
                held.push(each.command.id);
            }
            Ok(_) => refused = refused.or_else(|| Some(full())),
            Err(problem) => refused = refused.or(Some(problem)),
        }
    }
    if let Some(problem) = refused.filter(|_| held.is_empty()) {
        return Err(problem);
    }
    transaction.commit().await?;
    metrics::counter!("deposited_commands_total").increment(held.len() as u64);
    let Depositor { organisation, device, .. } = depositor;
    tracing::info!(%organisation, %device, count = held.len(), "work of a device is held for a decision");
    Ok(Deposited { held })
}

fn draft(each: &DepositedCommand) -> ApiResult<NewHeld<'_>> {
    let command = &each.command;
    let items = command.items.iter().map(|item| match item {
        PushedItem::Change { bytes, .. } | PushedItem::Record { bytes } => bytes.len(),
    });
    if command.intent.len() + items.sum::<usize>() > MAX_COMMAND_BYTES {
        return Err(unprocessable("command_too_long", "This is more than one command can hold."));
    }
    let documents = documents_of(command).unwrap_or_default();
    let bytes = minicbor::to_vec(command).map_err(|error| ApiError::internal(anyhow::anyhow!("{error}")))?;
    if documents.is_empty() {
        return Err(unprocessable("no_command", "A command has at least one change or record."));
    }
    Ok(NewHeld { command, documents, bytes, made_at: each.made_at })
}

fn unprocessable(code: &'static str, title: &'static str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
}

fn full() -> ApiError {
    ApiError::conflict(
        "deposit_full",
        "Too much of this device waits for a decision already. Ask your supervisor to look at it.",
    )
}
