//! After a refusal: the server's state, and what people meant done again upon it.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::apply_snapshot;
use crate::features::Command;
use crate::identity::{CommandId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{OutboxEntry, Snapshot};
use crate::workspace::{Aggregate, Author, Item, Outcome, Refusal, Workspace};

/// What a rebuild starts from.
#[derive(Debug)]
pub struct Rebuild<'a> {
    /// The documents whose local branch is dead.
    pub documents: &'a [DocumentId],
    /// The server's state of them, as far as it may be read.
    pub snapshots: &'a [Snapshot],
    /// The outbox, in order; entries that touch none of the documents are left alone.
    pub outbox: &'a [OutboxEntry],
    /// Commands that are not tried again.
    pub set_aside: &'a [CommandId],
    /// Other documents that the commands read, as far as they are here ([`documents_read`]).
    pub held: BTreeMap<DocumentId, Aggregate>,
    /// The person, under a fresh actor.
    pub author: Author,
    /// The device's time.
    pub now: Timestamp,
    /// The next free record sequence number of the fresh actor.
    pub next_record_seq: u64,
    /// Fresh command ids, at least as many as entries are to be done again.
    pub fresh: &'a [CommandId],
}

/// What is to be written after a rebuild, in one transaction.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// The documents as they are now.
    pub put: BTreeMap<DocumentId, Aggregate>,
    /// Documents to forget.
    pub removed: BTreeSet<DocumentId>,
    /// Commands that were done again, in the order of the outbox: each entry takes the place of the old one.
    pub remade: Vec<Remade>,
    /// Commands that leave the outbox for *needs attention*.
    pub set_aside: Vec<SetAside>,
    /// The next free record sequence number of the fresh actor.
    pub next_record_seq: u64,
}

/// A command that was done again.
#[derive(Debug)]
pub struct Remade {
    /// The command as it was.
    pub old: CommandId,
    /// What stands in its place; `None` when there was nothing left to do.
    pub entry: Option<OutboxEntry>,
}

/// A command that could not be done again.
#[derive(Debug)]
pub struct SetAside {
    /// The entry as it was.
    pub entry: OutboxEntry,
    /// Why it cannot be done again; `None` when it was not tried.
    pub reason: Option<Refusal>,
}

/// Meanwhile a command was saved that joins further documents to the dead ones; nothing may be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more documents belong to the rebuild")]
pub struct Widened(pub Vec<DocumentId>);

/// The documents that commands to be done again read beside the dead ones: what to load before [`rebuild`].
pub fn documents_read(documents: &[DocumentId], outbox: &[OutboxEntry]) -> BTreeSet<DocumentId> {
    touching(documents, outbox)
        .filter_map(|entry| intent(entry).ok())
        .flat_map(|command| command.documents())
        .map(|touch| touch.document)
        .filter(|id| !documents.contains(id))
        .collect()
}

/// Does one intent again. Returns what to store, or why it cannot be done.
pub fn replay(
    command: &Command,
    aggregates: &BTreeMap<DocumentId, Aggregate>,
    author: &Author,
    now: Timestamp,
    next_record_seq: u64,
) -> Result<Outcome, Refusal> {
    let needed = command.documents();
    let here = needed.iter().filter_map(|touch| aggregates.get(&touch.document)).cloned();
    let mut workspace = Workspace::new(author.clone(), now, next_record_seq, here);
    command.execute(&mut workspace)?;
    Ok(workspace.finish())
}

/// Builds the dead documents anew from the server's state and does again what stands in the outbox about them.
pub fn rebuild(input: Rebuild<'_>) -> Result<Rebuilt, Widened> {
    let wider: BTreeSet<DocumentId> = touching(input.documents, input.outbox)
        .flat_map(|entry| entry.documents.iter().copied())
        .filter(|id| !input.documents.contains(id))
        .collect();
    if !wider.is_empty() {
        return Err(Widened(wider.into_iter().collect()));
    }
    let mut aggregates = input.held;
    for snapshot in input.snapshots.iter().filter(|snapshot| input.documents.contains(&snapshot.document)) {
        if let Some(aggregate) = apply_snapshot(None, snapshot).aggregate {
            aggregates.insert(snapshot.document, aggregate);
        }
    }
    let mut rebuilt = Rebuilt { next_record_seq: input.next_record_seq, ..Rebuilt::default() };
    let mut fresh = input.fresh.iter();
    for entry in touching(input.documents, input.outbox) {
        let attempt = if input.set_aside.contains(&entry.id()) {
            Err(None)
        } else {
            intent(entry)
                .and_then(|command| {
                    replay(&command, &aggregates, &input.author, input.now, rebuilt.next_record_seq)
                })
                .map_err(Some)
        };
        match (attempt, fresh.next()) {
            (Ok(outcome), Some(id)) => {
                rebuilt.next_record_seq = outcome.next_record_seq;
                rebuilt.remade.push(Remade { old: entry.id(), entry: remake(entry, *id, outcome.items) });
                aggregates.extend(outcome.aggregates);
            }
            (Ok(_), None) => rebuilt.set_aside.push(SetAside { entry: entry.clone(), reason: None }),
            (Err(reason), _) => rebuilt.set_aside.push(SetAside { entry: entry.clone(), reason }),
        }
    }
    for id in input.documents {
        match aggregates.remove(id) {
            Some(aggregate) => drop(rebuilt.put.insert(*id, aggregate)),
            None => drop(rebuilt.removed.insert(*id)),
        }
    }
    Ok(rebuilt)
}

fn touching<'a>(
    documents: &'a [DocumentId],
    outbox: &'a [OutboxEntry],
) -> impl Iterator<Item = &'a OutboxEntry> {
    outbox.iter().filter(|entry| entry.documents.iter().any(|id| documents.contains(id)))
}

fn intent(entry: &OutboxEntry) -> Result<Command, Refusal> {
    serde_json::from_slice(&entry.command.intent).map_err(|error| Refusal::value("intent", error.to_string()))
}

fn remake(old: &OutboxEntry, id: CommandId, items: Vec<Item>) -> Option<OutboxEntry> {
    if items.is_empty() {
        return None;
    }
    let mut entry = OutboxEntry::of_items(id, old.command.intent.to_vec(), items);
    entry.replays = old.replays + 1;
    Some(entry)
}
