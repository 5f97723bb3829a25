//! What became of commands: the server has them, or refuses them.

use client_bridge::database::{META, meta};
use shared_model::identity::CommandId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{DeviceEvent, Fate, StoreReport};

use super::Worker;
use crate::journal::Note;
use crate::local_store::values::{AttentionEntry, StoredEntry};
use crate::local_store::{Batch, Durability};
use crate::outbox;

impl Worker {
    /// Accepted commands leave the outbox; held ones are marked in it; refused ones are, and need attention.
    pub(super) async fn settle(&mut self, fates: Vec<(CommandId, Fate)>) -> Option<StoreReport> {
        let mut batch = Batch::default();
        let mut accepted = Vec::new();
        let mut refused = Vec::new();
        let mut held = Vec::new();
        for (command, fate) in fates {
            let Some((number, stored)) = self.outbox.number(command).zip(self.outbox.entry(command)) else {
                continue;
            };
            match fate {
                Fate::Accepted => {
                    outbox::delete_entry(&mut batch, number);
                    outbox::delete_attention(&mut batch, command);
                    accepted.push(command);
                }
                Fate::Held => {
                    let mut marked = stored.clone();
                    marked.entry.held = true;
                    outbox::put_entry(&mut batch, number, &marked);
                    held.push((number, marked));
                }
                Fate::Refused { code, detail } => {
                    let mut marked = stored.clone();
                    marked.entry.refuse(&code);
                    let attention = attention(&marked, code, detail);
                    outbox::put_entry(&mut batch, number, &marked);
                    outbox::put_attention(&mut batch, &attention);
                    refused.push((number, marked, attention));
                }
            }
        }
        self.put_last_contact(&mut batch);
        let handed_in = accepted.len() + held.len();
        // That a command was accepted or is held may be forgotten: it is sent again. Why one was refused may not.
        let durability = if refused.is_empty() { Durability::Relaxed } else { Durability::Strict };
        self.commit(&batch, durability).await.ok()?;
        self.handed_in(handed_in);
        let settled: Vec<Note> = accepted.iter().copied().map(Note::Settled).collect();
        let mut touched = std::collections::BTreeSet::new();
        for command in accepted {
            touched.extend(
                self.outbox.entry(command).into_iter().flat_map(|stored| stored.entry.documents.clone()),
            );
            self.outbox.accept(command);
        }
        held.into_iter().for_each(|(number, marked)| self.outbox.insert(number, marked));
        for (number, marked, attention) in refused {
            self.outbox.insert(number, marked);
            self.outbox.set_attention(attention);
        }
        self.journal.add_soon(&settled);
        self.journal.compact(&self.outbox);
        // Screens show which of their commands still wait.
        self.refresh_views(&touched).await;
        Some(StoreReport::default())
    }

    /// Somebody signed in, or a session ended. Nothing on the device depends on it but sending.
    pub(super) async fn session_changed(
        &mut self,
        signed_in: bool,
        grants: Option<Grants>,
        session: Option<String>,
    ) {
        if let Some(grants) = grants {
            let mut batch = Batch::default();
            if let Some(session) = session {
                batch.put(META, meta::SESSION.to_owned(), session.into_bytes());
            }
            batch.put(META, meta::GRANTS.to_owned(), serde_json::to_vec(&grants).unwrap_or_default());
            if self.commit(&batch, Durability::Strict).await.is_ok() {
                self.grants = Some(grants);
                self.tell_rights();
            }
        }
        if signed_in {
            self.tell_session(DeviceEvent::SignedIn);
        }
    }
}

pub(super) fn attention(stored: &StoredEntry, code: String, detail: String) -> AttentionEntry {
    AttentionEntry { entry: stored.entry.clone(), at: stored.at, code, detail, differences: Vec::new() }
}
