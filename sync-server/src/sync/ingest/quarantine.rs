//! What could not be accepted, kept with its bytes: nothing typed by a person is lost.

use shared_model::audit::{Action, Doer, DoerKind, SubjectKind};
use shared_model::gate::Numbering;
use shared_model::identity::{CommandId, DeviceId, OrganisationId};
use shared_model::ingest::REROOTED;
use shared_model::sync_protocol::{CommandResult, PushedCommand};

use super::lane::{Job, RETRY_AFTER_MS};
use super::{Core, Sender, Task, retention};
use crate::audit::{self, Note};
use crate::database::tenant_transaction;
use crate::{clock, random};

/// Refusals that are evidence: somebody handed in what was not theirs to do.
const FOR_WANT_OF_A_RIGHT: [&str; 3] = ["not_permitted", "foreign_actor", "foreign_author"];

/// Sets a command aside and answers for it. Only when even that fails the device keeps trying.
pub(super) async fn hold(
    core: &Core,
    organisation: OrganisationId,
    job: &Job,
    code: &str,
    detail: String,
) -> CommandResult {
    tracing::error!(%organisation, command = %job.task.id(), code, detail, "a command is quarantined");
    match keep(core, organisation, job, code, &detail).await {
        Ok(()) => CommandResult::Rejected {
            code: code.to_owned(),
            detail: "the server could not process this command; it is kept for examination".to_owned(),
        },
        Err(_) => CommandResult::Retry { after_ms: RETRY_AFTER_MS },
    }
}

/// Keeps a refused command for the audit. The refusal stands when that fails: the device keeps the work.
pub(super) async fn keep_refused(
    core: &Core,
    organisation: OrganisationId,
    job: &Job,
    code: &str,
    detail: &str,
) {
    tracing::info!(%organisation, command = %job.task.id(), code, "a command is refused");
    if matches!(job.task, Task::Pushed(_)) {
        // The failure is logged where it happens.
        let _ = keep(core, organisation, job, code, detail).await;
    }
}

/// Why something that was given back is set aside: a code, and what to know about it.
pub(in crate::sync) type Why = (&'static str, &'static str);

/// Nothing shows that it was accepted once.
pub(in crate::sync) const NOT_VOUCHED_FOR: Why =
    ("not_vouched_for", "another person's work, and no receipt shows that it was accepted");
/// It cannot be merged with what is here.
pub(in crate::sync) const OTHERWISE_ROOTED: Why =
    (REROOTED, "made upon another root of its document than the server has");

/// Sets aside what was given back and cannot be taken in. Only when even that fails the device keeps trying.
pub(in crate::sync) async fn hold_given(
    core: &Core,
    organisation: OrganisationId,
    giver: &Sender,
    (command, (code, detail)): (&PushedCommand, Why),
) -> anyhow::Result<CommandResult> {
    insert(core, organisation, giver, (command.id, minicbor::to_vec(command)?), (code, detail)).await?;
    Ok(CommandResult::Rejected { code: code.to_owned(), detail: detail.to_owned() })
}

async fn keep(
    core: &Core,
    organisation: OrganisationId,
    job: &Job,
    code: &str,
    detail: &str,
) -> anyhow::Result<()> {
    let kept = match &job.task {
        Task::Pushed(command) => minicbor::to_vec(command).map_err(anyhow::Error::from),
        Task::Typed(typed) => Ok(typed.intent()),
    };
    let kept = match kept {
        Ok(bytes) => insert(core, organisation, &job.sender, (job.task.id(), bytes), (code, detail)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = &kept {
        tracing::error!(%organisation, cause = format!("{error:#}"), "a command could not be quarantined");
    }
    kept
}

async fn insert(
    core: &Core,
    organisation: OrganisationId,
    sender: &Sender,
    (command, bytes): (CommandId, Vec<u8>),
    (code, detail): (&str, &str),
) -> anyhow::Result<()> {
    let now = core.clock.now();
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let attempts: i32 = sqlx::query_scalar(
        "insert into quarantine (organization_id, quarantine_id, command_id, author, device_id, code, detail,
                                 bytes, attempts, received_at, is_isolated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)
         on conflict (organization_id, command_id) do update
         set attempts = quarantine.attempts + 1, code = excluded.code, detail = excluded.detail
         returning attempts",
    )
    .bind(organisation.as_uuid())
    .bind(random::uuid(now))
    .bind(command.as_uuid())
    .bind(sender.grants.as_ref().map(|grants| grants.person.as_uuid()))
    .bind(sender.device.map(DeviceId::as_uuid))
    .bind(code)
    .bind(detail.replace('\0', "\u{fffd}"))
    .bind(bytes)
    .bind(clock::to_utc(now))
    .bind(sender.numbering == Numbering::Isolated && !sender.given_back)
    .fetch_one(&mut *transaction)
    .await?;
    metrics::counter!("sync_commands_quarantined_total").increment(1);
    if core.sweeps.is_due(organisation) {
        let dropped = retention::sweep(&mut transaction, organisation).await?;
        if dropped > 0 {
            metrics::counter!("sync_quarantine_dropped_total").increment(dropped);
            tracing::warn!(%organisation, dropped, "the oldest refused commands are no longer kept");
        }
    }
    let is_evidence = attempts == 1 && FOR_WANT_OF_A_RIGHT.contains(&code);
    let person = sender.grants.as_ref().map(|grants| grants.person);
    if is_evidence && !audit::refused_lately(&mut transaction, organisation, person, now).await? {
        let note = refused(sender, command, (code, detail));
        audit::append(&mut transaction, organisation, note, now).await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn refused(sender: &Sender, command: CommandId, (code, detail): (&str, &str)) -> Note {
    let person = sender.grants.as_ref().map(|grants| grants.person);
    let by =
        person.map_or_else(|| Doer::of(DoerKind::Server), |person| Doer::person(person, sender.device, None));
    Note::new(by, Action::CommandRefused)
        .about(SubjectKind::Command, command.as_uuid())
        .with("code", None, Some(code.into()))
        .with("detail", None, Some(detail.into()))
}
