//! Assets: the tree of what is maintained (system, equipment unit, component), where each stands and how it does.
//! Comments, meter readings and costs are records beside the document.

mod commands;
mod document;
mod rules;
mod summary;
#[cfg(test)]
mod tests;

pub use commands::{Command, FieldEdit, NewAsset};
pub use document::{Asset, FIELDS, Meter, Position, SCOPE_FIELDS, has_meter, read, scopes};
pub use rules::{duplicate_tags, is_same_tag};
pub use summary::{AssetSummary, summarise};

use serde::{Deserialize, Serialize};

use crate::codes::codes;

codes! {
    /// Where in the tree an asset belongs (ISO 14224 taxonomy).
    Level {
        /// Several units that do one thing together.
        System = "system",
        /// A machine.
        EquipmentUnit = "equipment_unit",
        /// A part of a machine that is maintained for itself.
        Component = "component",
    }
}

codes! {
    /// How much depends on an asset, most first.
    Criticality {
        /// Safety or the whole site.
        A = "a",
        /// A line or a building.
        B = "b",
        /// Little.
        C = "c",
    }
}

codes! {
    /// How an asset does.
    AssetStatus {
        /// Running.
        Operating = "operating",
        /// Could run.
        Standby = "standby",
        /// Cannot run.
        Down = "down",
        /// Being worked on.
        UnderMaintenance = "under_maintenance",
        /// Out of use for good.
        Decommissioned = "decommissioned",
    }
}
