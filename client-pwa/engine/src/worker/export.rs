//! All work of this device that the server does not have, as a file that people can keep and support can read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use client_bridge::{EngineStart, ToApp};
use serde::Serialize;
use serde_json::value::RawValue;
use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::identity::{CommandId, DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{OutboxEntry, PushedItem};

use super::Worker;
use crate::clock;
use crate::outbox::Outbox;

/// Version of the file.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct File {
    maintainpro_unsent_work: u32,
    organisation: OrganisationId,
    person: PersonId,
    device: DeviceId,
    exported_at: Timestamp,
    commands: Vec<Exported>,
    /// What this version cannot read, as it is on disk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<ExportedValue>,
}

#[derive(Serialize)]
struct ExportedValue {
    store: &'static str,
    key: String,
    base64: String,
}

/// A command that the database did not take.
pub struct Unsaved {
    pub id: CommandId,
    pub command: Command,
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Exported {
    command: CommandId,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// Present when the command is in the memory of a tab only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_saved: bool,
    intent: Option<Box<RawValue>>,
    items: Vec<ExportedItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ExportedItem {
    Change { document: DocumentId, kind: DocumentKind, base64: String },
    Record { base64: String },
}

impl Worker {
    /// Answers with the file.
    pub(super) fn export(&self, request: u64) {
        let json = file(&self.start, clock::now(), &self.outbox, &self.unsaved);
        self.channel.say(&ToApp::Export { request, json });
    }
}

/// The text of the file.
pub fn file(start: &EngineStart, now: Timestamp, outbox: &Outbox, unsaved: &[Unsaved]) -> String {
    let waiting = outbox.entries().filter(|stored| outbox.attention(stored.entry.id()).is_none());
    let waiting = waiting.map(|stored| exported(&stored.entry, stored.at, None));
    let refused =
        outbox.all_attention().map(|entry| exported(&entry.entry, entry.at, Some(entry.code.clone())));
    let unsaved = unsaved.iter().map(not_saved);
    let unreadable = outbox.unreadable().iter().map(|each| ExportedValue {
        store: each.store,
        key: each.key.clone(),
        base64: BASE64.encode(&each.sealed),
    });
    let file = File {
        maintainpro_unsent_work: FORMAT,
        organisation: start.organisation,
        person: start.person,
        device: start.device,
        exported_at: now,
        commands: refused.chain(waiting).chain(unsaved).collect(),
        unreadable: unreadable.collect(),
    };
    serde_json::to_string(&file).unwrap_or_default()
}

fn exported(entry: &OutboxEntry, at: Timestamp, refused: Option<String>) -> Exported {
    let intent = String::from_utf8_lossy(&entry.command.intent).into_owned();
    let items = entry.command.items.iter().map(|item| match item {
        PushedItem::Change { document, kind, bytes } => {
            ExportedItem::Change { document: *document, kind: *kind, base64: BASE64.encode(&bytes[..]) }
        }
        PushedItem::Record { bytes } => ExportedItem::Record { base64: BASE64.encode(&bytes[..]) },
    });
    Exported {
        command: entry.id(),
        at,
        refused,
        not_saved: false,
        intent: RawValue::from_string(intent).ok(),
        items: items.collect(),
    }
}

fn not_saved(unsaved: &Unsaved) -> Exported {
    let intent = serde_json::to_string(&unsaved.command).unwrap_or_default();
    let intent = RawValue::from_string(intent).ok();
    Exported {
        command: unsaved.id,
        at: unsaved.at,
        refused: None,
        not_saved: true,
        intent,
        items: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use client_bridge::codec::Key;
    use client_bridge::database::outbox_key;
    use serde_json::Value;
    use shared_model::features::work_order;
    use shared_model::sync_protocol::PushedCommand;

    use super::*;
    use crate::local_store::values::{AttentionEntry, StoredEntry};

    fn start() -> EngineStart {
        EngineStart {
            organisation: OrganisationId::from_bytes([7; 16]),
            person: PersonId::from_bytes([8; 16]),
            device: DeviceId::from_bytes([9; 16]),
            grants: None,
            deposit_credential: None,
        }
    }

    fn entry(n: u8) -> OutboxEntry {
        let document = DocumentId::from_bytes([n; 16]);
        let intent = br#"{"on":"work_order","do":"start_timer"}"#.to_vec();
        let items = vec![PushedItem::Change {
            document,
            kind: DocumentKind::WorkOrder,
            bytes: b"bytes".to_vec().into(),
        }];
        let command = PushedCommand { id: CommandId::from_bytes([n; 16]), intent: intent.into(), items };
        OutboxEntry::new(command, vec![document])
    }

    #[test]
    fn the_file_holds_every_command_once_with_its_bytes() {
        let mut outbox = Outbox::default();
        let at = Timestamp::from_millis(5);
        for n in [1, 2] {
            outbox.insert(u64::from(n), StoredEntry { entry: entry(n), at });
        }
        let refused = "not_permitted".to_owned();
        outbox.set_attention(AttentionEntry {
            entry: entry(2),
            at,
            code: refused,
            detail: String::new(),
            differences: Vec::new(),
        });
        let start = start();
        let file: Value = serde_json::from_str(&file(&start, at, &outbox, &[])).unwrap();
        let commands = file["commands"].as_array().unwrap();
        assert_eq!(commands.len(), 2);
        assert_eq!(commands[0]["refused"], "not_permitted");
        assert_eq!(commands[1]["intent"]["do"], "start_timer");
        assert_eq!(commands[1]["items"][0]["change"]["base64"], "Ynl0ZXM=");
    }

    #[test]
    fn what_cannot_be_read_and_what_was_not_saved_is_in_the_file() {
        let outbox = Outbox::read(Key::Identity, &[(outbox_key(4), b"\x09\x00bytes".to_vec())], &[]);
        let command =
            Command::WorkOrder(work_order::Command::StartTimer { id: DocumentId::from_bytes([1; 16]) });
        let at = Timestamp::from_millis(5);
        let unsaved = [Unsaved { id: CommandId::from_bytes([3; 16]), command, at }];
        let file: Value = serde_json::from_str(&file(&start(), at, &outbox, &unsaved)).unwrap();
        assert_eq!(file["unreadable"][0]["key"], outbox_key(4));
        assert_eq!(file["unreadable"][0]["base64"], "CQBieXRlcw==");
        assert_eq!(file["commands"][0]["not_saved"], true);
        assert_eq!(file["commands"][0]["intent"]["do"], "start_timer");
    }
}
