//! What the sync panel says about each command of this device.

use serde::{Deserialize, Serialize};
use shared_model::identity::{CommandId, DocumentId};
use shared_model::instant::Timestamp;

/// One command of this device, from saved to accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingCommand {
    /// The command.
    pub command_id: CommandId,
    /// What it does, as [`command_code`] names it; the app has the words.
    pub code: String,
    /// The document it is about; its row has the words.
    #[serde(default)]
    pub document: Option<DocumentId>,
    /// When it was made, by this device's clock.
    pub at: Timestamp,
    /// How far it is.
    pub state: PendingState,
}

/// How far a command is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum PendingState {
    /// Saved on this device.
    Saved,
    /// On its way.
    Sending,
    /// The server has it.
    Accepted,
    /// The server keeps it for somebody to decide about, because its author may not sign in any more.
    Held,
    /// The server refused it: a person decides.
    Attention {
        /// Stable code of the refusal.
        code: String,
        /// What to know about it.
        detail: String,
        /// The command as JSON, for the screen that shows what was meant.
        #[serde(default)]
        intent: String,
        /// Fields as this device had them and as the server has them.
        #[serde(default)]
        differences: Vec<FieldDifference>,
    },
    /// Something a newer engine says.
    #[serde(other)]
    Unknown,
}

shared_model::tagged!(PendingState, "state");

/// A stored command that this version cannot read. It stays as it is until a version can, or a person has it
/// exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableEntry {
    /// Its key in the store.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

/// A field of a refused command's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// Name of the field.
    pub field: String,
    /// What this device had, as JSON.
    pub mine: String,
    /// What the server has, as JSON.
    pub server: String,
}

/// What a command does, as one code: `work_order.change_status`. It is read off the command's own encoding, so
/// a new command has its code by itself.
pub fn command_code(intent: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Tags {
        on: String,
        #[serde(rename = "do")]
        verb: String,
    }
    let tags: Option<Tags> = serde_json::from_slice(intent).ok();
    tags.map_or_else(|| "unknown.unknown".to_owned(), |tags| format!("{}.{}", tags.on, tags.verb))
}

#[cfg(test)]
mod tests {
    use shared_model::features::{Command, work_order};
    use shared_model::identity::DocumentId;

    use super::*;

    #[test]
    fn commands_have_codes() {
        let start = work_order::Command::StartTimer { id: DocumentId::from_bytes([1; 16]) };
        let intent = serde_json::to_vec(&Command::WorkOrder(start)).unwrap();
        assert_eq!(command_code(&intent), "work_order.start_timer");
        assert_eq!(command_code(b"damaged"), "unknown.unknown");
    }

    #[test]
    fn a_state_of_a_newer_engine_is_readable() {
        let state: PendingState = serde_json::from_str(r#"{"state":"posted","by":"pigeon"}"#).unwrap();
        assert_eq!(state, PendingState::Unknown);
    }
}
