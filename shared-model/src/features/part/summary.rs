//! The row of a part: what lists, pickers and search show.

use serde::{Deserialize, Serialize};

use super::document::{Part, read};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::workspace::Aggregate;

/// One part in a list; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSummary {
    /// The document.
    pub id: DocumentId,
    /// Its number in the catalogue.
    pub number: String,
    /// What it is.
    pub name: String,
    /// Its group in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What its quantities count.
    pub unit: String,
    /// What its bar code says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// Who makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Its identity in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Fields with more than one value, waiting for somebody to choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// The row of a part.
pub fn summarise(aggregate: &Aggregate) -> PartSummary {
    PartSummary::of(&read(aggregate))
}

impl PartSummary {
    /// The row of a part that was read already.
    pub fn of(part: &Part) -> Self {
        Self {
            id: part.id,
            number: part.number.clone(),
            name: part.name.clone(),
            category: part.category.clone(),
            unit: part.unit.clone(),
            barcode: part.barcode.clone(),
            manufacturer: part.manufacturer.clone(),
            external: part.external.clone(),
            conflicts: part.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: part.updated_at,
        }
    }
}
