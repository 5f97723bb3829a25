//! The commands screens send about work orders, with fresh ids where the command creates something.

use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit, Status};
use shared_model::identity::{DocumentId, PersonId, TeamId};

use crate::fresh_id;

/// The next step of the lifecycle; the author's running timer becomes labour when work stops.
pub fn change_status(id: DocumentId, to: Status, reason: Option<String>, timer_runs: bool) -> Command {
    let stops = timer_runs && to != Status::InProgress;
    let labour = stops.then(fresh_id::record);
    Command::WorkOrder(work_order::Command::ChangeStatus {
        id,
        event: fresh_id::record(),
        to,
        reason,
        labour,
    })
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    Person(PersonId),
    Team(TeamId),
}

impl Assignee {
    fn split(self) -> (Vec<PersonId>, Vec<TeamId>) {
        match self {
            Self::Person(person) => (vec![person], Vec::new()),
            Self::Team(team) => (Vec::new(), vec![team]),
        }
    }
}

/// One more to do it.
pub fn assign(id: DocumentId, who: Assignee) -> Command {
    let (add_people, add_teams) = who.split();
    let (remove_people, remove_teams) = (Vec::new(), Vec::new());
    let event = fresh_id::record();
    Command::WorkOrder(work_order::Command::Assign {
        id,
        add_people,
        remove_people,
        add_teams,
        remove_teams,
        event,
    })
}

/// One less.
pub fn unassign(id: DocumentId, who: Assignee) -> Command {
    let (remove_people, remove_teams) = who.split();
    let (add_people, add_teams) = (Vec::new(), Vec::new());
    let event = fresh_id::record();
    Command::WorkOrder(work_order::Command::Assign {
        id,
        add_people,
        remove_people,
        add_teams,
        remove_teams,
        event,
    })
}

/// Another value for a field.
pub fn edit(id: DocumentId, edit: FieldEdit) -> Command {
    Command::WorkOrder(work_order::Command::Edit { id, edits: vec![edit] })
}

/// The author's timer on or off.
pub fn timer(id: DocumentId, runs: bool) -> Command {
    Command::WorkOrder(if runs {
        work_order::Command::StopTimer { id, labour: fresh_id::record() }
    } else {
        work_order::Command::StartTimer { id }
    })
}
