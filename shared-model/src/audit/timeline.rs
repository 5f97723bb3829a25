//! The history of one document as people ask for it: what happened, in the order in which the server took it in, and what it said
//! at a moment, there and on a device.

use serde::{Deserialize, Serialize};

use crate::document::{FieldChange, FieldLine};
use crate::identity::{CommandId, DeviceId, PersonId, RecordId};
use crate::instant::Timestamp;

/// A page of what happened to a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeline {
    /// Newest first.
    pub entries: Vec<TimelineEntry>,
    /// Where the next page begins; nothing: this was the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// One thing that happened to a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineEntry {
    /// Its place in the feed of the organisation.
    pub seq: u64,
    /// When the server took it in, by its clock.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub received_at: Timestamp,
    /// When it was made, by the clock of the device; nothing for what the server did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub made_at: Option<Timestamp>,
    /// Whose it is; nothing for what the server did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub person: Option<PersonId>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub device: Option<DeviceId>,
    /// The command that it was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub command: Option<CommandId>,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Happening {
    /// Fields were written.
    Changed {
        /// Each with what stood there before, as far as its author saw it.
        changes: Vec<FieldChange>,
    },
    /// A fact was stated.
    Stated {
        /// The fact.
        record: StatedRecord,
    },
    /// It was deleted.
    Deleted,
    /// It was brought back.
    Restored,
    /// It began anew, and what was before is erased.
    BegunAnew,
    /// What it was has been erased.
    Erased,
}

/// A fact about a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatedRecord {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: RecordId,
    /// A code of the kind of record.
    pub record_kind: String,
    /// When, by the clock of the device.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub at: Timestamp,
    /// Who stated it; nothing for the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub person: Option<PersonId>,
    /// What it says, field by field.
    pub says: Vec<FieldLine>,
}

/// A document as it was at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AsOf {
    /// The moment.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub at: Timestamp,
    /// The device, where it was asked what that showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub device: Option<DeviceId>,
    /// The last thing that had happened by then, by its place in the feed; 0: nothing.
    pub seq: u64,
    /// What it said; on a device, what is proven that it said, by what was written there.
    pub fields: Vec<FieldLine>,
    /// The facts that were there; on a device, those that were stated there.
    pub records: Vec<StatedRecord>,
    /// On a device: what the server had by then and nothing proves that the device had it, nor that it had not.
    pub perhaps: Vec<FieldChange>,
    /// The same of facts.
    pub perhaps_records: Vec<StatedRecord>,
}
