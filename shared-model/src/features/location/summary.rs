//! The row of a location: what trees, pickers and search show.

use serde::{Deserialize, Serialize};

use super::document::{Location, read};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::workspace::Aggregate;

/// One location in a tree; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// A short code.
    pub code: Option<String>,
    /// The location it is in; a site is in none.
    pub parent: Option<DocumentId>,
    /// The site it belongs to; itself, when it is one.
    pub site: Option<DocumentId>,
    /// Postal address.
    pub address: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Fields with more than one value, waiting for somebody to choose.
    pub conflicts: Vec<String>,
    /// When it was last edited.
    pub updated_at: Timestamp,
}

/// The row of a location.
pub fn summarise(aggregate: &Aggregate) -> LocationSummary {
    LocationSummary::of(&read(aggregate))
}

impl LocationSummary {
    /// The row of a location that was read already.
    pub fn of(location: &Location) -> Self {
        Self {
            id: location.id,
            name: location.name.clone(),
            code: location.code.clone(),
            parent: location.parent,
            site: location.site,
            address: location.address.clone(),
            time_zone: location.time_zone.clone(),
            external: location.external.clone(),
            conflicts: location.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: location.updated_at,
        }
    }
}
