//! The row of an asset: what lists, trees and search show.

use serde::{Deserialize, Serialize};

use super::document::{Asset, read};
use super::{AssetStatus, Criticality, Level};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::workspace::Aggregate;

/// One asset in a list or tree; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it by.
    pub tag: String,
    /// What it is.
    pub name: String,
    /// Its type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub asset_type: Option<String>,
    /// Where in the tree it belongs.
    pub level: Level,
    /// The asset it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<DocumentId>,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<DocumentId>,
    /// The location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<DocumentId>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Which model it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How much depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Criticality>,
    /// How it does.
    pub status: AssetStatus,
    /// What its QR or bar code says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its identity in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Fields with more than one value, waiting for somebody to choose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// When it was last edited or written about.
    pub updated_at: Timestamp,
}

/// The row of an asset.
pub fn summarise(aggregate: &Aggregate) -> AssetSummary {
    AssetSummary::of(&read(aggregate))
}

impl AssetSummary {
    /// The row of an asset that was read already.
    pub fn of(asset: &Asset) -> Self {
        Self {
            id: asset.id,
            tag: asset.tag.clone(),
            name: asset.name.clone(),
            asset_type: asset.asset_type.clone(),
            level: asset.level,
            parent: asset.parent,
            site: asset.site,
            location: asset.location,
            serial: asset.serial.clone(),
            manufacturer: asset.manufacturer.clone(),
            model: asset.model.clone(),
            criticality: asset.criticality,
            status: asset.status,
            code: asset.code.clone(),
            external: asset.external.clone(),
            conflicts: asset.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: asset.updated_at,
        }
    }
}
