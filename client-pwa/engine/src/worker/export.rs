//! All work of this device that the server does not have, as a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use client_bridge::{EngineStart, ToApp, UnsentCommand, UnsentItem, UnsentValue, UnsentWork};
use serde_json::value::RawValue;
use shared_model::features::Command;
use shared_model::identity::CommandId;
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{OutboxEntry, PushedItem};

use super::Worker;
use crate::clock;
use crate::outbox::Outbox;

/// A command that the database did not take.
pub struct Unsaved {
    pub id: CommandId,
    pub command: Command,
    pub at: Timestamp,
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
    let waiting = waiting.map(|stored| unsent(&stored.entry, stored.at, None));
    let refused =
        outbox.all_attention().map(|entry| unsent(&entry.entry, entry.at, Some(entry.code.clone())));
    let unsaved = unsaved.iter().map(|each| UnsentCommand::not_saved(each.id, each.at, &each.command));
    let unreadable = outbox.unreadable().iter().map(|each| UnsentValue {
        store: each.store,
        key: each.key.clone(),
        base64: BASE64.encode(&each.sealed),
    });
    let mut file = UnsentWork::new(start, now, refused.chain(waiting).chain(unsaved).collect());
    file.unreadable = unreadable.collect();
    file.to_text()
}

fn unsent(entry: &OutboxEntry, at: Timestamp, refused: Option<String>) -> UnsentCommand {
    let intent = String::from_utf8_lossy(&entry.command.intent).into_owned();
    let items = entry.command.items.iter().map(|item| match item {
        PushedItem::Change { document, kind, bytes } => {
            UnsentItem::Change { document: *document, kind: *kind, base64: BASE64.encode(&bytes[..]) }
        }
        PushedItem::Record { bytes } => UnsentItem::Record { base64: BASE64.encode(&bytes[..]) },
    });
    let intent = RawValue::from_string(intent).ok();
    UnsentCommand { command: entry.id(), at, refused, not_saved: false, intent, items: items.collect() }
}

#[cfg(test)]
mod tests {
    use client_bridge::codec::Keys;
    use client_bridge::database::outbox_key;
    use serde_json::Value;
    use shared_model::document::DocumentKind;
    use shared_model::features::work_order;
    use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
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
            generation: 0,
            lock: None,
            locked_before: 0,
            keys: Keys::BARE,
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
        let outbox = Outbox::read(Keys::BARE, &[(outbox_key(4), b"\x09\x00bytes".to_vec())], &[]);
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
