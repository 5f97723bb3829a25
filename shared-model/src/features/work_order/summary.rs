//! The row of a work order: what lists, boards and search show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::{ChecklistExecution, WorkOrder, read};
use super::status::Status;
use super::{Priority, WorkType};
use crate::identity::{DocumentId, PersonId, TeamId};
use crate::instant::Timestamp;
use crate::workspace::Aggregate;

/// One work order in a list; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOrderSummary {
    /// The document.
    pub id: DocumentId,
    /// `WO-000123`, or `~K7Q2` until the server has given the number.
    pub number: String,
    /// What is to be done.
    pub title: String,
    /// How far it is.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Why it is done.
    #[serde(rename = "type")]
    pub work_type: WorkType,
    /// The site (a root location).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<DocumentId>,
    /// The location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<DocumentId>,
    /// The first asset's tag, and how many assets there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_tag: Option<String>,
    /// The first asset's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_name: Option<String>,
    /// All assets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<DocumentId>,
    /// Who is to do it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonId>,
    /// Which teams are to do it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
    /// When work is planned to start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_start: Option<Timestamp>,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// How long it should take, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_minutes: Option<i64>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Answered and all steps of the checklists.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_answered: u32,
    /// All steps of the checklists that take an answer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_total: u32,
    /// Hours worked so far, in minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub labour_minutes: i64,
    /// Running timers: who, since when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timers: BTreeMap<PersonId, Timestamp>,
    /// How many comments.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub comments: u32,
    /// How many kinds of part were used.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts_used: u32,
    /// Fields with more than one value, waiting for somebody to choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// How many notices of the server nobody has dealt with.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub notices: u32,
    /// When it was completed, by the clock of the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// When it was last edited or written about.
    pub updated_at: Timestamp,
}

fn is_zero<T: Default + PartialEq>(count: &T) -> bool {
    *count == T::default()
}

/// The row of a work order.
pub fn summarise(aggregate: &Aggregate) -> WorkOrderSummary {
    WorkOrderSummary::of(&read(aggregate))
}

impl WorkOrderSummary {
    /// The row of a work order that was read already.
    pub fn of(order: &WorkOrder) -> Self {
        let first = order.assets.first();
        Self {
            id: order.id,
            number: order.number.clone(),
            title: order.title.clone(),
            status: order.status,
            priority: order.priority,
            work_type: order.work_type,
            site: order.site,
            location: order.location,
            asset_tag: first.map(|asset| asset.tag.clone()),
            asset_name: first.map(|asset| asset.name.clone()),
            assets: order.assets.iter().map(|asset| asset.id).collect(),
            people: order.people.clone(),
            teams: order.teams.clone(),
            planned_start: order.planned_start,
            due: order.due,
            estimated_minutes: order.estimated_minutes,
            tags: order.tags.clone(),
            steps_answered: order.checklists.iter().map(ChecklistExecution::answered).sum(),
            steps_total: order.checklists.iter().map(ChecklistExecution::answerable).sum(),
            labour_minutes: order.labour.iter().map(|entry| entry.minutes).sum(),
            timers: order.timers.clone(),
            comments: u32::try_from(order.comments.len()).unwrap_or(u32::MAX),
            parts_used: u32::try_from(order.parts.len()).unwrap_or(u32::MAX),
            conflicts: order.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            notices: u32::try_from(order.open_notices().count()).unwrap_or(u32::MAX),
            completed_at: order.completed_at(),
            updated_at: order.updated_at,
        }
    }
}
