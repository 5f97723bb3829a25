//! The row of every kind of document: what lists, boards and search show, the same on both sides.

use serde::{Deserialize, Serialize};

use super::{View, asset, checklist, location, part, storeroom, work_order};
use crate::document::DocumentKind;
use crate::identity::DocumentId;
use crate::workspace::Aggregate;

/// The row of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Row {
    /// A work order.
    WorkOrder(work_order::WorkOrderSummary),
    /// An asset.
    Asset(asset::AssetSummary),
    /// A location.
    Location(location::LocationSummary),
    /// A part.
    Part(part::PartSummary),
    /// A storeroom.
    Storeroom(storeroom::StoreroomSummary),
    /// A checklist template.
    ChecklistTemplate(checklist::ChecklistSummary),
}

crate::tagged!(Row, "kind");

impl Row {
    /// The document.
    pub const fn id(&self) -> DocumentId {
        match self {
            Self::WorkOrder(row) => row.id,
            Self::Asset(row) => row.id,
            Self::Location(row) => row.id,
            Self::Part(row) => row.id,
            Self::Storeroom(row) => row.id,
            Self::ChecklistTemplate(row) => row.id,
        }
    }

    /// What kind of document it is.
    pub const fn kind(&self) -> DocumentKind {
        match self {
            Self::WorkOrder(_) => DocumentKind::WorkOrder,
            Self::Asset(_) => DocumentKind::Asset,
            Self::Location(_) => DocumentKind::Location,
            Self::Part(_) => DocumentKind::Part,
            Self::Storeroom(_) => DocumentKind::Storeroom,
            Self::ChecklistTemplate(_) => DocumentKind::ChecklistTemplate,
        }
    }

    /// Does somebody still have to do something about it?
    pub const fn is_open(&self) -> bool {
        match self {
            Self::WorkOrder(row) => row.status.is_open(),
            Self::Asset(_)
            | Self::Location(_)
            | Self::Part(_)
            | Self::Storeroom(_)
            | Self::ChecklistTemplate(_) => true,
        }
    }

    /// The fields with more than one value, waiting for somebody to choose.
    pub fn conflicts(&self) -> &[String] {
        match self {
            Self::WorkOrder(row) => &row.conflicts,
            Self::Asset(row) => &row.conflicts,
            Self::Location(row) => &row.conflicts,
            Self::Part(row) => &row.conflicts,
            Self::Storeroom(row) => &row.conflicts,
            Self::ChecklistTemplate(row) => &row.conflicts,
        }
    }
}

/// Rises when rows change their shape or what they are read from: whoever keeps rows then makes them again.
pub const ROWS_VERSION: u32 = 3;

/// The row of a document that was read already.
pub fn row_of(view: &View) -> Row {
    match view {
        View::WorkOrder(view) => Row::WorkOrder(work_order::WorkOrderSummary::of(view)),
        View::Asset(view) => Row::Asset(asset::AssetSummary::of(view)),
        View::Location(view) => Row::Location(location::LocationSummary::of(view)),
        View::Part(view) => Row::Part(part::PartSummary::of(view)),
        View::Storeroom(view) => Row::Storeroom(storeroom::StoreroomSummary::of(view)),
        View::ChecklistTemplate(view) => Row::ChecklistTemplate(checklist::ChecklistSummary::of(view)),
    }
}

/// The row of a document with its records. Never fails.
pub fn row(aggregate: &Aggregate) -> Row {
    match aggregate.document.kind() {
        DocumentKind::WorkOrder => Row::WorkOrder(work_order::summarise(aggregate)),
        DocumentKind::Asset => Row::Asset(asset::summarise(aggregate)),
        DocumentKind::Location => Row::Location(location::summarise(aggregate)),
        DocumentKind::Part => Row::Part(part::summarise(aggregate)),
        DocumentKind::Storeroom => Row::Storeroom(storeroom::summarise(aggregate)),
        DocumentKind::ChecklistTemplate => Row::ChecklistTemplate(checklist::summarise(aggregate)),
    }
}

/// The words by which people look for a row, in lower case.
pub fn search_text(row: &Row) -> String {
    let mut words: Vec<&str> = Vec::new();
    match row {
        Row::WorkOrder(row) => {
            words.extend([row.number.as_str(), &row.title]);
            words.extend([&row.asset_tag, &row.asset_name].into_iter().flatten().map(String::as_str));
            words.extend(row.tags.iter().map(String::as_str));
        }
        Row::Asset(row) => {
            words.extend([row.tag.as_str(), &row.name]);
            let more =
                [&row.asset_type, &row.serial, &row.manufacturer, &row.model, &row.code, &row.external];
            words.extend(more.into_iter().flatten().map(String::as_str));
        }
        Row::Location(row) => {
            words.push(&row.name);
            words.extend([&row.code, &row.address].into_iter().flatten().map(String::as_str));
        }
        Row::Part(row) => {
            words.extend([row.number.as_str(), &row.name]);
            let more = [&row.category, &row.barcode, &row.manufacturer, &row.external];
            words.extend(more.into_iter().flatten().map(String::as_str));
        }
        Row::Storeroom(row) => {
            words.push(&row.name);
            words.extend(row.code.as_deref());
        }
        Row::ChecklistTemplate(row) => {
            words.push(&row.title);
            words.extend(row.category.as_deref());
        }
    }
    words.join(" ").to_lowercase()
}
