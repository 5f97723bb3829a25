//! The rules of work orders: pure questions with a yes or a [`Refusal`].

use super::document::{ChecklistExecution, WorkOrder};
use super::status::{Status, StatusEvent};
use crate::input::{MAX_NAME_BYTES, MAX_TEXT_CHARS, check_bytes, check_present};
use crate::permission::{Grants, Permission, Scope};
use crate::workspace::Refusal;

/// Most bytes of a title.
pub const MAX_TITLE_BYTES: usize = MAX_NAME_BYTES;
/// Most code points of a description, and of what was done.
pub const MAX_DESCRIPTION_CHARS: usize = MAX_TEXT_CHARS;

/// Ten years.
const MAX_ESTIMATE_MINUTES: i64 = 10 * 366 * 24 * 60;

/// A title must say something and fit on a line.
pub(super) fn check_title(title: &str) -> Result<(), Refusal> {
    check_present("title", title)?;
    check_bytes("title", title, MAX_TITLE_BYTES)
}

/// An estimate, if there is one, that somebody could mean.
pub(super) fn check_estimate(minutes: Option<i64>) -> Result<(), Refusal> {
    if minutes.is_none_or(|minutes| (0..=MAX_ESTIMATE_MINUTES).contains(&minutes)) {
        return Ok(());
    }
    Err(Refusal::value("estimated_minutes", format!("must be 0 to {MAX_ESTIMATE_MINUTES}")))
}

/// May the work order go to `to` now? On hold, reopening and cancelling need a reason; completing needs every
/// required checklist answer; verifying needs another person than the one who completed.
pub(super) fn check_transition(
    order: &WorkOrder,
    to: Status,
    reason: Option<&str>,
    person: Option<crate::identity::PersonId>,
) -> Result<(), Refusal> {
    let from = order.status;
    if !from.may_become(to) {
        let detail = format!("{} to {}", from.code(), to.code());
        return Err(Refusal::rule("transition_not_allowed", detail));
    }
    let reopens = matches!(from, Status::Completed | Status::Verified) && to == Status::InProgress;
    if (reopens || matches!(to, Status::OnHold | Status::Cancelled))
        && reason.is_none_or(|text| text.trim().is_empty())
    {
        return Err(Refusal::rule("reason_needed", to.code()));
    }
    if to == Status::Completed {
        let open: Vec<String> =
            order.checklists.iter().flat_map(ChecklistExecution::unanswered_required).collect();
        if !open.is_empty() {
            return Err(Refusal::rule("checklist_incomplete", open.join(", ")));
        }
    }
    if to == Status::Verified && person.is_some() && order.completed_by() == person {
        return Err(Refusal::rule("verifier_completed_it", ""));
    }
    Ok(())
}

/// May somebody with these rights state this event? Judged without the fold, because a right must not depend
/// on what else arrived meanwhile: the weakest permission that any way to this status needs.
pub fn may_write_event(event: &StatusEvent, grants: &Grants, scopes: &[Scope]) -> bool {
    if event.correction {
        return false;
    }
    let reopening = event.to == Status::InProgress && grants.allow(Permission::WorkOrderVerify, scopes);
    reopening || grants.allow(Status::New.permission_to(event.to), scopes)
}
