//! Values read from the meters of an asset (hours, kilometres, bar): immutable records owned by the asset.

mod commands;

pub use commands::Command;

use serde::{Deserialize, Serialize};

use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::input::{MAX_UNIT_BYTES, check_bytes, check_key};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::units::Quantity;
use crate::workspace::{Aggregate, Refusal};

/// The fact behind a [`RecordKind::MeterReading`] record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterReading {
    /// Key of the meter on the asset.
    pub meter: String,
    /// What it showed.
    pub value: Quantity,
    /// In which unit.
    pub unit: String,
    /// The work order during which it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_order: Option<DocumentId>,
}

impl MeterReading {
    /// Refuses what no meter has: a key or a unit out of form.
    pub fn check(&self) -> Result<(), Refusal> {
        check_key("meter", &self.meter)?;
        check_bytes("unit", &self.unit, MAX_UNIT_BYTES)
    }
}

/// One line of an asset's readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterReadingLine {
    /// The record.
    pub id: RecordId,
    /// Key of the meter on the asset.
    pub meter: String,
    /// What it showed.
    pub value: Quantity,
    /// In which unit.
    pub unit: String,
    /// The work order during which it was read.
    pub work_order: Option<DocumentId>,
    /// Who read it.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// All readings of an asset, in order of writing.
pub fn readings(aggregate: &Aggregate) -> Vec<MeterReadingLine> {
    let lines = aggregate.records_of(RecordKind::MeterReading).filter_map(|record| {
        let reading: MeterReading = record.read()?;
        Some(MeterReadingLine {
            id: record.id,
            meter: reading.meter,
            value: reading.value,
            unit: reading.unit,
            work_order: reading.work_order,
            author: record.author,
            actor: record.actor,
            at: record.at,
        })
    });
    lines.collect()
}
