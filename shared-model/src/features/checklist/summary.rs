//! The row of a checklist template: what lists and pickers show.

use serde::{Deserialize, Serialize};

use super::document::{ChecklistTemplate, read};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::workspace::Aggregate;

/// One checklist template in a list; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistSummary {
    /// The document.
    pub id: DocumentId,
    /// What the list is called.
    pub title: String,
    /// Its group.
    pub category: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Number of the version new work orders get; none while it is a draft or retired.
    pub published: Option<i64>,
    /// Not to be used any more.
    pub retired: bool,
    /// How many versions were saved.
    pub versions: u32,
    /// How many steps the current version has; of a draft, the latest.
    pub steps: u32,
    /// Fields with more than one value, waiting for somebody to choose.
    pub conflicts: Vec<String>,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// The row of a checklist template.
pub fn summarise(aggregate: &Aggregate) -> ChecklistSummary {
    ChecklistSummary::of(&read(aggregate))
}

impl ChecklistSummary {
    /// The row of a template that was read already.
    pub fn of(template: &ChecklistTemplate) -> Self {
        let current = template.current_version();
        let steps = current.or(template.latest_version()).map_or(0, |version| version.steps.len());
        Self {
            id: template.id,
            title: template.title.clone(),
            category: template.category.clone(),
            external: template.external.clone(),
            published: current.map(|version| version.number),
            retired: template.retired,
            versions: u32::try_from(template.versions.len()).unwrap_or(u32::MAX),
            steps: u32::try_from(steps).unwrap_or(u32::MAX),
            conflicts: template.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: template.updated_at,
        }
    }
}
