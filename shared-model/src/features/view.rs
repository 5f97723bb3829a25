//! The whole of a document with its records, as its screen shows it. Costs are not part of it; see
//! [`costs`](super::costs).

use serde::{Deserialize, Serialize};

use super::{asset, checklist, location, part, storeroom, work_order};
use crate::document::{DocumentKind, FieldConflict};
use crate::identity::DocumentId;
use crate::workspace::Aggregate;

/// A document with its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum View {
    /// A work order.
    WorkOrder(Box<work_order::WorkOrder>),
    /// An asset.
    Asset(Box<asset::Asset>),
    /// A location.
    Location(Box<location::Location>),
    /// A part.
    Part(Box<part::Part>),
    /// A storeroom.
    Storeroom(Box<storeroom::Storeroom>),
    /// A checklist template.
    ChecklistTemplate(Box<checklist::ChecklistTemplate>),
}

crate::tagged!(View, "kind");

impl View {
    /// The document.
    pub const fn id(&self) -> DocumentId {
        match self {
            Self::WorkOrder(view) => view.id,
            Self::Asset(view) => view.id,
            Self::Location(view) => view.id,
            Self::Part(view) => view.id,
            Self::Storeroom(view) => view.id,
            Self::ChecklistTemplate(view) => view.id,
        }
    }

    /// Its fields with more than one value.
    pub fn conflicts(&self) -> &[FieldConflict] {
        match self {
            Self::WorkOrder(view) => &view.conflicts,
            Self::Asset(view) => &view.conflicts,
            Self::Location(view) => &view.conflicts,
            Self::Part(view) => &view.conflicts,
            Self::Storeroom(view) => &view.conflicts,
            Self::ChecklistTemplate(view) => &view.conflicts,
        }
    }
}

/// Reads a document with its records. Never fails.
pub fn view(aggregate: &Aggregate) -> View {
    match aggregate.document.kind() {
        DocumentKind::WorkOrder => View::WorkOrder(Box::new(work_order::read(aggregate))),
        DocumentKind::Asset => View::Asset(Box::new(asset::read(aggregate))),
        DocumentKind::Location => View::Location(Box::new(location::read(aggregate))),
        DocumentKind::Part => View::Part(Box::new(part::read(aggregate))),
        DocumentKind::Storeroom => View::Storeroom(Box::new(storeroom::read(aggregate))),
        DocumentKind::ChecklistTemplate => View::ChecklistTemplate(Box::new(checklist::read(aggregate))),
    }
}
