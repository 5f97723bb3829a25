//! All work of a device that the server does not have, as a file that people can keep and support can read. The
//! engine writes it; a tab whose engine does not live writes what it alone has.

use serde::Serialize;
use serde_json::value::RawValue;
use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::identity::{CommandId, DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;

use crate::EngineStart;

/// Version of the file.
const FORMAT: u32 = 1;

/// The file.
#[derive(Debug, Serialize)]
pub struct UnsentWork {
    maintainpro_unsent_work: u32,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    exported_at: Timestamp,
    commands: Vec<UnsentCommand>,
    /// What this version cannot read, as it is on disk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnsentValue>,
}

/// A command.
#[derive(Debug, Serialize)]
pub struct UnsentCommand {
    /// Its id.
    pub command: CommandId,
    /// When it was given.
    pub at: Timestamp,
    /// The code of the refusal, if the server refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// It is in the memory of a tab only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_saved: bool,
    /// What the person did.
    pub intent: Option<Box<RawValue>>,
    /// What it wrote.
    pub items: Vec<UnsentItem>,
}

/// Bytes that a command wrote, as base64.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsentItem {
    /// An Automerge change.
    Change {
        /// Of this document.
        document: DocumentId,
        /// Its kind.
        kind: DocumentKind,
        /// The change.
        base64: String,
    },
    /// A record.
    Record {
        /// The record.
        base64: String,
    },
}

/// A stored value that nobody can read.
#[derive(Debug, Serialize)]
pub struct UnsentValue {
    /// Its object store.
    pub store: &'static str,
    /// Its key.
    pub key: String,
    /// The value.
    pub base64: String,
}

impl UnsentWork {
    /// The file of a person on a device.
    pub const fn new(start: &EngineStart, exported_at: Timestamp, commands: Vec<UnsentCommand>) -> Self {
        Self {
            maintainpro_unsent_work: FORMAT,
            organisation: start.organisation,
            person: start.person,
            device: start.device,
            exported_at,
            commands,
            unreadable: Vec::new(),
        }
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl UnsentCommand {
    /// A command that no database has.
    pub fn not_saved(command: CommandId, at: Timestamp, given: &Command) -> Self {
        let intent = serde_json::to_string(given).unwrap_or_default();
        let intent = RawValue::from_string(intent).ok();
        Self { command, at, refused: None, not_saved: true, intent, items: Vec::new() }
    }
}
