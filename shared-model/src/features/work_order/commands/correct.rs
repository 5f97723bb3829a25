//! How the server sets a work order right, and how people say that they have dealt with it.

use super::execute::state_event;
use crate::features::work_order::correction::Correction;
use crate::features::work_order::document::read;
use crate::features::work_order::notice::NoticeSettled;
use crate::identity::{DocumentId, RecordId};
use crate::record::RecordKind;
use crate::workspace::{Refusal, Workspace};

pub(super) fn correct(workspace: &mut Workspace, correction: &Correction) -> Result<(), Refusal> {
    workspace.edit(correction.id, |door| {
        for person in &correction.unassign {
            door.remove(&["people", &person.to_string()])?;
        }
        Ok::<_, Refusal>(())
    })?;
    if let Some(status) = correction.status {
        state_event(workspace, correction.id, status.event, status.to, None, true)?;
    }
    for (record, notice) in &correction.notices {
        notice.check()?;
        workspace.state(*record, correction.id, RecordKind::Notice, notice)?;
    }
    Ok(())
}

pub(super) fn settle(
    workspace: &mut Workspace,
    id: DocumentId,
    record: RecordId,
    notice: RecordId,
) -> Result<(), Refusal> {
    let order = read(workspace.aggregate(id)?);
    match order.notices.iter().find(|line| line.id == notice) {
        None => Err(Refusal::value("notice", "is not on this work order")),
        Some(line) if line.settled_by.is_some() => Ok(()),
        Some(_) => workspace.state(record, id, RecordKind::NoticeSettled, &NoticeSettled { notice }),
    }
}
