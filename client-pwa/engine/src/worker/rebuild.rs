//! After a refusal: the server's state of the documents, and what people meant done again upon it under a fresh
//! actor. What cannot be done again needs attention, with both values side by side.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{META, meta};
use serde_json::value::RawValue;
use shared_model::features;
use shared_model::identity::{CommandId, DocumentId};
use shared_model::replica::{self, Rebuild, Rebuilt, Remade, SetAside};
use shared_model::sync_protocol::{Receipt, Snapshot, StoreReport};
use shared_model::workspace::{Aggregate, Author};

use super::Worker;
use super::settle::attention;
use super::setup::put_actor;
use super::storage::DocumentChanges;
use crate::documents::records_of;
use crate::execute::refusal_code;
use crate::journal::Note;
use crate::local_store::values::{ActorState, AttentionEntry, StoredDifference, StoredEntry, encode};
use crate::local_store::{Batch, Durability};
use crate::{clock, outbox};

/// Fields of every view that differ by themselves and tell nobody anything.
const NOISE: [&str; 2] = ["updated_at", "history"];

type Documents = BTreeMap<DocumentId, Aggregate>;
/// A view as JSON, field by field.
type Fields = BTreeMap<String, Box<RawValue>>;

/// How the outbox changes with a rebuild.
#[derive(Default)]
struct OutboxChanges {
    report: StoreReport,
    replaced: Vec<(u64, StoredEntry)>,
    gone: Vec<CommandId>,
    attention: Vec<AttentionEntry>,
}

impl Worker {
    /// Stores what a rebuild makes. `None`: nothing was stored.
    pub(super) async fn rebuild(
        &mut self,
        dead: &[DocumentId],
        snapshots: &[Snapshot],
        set_aside: &[CommandId],
    ) -> Option<StoreReport> {
        let entries = self.outbox.to_vec();
        let mut needed = replica::documents_read(dead, &entries);
        needed.extend(dead);
        let held = self.held(&needed).await?;
        let local = held.clone();
        let fresh: Vec<CommandId> = entries.iter().map(|_| clock::fresh_command_id()).collect();
        let actor = ActorState::fresh();
        let outcome = replica::rebuild(&Rebuild {
            documents: dead,
            snapshots,
            outbox: &entries,
            set_aside,
            held,
            author: Author::Person { grants: self.grants.clone()?, actor: actor.actor },
            now: clock::now(),
            next_record_seq: actor.next_record_seq,
            schema: self.standing.schema,
            fresh: &fresh,
        });
        let rebuilt = match outcome {
            Ok(rebuilt) => rebuilt,
            Err(wider) => return Some(StoreReport { widened: wider.0, ..StoreReport::default() }),
        };
        let actor = ActorState { next_record_seq: rebuilt.next_record_seq, ..actor };
        self.store_rebuilt(dead, rebuilt, &local, actor).await
    }

    async fn store_rebuilt(
        &mut self,
        dead: &[DocumentId],
        rebuilt: Rebuilt,
        local: &Documents,
        actor: ActorState,
    ) -> Option<StoreReport> {
        let mut batch = Batch::default();
        self.forget_receipts(&mut batch, &rebuilt.removed).await?;
        let receipts =
            rebuilt.receipts.iter().filter(|receipt| !rebuilt.removed.contains(&receipt.document()));
        let receipts: Vec<Receipt> = receipts.cloned().collect();
        if !receipts.is_empty() {
            batch.put(META, meta::receipts(clock::now(), clock::random_number()), encode(&receipts));
        }
        let changes = self.outbox_changes(&mut batch, &rebuilt, local);
        let wanted: BTreeSet<DocumentId> =
            self.wanted.iter().filter(|id| !dead.contains(id)).copied().collect();
        put_actor(&mut batch, &actor);
        batch.put(META, meta::WANTED.to_owned(), encode(&Vec::from_iter(wanted.iter().copied())));
        let documents = DocumentChanges {
            put: rebuilt.put,
            removed: rebuilt.removed,
            before: records_of(local),
            ..DocumentChanges::default()
        };
        let rows = self.commit_documents(batch, documents, Durability::Strict).await.ok()?;
        self.actor = actor;
        self.wanted = wanted;
        let OutboxChanges { report, replaced, gone, attention } = changes;
        let set_aside: BTreeSet<CommandId> = attention.iter().map(|each| each.entry.id()).collect();
        let made = replaced.iter().map(|(_, stored)| Note::Saved(stored.clone()));
        let settled = gone.iter().filter(|id| !set_aside.contains(id)).copied().map(Note::Settled);
        self.journal.add(&made.chain(settled).collect::<Vec<_>>());
        for command in gone {
            self.outbox.remove(command);
            self.outbox.clear_attention(command);
        }
        for (number, stored) in replaced {
            self.outbox.insert(number, stored);
        }
        for entry in attention {
            self.outbox.set_attention(entry);
        }
        self.show(rows).await;
        Some(report)
    }

    fn outbox_changes(&self, batch: &mut Batch, rebuilt: &Rebuilt, local: &Documents) -> OutboxChanges {
        let mut changes = OutboxChanges::default();
        for Remade { old, entry } in &rebuilt.remade {
            let Some((number, stored)) = self.outbox.number(*old).zip(self.outbox.entry(*old)) else {
                continue;
            };
            outbox::delete_attention(batch, *old);
            match entry {
                Some(entry) => {
                    let remade = StoredEntry { entry: entry.clone(), at: stored.at };
                    outbox::put_entry(batch, number, &remade);
                    changes.report.added.push(entry.clone());
                    changes.replaced.push((number, remade));
                }
                None => outbox::delete_entry(batch, number),
            }
            changes.report.removed.push(*old);
            changes.gone.push(*old);
        }
        for aside in &rebuilt.set_aside {
            let id = aside.entry.id();
            let Some((number, stored)) = self.outbox.number(id).zip(self.outbox.entry(id)) else { continue };
            let entry = self.needs_attention(stored, aside, local, &rebuilt.put);
            outbox::delete_entry(batch, number);
            outbox::put_attention(batch, &entry);
            changes.attention.push(entry);
            changes.report.removed.push(id);
            changes.gone.push(id);
        }
        changes
    }

    /// The server's reason when it gave one, else why the command could not be done again.
    fn needs_attention(
        &self,
        stored: &StoredEntry,
        aside: &SetAside,
        local: &Documents,
        now: &Documents,
    ) -> AttentionEntry {
        let told =
            self.outbox.attention(stored.entry.id()).map(|entry| (entry.code.clone(), entry.detail.clone()));
        let (code, detail) = told
            .or_else(|| aside.reason.as_ref().map(refusal_code))
            .unwrap_or_else(|| ("refused".to_owned(), String::new()));
        let differences =
            stored.entry.documents.iter().flat_map(|id| differences(local.get(id), now.get(id))).collect();
        AttentionEntry { differences, ..attention(stored, code, detail) }
    }
}

/// The fields of a document that this device had otherwise than the server has them.
fn differences(mine: Option<&Aggregate>, server: Option<&Aggregate>) -> Vec<StoredDifference> {
    let fields = |aggregate: Option<&Aggregate>| -> Fields {
        let view = aggregate.and_then(|aggregate| serde_json::to_vec(&features::view(aggregate)).ok());
        view.and_then(|view| serde_json::from_slice(&view).ok()).unwrap_or_default()
    };
    let (mine, server) = (fields(mine), fields(server));
    let text = |value: Option<&Box<RawValue>>| value.map(|value| value.get().to_owned()).unwrap_or_default();
    let names: BTreeSet<&String> = mine.keys().chain(server.keys()).collect();
    names
        .into_iter()
        .filter(|name| !NOISE.contains(&name.as_str()))
        .map(|name| (name, text(mine.get(name)), text(server.get(name))))
        .filter(|(_, mine, server)| mine != server)
        .map(|(name, mine, server)| StoredDifference { field: name.clone(), mine, server })
        .collect()
}

#[cfg(test)]
mod tests {
    use shared_model::document::{Document, DocumentKind, EditError};
    use shared_model::identity::ActorId;
    use shared_model::instant::Timestamp;

    use super::*;

    fn part(name: &str) -> Aggregate {
        let mut document = Document::new(DocumentKind::Part);
        document
            .edit(ActorId::from_bytes([1; 16]), Timestamp::from_millis(5_000), |edit| {
                edit.put_str(&["name"], Some(name))?;
                Ok::<_, EditError>(())
            })
            .unwrap();
        Aggregate { document, ..Aggregate::new(DocumentId::from_bytes([2; 16]), DocumentKind::Part) }
    }

    #[test]
    fn both_values_of_a_field_are_named() {
        let differences = differences(Some(&part("Bearing")), Some(&part("Seal")));
        assert_eq!(differences.len(), 1);
        let difference = &differences[0];
        assert_eq!(difference.field, "name");
        assert_eq!((difference.mine.as_str(), difference.server.as_str()), ("\"Bearing\"", "\"Seal\""));
    }

    #[test]
    fn a_document_the_server_does_not_show_differs_in_all_it_has() {
        let differences = differences(Some(&part("Bearing")), None);
        assert!(differences.iter().any(|each| each.field == "name" && each.server.is_empty()));
    }
}
