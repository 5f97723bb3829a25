//! What people do: run a command, keep it, say so.

use std::collections::BTreeSet;

use client_bridge::ToApp;
use client_bridge::database::{META, meta};
use shared_model::features::Command;
use shared_model::identity::{CommandId, DocumentId};
use shared_model::sync_protocol::DeviceEvent;
use shared_model::workspace::{Author, Refusal};

use super::Worker;
use super::export::Unsaved;
use super::storage::DocumentChanges;
use crate::execute::{Executed, execute, refusal_code};
use crate::journal::Note;
use crate::local_store::values::{ActorState, AttentionEntry, StoredEntry, encode};
use crate::local_store::{Batch, Durability, StoreError};
use crate::{clock, documents, outbox};

/// Why a command did not end in the outbox.
enum NotDone {
    Refused(Refusal),
    NotSaved(String),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::NotSaved(error.to_string())
    }
}

impl Worker {
    /// Runs a command once, whoever asks how often.
    pub(super) async fn execute(&mut self, command_id: CommandId, command: &Command) {
        if self.finished.contains(&command_id) {
            return self.channel.say(&ToApp::Saved { command_id });
        }
        let outcome = self.run(command_id, command, None).await;
        self.unsaved.retain(|each| each.id != command_id);
        match outcome {
            Ok(()) => {}
            Err(NotDone::Refused(refusal)) => self.channel.say(&ToApp::Refused { command_id, refusal }),
            Err(NotDone::NotSaved(detail)) => {
                self.unsaved.push(Unsaved { id: command_id, command: command.clone(), at: clock::now() });
                self.not_saved(command_id, detail);
            }
        }
    }

    /// Runs what the database did not take before: the tab that gave it may not be there any more.
    pub(super) async fn execute_unsaved(&mut self) {
        for each in std::mem::take(&mut self.unsaved) {
            self.execute(each.id, &each.command).await;
        }
    }

    /// The engine that has taken over answers in place of this one.
    fn not_saved(&self, command_id: CommandId, detail: String) {
        if !self.superseded {
            self.channel.say(&ToApp::NotSaved { command_id, detail });
        }
    }

    /// Runs a refused command again, as a new one; it leaves *needs attention* in the same transaction.
    pub(super) async fn retry(&mut self, command_id: CommandId) {
        let waiting = self.outbox.entry(command_id).is_some();
        let Some(entry) = self.outbox.attention(command_id).filter(|_| !waiting).cloned() else { return };
        let Some(command) = outbox::intent(&entry.entry) else { return };
        match self.run(clock::fresh_command_id(), &command, Some(command_id)).await {
            Ok(()) => {}
            Err(NotDone::Refused(refusal)) => {
                let (code, detail) = refusal_code(&refusal);
                let entry = AttentionEntry { code, detail, ..entry };
                let mut batch = Batch::default();
                outbox::put_attention(&mut batch, &entry);
                if self.commit(&batch, Durability::Strict).await.is_ok() {
                    self.outbox.set_attention(entry);
                }
                self.channel.say(&ToApp::Refused { command_id, refusal });
            }
            Err(NotDone::NotSaved(detail)) => self.not_saved(command_id, detail),
        }
        self.status_changed();
    }

    /// Lets a refused command go.
    pub(super) async fn discard(&mut self, command_id: CommandId) {
        if self.outbox.entry(command_id).is_some() || self.outbox.attention(command_id).is_none() {
            return;
        }
        let mut batch = Batch::default();
        outbox::delete_attention(&mut batch, command_id);
        if self.commit(&batch, Durability::Strict).await.is_ok() {
            self.outbox.clear_attention(command_id);
            self.journal.add(&[Note::Settled(command_id)]);
            self.status_changed();
        }
    }

    /// Runs a command in place of `retried`, stores what it made, and says what changed.
    async fn run(
        &mut self,
        command_id: CommandId,
        command: &Command,
        retried: Option<CommandId>,
    ) -> Result<(), NotDone> {
        let Some(grants) = self.grants.clone() else {
            return Err(NotDone::NotSaved("the rights of this person are not known yet".to_owned()));
        };
        let named: BTreeSet<DocumentId> = command.documents().iter().map(|touch| touch.document).collect();
        let held = self.documents.load(&self.store, &named).await;
        let held = self.noted(held)?;
        let absent: BTreeSet<DocumentId> =
            named.iter().filter(|id| !held.contains_key(id)).copied().collect();
        if !absent.is_empty() {
            let coming = self.on_their_way(&absent).await;
            if let Some(first) = coming.first() {
                let detail = first.to_string();
                self.tell_session(DeviceEvent::Wanted { documents: coming.into_iter().collect() });
                return Err(NotDone::Refused(Refusal::rule("still_coming", detail)));
            }
        }
        let author = Author::Person { grants, actor: self.actor.actor };
        let now = clock::now();
        let (seq, schema) = (self.actor.next_record_seq, self.standing.schema);
        let executed =
            execute(command_id, command, &author, now, seq, schema, &held).map_err(NotDone::Refused)?;
        let Executed { entry, changed, next_record_seq } = executed;
        let actor = ActorState { next_record_seq, ..self.actor };
        let number = self.outbox.next_number();
        let stored = entry.map(|entry| StoredEntry { entry, at: now });

        let mut batch = Batch::default();
        batch.put(META, meta::ACTOR.to_owned(), encode(&actor));
        batch.put(META, meta::command(command_id), Vec::new());
        if let Some(stored) = &stored {
            outbox::put_entry(&mut batch, number, stored);
        }
        if let Some(retried) = retried {
            outbox::delete_attention(&mut batch, retried);
        }
        let changes = DocumentChanges {
            put: changed,
            removed: BTreeSet::new(),
            before: documents::records_of(&held),
            ..DocumentChanges::default()
        };
        let rows = self.commit_documents(batch, changes, Durability::Strict).await?;

        let settled = retried.map(Note::Settled);
        let notes: Vec<Note> = stored.iter().cloned().map(Note::Saved).chain(settled).collect();
        self.journal.add(&notes);
        self.channel.say(&ToApp::Saved { command_id });
        self.actor = actor;
        self.finished.insert(command_id);
        retried.into_iter().for_each(|retried| self.outbox.clear_attention(retried));
        if let Some(stored) = stored {
            let entry = stored.entry.clone();
            self.outbox.insert(number, stored);
            self.tell_session(DeviceEvent::Saved(entry));
            self.show_deed();
        }
        self.show(rows).await;
        Ok(())
    }
}
