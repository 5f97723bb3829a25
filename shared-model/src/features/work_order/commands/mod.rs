//! What people and jobs do to work orders. Every id a command creates is named in it, so that a replay is
//! idempotent.

mod correct;
mod execute;
mod items;
mod names;

use serde::{Deserialize, Serialize};

use self::execute as run;
use super::correction::Correction;
use super::{AssetLink, Failure, Origin, PartUsed, Priority, Status, WorkType};
use crate::document::{DocumentKind, TextEdit};
use crate::features::checklist::Step;
use crate::identity::{DocumentId, PersonId, RecordId, TeamId};
use crate::instant::Timestamp;
use crate::workspace::{Refusal, Touch, Workspace};

/// A new work order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewWorkOrder {
    /// Its id.
    pub id: DocumentId,
    /// What is to be done.
    pub title: String,
    /// More about it.
    #[serde(default)]
    pub description: String,
    /// Why it is done.
    #[serde(rename = "type")]
    pub work_type: WorkType,
    /// How urgent it is.
    pub priority: Priority,
    /// What made it.
    pub origin: Origin,
    /// Its identity in another system.
    #[serde(default)]
    pub external: Option<String>,
    /// Who asked for it.
    #[serde(default)]
    pub requester: Option<PersonId>,
    /// The site.
    #[serde(default)]
    pub site: Option<DocumentId>,
    /// The location.
    #[serde(default)]
    pub location: Option<DocumentId>,
    /// The assets.
    #[serde(default)]
    pub assets: Vec<AssetLink>,
    /// Who is to do it.
    #[serde(default)]
    pub people: Vec<PersonId>,
    /// Which teams are to do it.
    #[serde(default)]
    pub teams: Vec<TeamId>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When work is planned to start.
    #[serde(default)]
    pub planned_start: Option<Timestamp>,
    /// When it is due.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// How long it should take, in minutes.
    #[serde(default)]
    pub estimated_minutes: Option<i64>,
    /// Checklists to work through.
    #[serde(default)]
    pub checklists: Vec<AttachedChecklist>,
    /// The status event for people it is assigned to from the start.
    #[serde(default)]
    pub assigned_event: Option<RecordId>,
}

/// A checklist attached to a work order, pinned to one version of its template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttachedChecklist {
    /// Fresh key inside the work order.
    pub key: String,
    /// The template.
    pub template: Option<DocumentId>,
    /// Its version.
    pub version: i64,
    /// What the list is called.
    pub title: String,
    /// The steps of that version.
    pub steps: Vec<Step>,
}

/// The meter an answer was read from, and the id of the reading it becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingPlace {
    /// Id of the meter reading.
    pub id: RecordId,
    /// The asset.
    pub asset: DocumentId,
    /// Key of the meter on the asset.
    pub meter: String,
}

/// A field of a work order and its new value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldEdit {
    /// What is to be done.
    Title(String),
    /// More about it.
    Description(TextEdit),
    /// What was done.
    Resolution(TextEdit),
    /// Why it is done.
    Type(WorkType),
    /// How urgent it is.
    Priority(Priority),
    /// When work is planned to start.
    PlannedStart(Option<Timestamp>),
    /// When it is due.
    Due(Option<Timestamp>),
    /// How long it should take, in minutes.
    EstimatedMinutes(Option<i64>),
    /// Site and location.
    Place(Option<DocumentId>, Option<DocumentId>),
    /// One more asset.
    AddAsset(AssetLink),
    /// One asset less.
    RemoveAsset(DocumentId),
    /// One more tag.
    AddTag(String),
    /// One tag less.
    RemoveTag(String),
    /// A custom field.
    Custom(String, Option<String>),
    /// When the asset went down and came up.
    Downtime(Option<Timestamp>, Option<Timestamp>),
    /// Failure coding.
    Failure(Failure),
}

/// A command about a work order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Write down new work.
    Create(Box<NewWorkOrder>),
    /// Change fields.
    Edit {
        /// The work order.
        id: DocumentId,
        /// New values.
        edits: Vec<FieldEdit>,
    },
    /// Change who is to do it.
    Assign {
        /// The work order.
        id: DocumentId,
        /// People to add.
        #[serde(default)]
        add_people: Vec<PersonId>,
        /// People to take away.
        #[serde(default)]
        remove_people: Vec<PersonId>,
        /// Teams to add.
        #[serde(default)]
        add_teams: Vec<TeamId>,
        /// Teams to take away.
        #[serde(default)]
        remove_teams: Vec<TeamId>,
        /// The status event to state when a new work order becomes assigned.
        event: RecordId,
    },
    /// Take the next step of the lifecycle.
    ChangeStatus {
        /// The work order.
        id: DocumentId,
        /// Id of the status event.
        event: RecordId,
        /// The status it leads to.
        to: Status,
        /// Why (on hold, reopened, cancelled).
        #[serde(default)]
        reason: Option<String>,
        /// A running timer of the author stops with it and becomes this labour entry.
        #[serde(default)]
        labour: Option<RecordId>,
    },
    /// Add a checklist.
    AttachChecklist {
        /// The work order.
        id: DocumentId,
        /// The list.
        checklist: AttachedChecklist,
    },
    /// Answer a step of a checklist; `None` takes the answer back.
    Answer {
        /// The work order.
        id: DocumentId,
        /// Key of the checklist.
        checklist: String,
        /// Key of the step.
        step: String,
        /// The answer, as [`crate::features::checklist::Answer::to_text`] writes it.
        answer: Option<String>,
        /// A remark about it; `None` leaves the remark as it is.
        #[serde(default)]
        remark: Option<String>,
        /// Where a number read from a meter is written down as well. An asset that the author does not have, or may
        /// not work on, keeps no reading; the answer stands all the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reading: Option<ReadingPlace>,
    },
    /// Take a part out of a storeroom for this work.
    UsePart {
        /// The work order.
        id: DocumentId,
        /// The line: fresh key, part, storeroom, movement and quantity.
        part: PartUsed,
    },
    /// Start the author's timer.
    StartTimer {
        /// The work order.
        id: DocumentId,
    },
    /// Stop the author's timer; the time becomes a labour entry.
    StopTimer {
        /// The work order.
        id: DocumentId,
        /// Id of the labour entry.
        labour: RecordId,
    },
    /// State a status without asking the lifecycle: imports and corrections by the server.
    CorrectStatus {
        /// The work order.
        id: DocumentId,
        /// Id of the status event.
        event: RecordId,
        /// The status.
        to: Status,
    },
    /// Set right what was accepted and does not hold: only the server does.
    Correct(Correction),
    /// Say that a notice of the server has been dealt with.
    SettleNotice {
        /// The work order.
        id: DocumentId,
        /// Id of the record that says so.
        record: RecordId,
        /// The notice.
        notice: RecordId,
    },
}

crate::tagged!(Command, "do");

impl FieldEdit {
    /// The long text it writes, with the field it stands in.
    pub const fn text(&mut self) -> Option<(&'static str, &mut TextEdit)> {
        match self {
            Self::Description(edit) => Some(("description", edit)),
            Self::Resolution(edit) => Some(("resolution", edit)),
            _ => None,
        }
    }
}

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let order = |id: &DocumentId| Touch { document: *id, kind: DocumentKind::WorkOrder };
        match self {
            Self::Create(new) => vec![order(&new.id)],
            Self::UsePart { id, part } => {
                let storeroom =
                    part.storeroom.map(|id| Touch { document: id, kind: DocumentKind::Storeroom });
                std::iter::once(order(id)).chain(storeroom).collect()
            }
            Self::Answer { id, reading, .. } => {
                let asset =
                    reading.iter().map(|place| Touch { document: place.asset, kind: DocumentKind::Asset });
                std::iter::once(order(id)).chain(asset).collect()
            }
            Self::Correct(correction) => vec![order(&correction.id)],
            Self::Edit { id, .. }
            | Self::Assign { id, .. }
            | Self::ChangeStatus { id, .. }
            | Self::AttachChecklist { id, .. }
            | Self::StartTimer { id }
            | Self::StopTimer { id, .. }
            | Self::CorrectStatus { id, .. }
            | Self::SettleNotice { id, .. } => vec![order(id)],
        }
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        if let Some(touch) = self.documents().first()
            && !matches!(self, Self::Create(_))
        {
            workspace.aggregate_of(touch.document, DocumentKind::WorkOrder)?;
        }
        match self {
            Self::Create(new) => run::create(workspace, new),
            Self::Edit { id, edits } => run::edit_fields(workspace, *id, edits),
            Self::Assign { id, add_people, remove_people, add_teams, remove_teams, event } => {
                let changes = run::assignment(add_people, remove_people, add_teams, remove_teams);
                run::assign(workspace, *id, &changes, *event)
            }
            Self::ChangeStatus { id, event, to, reason, labour } => {
                run::change_status(workspace, *id, *event, *to, reason.as_deref())?;
                labour.map_or(Ok(()), |labour| run::stop_timer(workspace, *id, labour))
            }
            Self::AttachChecklist { id, checklist } => run::attach_checklist(workspace, *id, checklist),
            Self::Answer { id, checklist, step, answer, remark, reading } => {
                let place = run::Place { id: *id, checklist, step };
                run::answer_step(workspace, &place, answer.as_deref(), remark.as_deref(), reading.as_ref())
            }
            Self::UsePart { id, part } => run::use_part(workspace, *id, part),
            Self::StartTimer { id } => run::start_timer(workspace, *id),
            Self::StopTimer { id, labour } => run::stop_timer(workspace, *id, *labour),
            Self::CorrectStatus { id, event, to } => run::correct_status(workspace, *id, *event, *to),
            Self::Correct(correction) => correct::correct(workspace, correction),
            Self::SettleNotice { id, record, notice } => correct::settle(workspace, *id, *record, *notice),
        }
    }
}
