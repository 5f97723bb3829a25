//! After a refusal: the server's state, and what people meant done again upon it.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Change, ChangeHash};

use super::apply::apply_snapshot;
use super::give_back::receipts_of_snapshot;
use super::overtaken::overtaken;
use crate::document::{Document, step};
use crate::features::Command;
use crate::identity::{CommandId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{OutboxEntry, PushedItem, Receipt, Snapshot};
use crate::workspace::{Aggregate, Author, Item, Outcome, Refusal, Workspace};

/// The rule by which a command is not done again that would overwrite what its author never saw.
pub const CHANGED_MEANWHILE: &str = "changed_meanwhile";

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
    /// What is here, as far as it is: the dead documents as they are, and the documents that the commands read
    /// beside them ([`documents_read`]).
    pub held: BTreeMap<DocumentId, Aggregate>,
    /// The person, under a fresh actor.
    pub author: Author,
    /// The device's time.
    pub now: Timestamp,
    /// The next free record sequence number of the fresh actor.
    pub next_record_seq: u64,
    /// The newest schema step that the server knows.
    pub schema: u8,
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
    /// Receipts to keep, beside those that are kept already.
    pub receipts: Vec<Receipt>,
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

/// The documents that commands to be done again read beside the dead ones: what to load, with those, before
/// [`rebuild`].
pub fn documents_read(documents: &[DocumentId], outbox: &[OutboxEntry]) -> BTreeSet<DocumentId> {
    touching(documents, outbox)
        .filter_map(|entry| intent(entry).ok())
        .flat_map(|command| command.documents())
        .map(|touch| touch.document)
        .filter(|id| !documents.contains(id))
        .collect()
}

/// Does one intent again, for a server that knows schema steps up to `schema`. Returns what to store, or why it
/// cannot be done.
pub fn replay(
    command: &Command,
    aggregates: &BTreeMap<DocumentId, Aggregate>,
    author: &Author,
    now: Timestamp,
    next_record_seq: u64,
    schema: u8,
) -> Result<Outcome, Refusal> {
    let needed = command.documents();
    let here = needed.iter().filter_map(|touch| aggregates.get(&touch.document)).cloned();
    let mut workspace = Workspace::new(author.clone(), now, next_record_seq, here).for_server(schema);
    command.execute(&mut workspace)?;
    Ok(workspace.finish())
}

/// Builds the dead documents anew from the server's state and does again what stands in the outbox about them.
///
/// A command is done again upon what its author saw then, as far as the server has it, and the result is merged:
/// an edit of a text must not take back what others wrote since.
pub fn rebuild(input: &Rebuild<'_>) -> Result<Rebuilt, Widened> {
    let wider: BTreeSet<DocumentId> = touching(input.documents, input.outbox)
        .flat_map(|entry| entry.documents.iter().copied())
        .filter(|id| !input.documents.contains(id))
        .collect();
    if !wider.is_empty() {
        return Err(Widened(wider.into_iter().collect()));
    }
    let mut again = Again::new(input);
    let mut rebuilt = Rebuilt { next_record_seq: input.next_record_seq, ..Rebuilt::default() };
    let mut fresh = input.fresh.iter();
    for entry in touching(input.documents, input.outbox) {
        if input.set_aside.contains(&entry.id()) {
            rebuilt.set_aside.push(SetAside { entry: entry.clone(), reason: None });
            continue;
        }
        match (again.replay(entry, input, rebuilt.next_record_seq), fresh.next()) {
            (Ok((outcome, command)), Some(id)) => {
                rebuilt.next_record_seq = outcome.next_record_seq;
                rebuilt
                    .remade
                    .push(Remade { old: entry.id(), entry: remake(entry, (*id, &command), outcome.items) });
            }
            (Ok(_), None) => rebuilt.set_aside.push(SetAside { entry: entry.clone(), reason: None }),
            (Err(reason), _) => {
                rebuilt.set_aside.push(SetAside { entry: entry.clone(), reason: Some(reason) });
            }
        }
    }
    for snapshot in input.snapshots.iter().filter(|snapshot| input.documents.contains(&snapshot.document)) {
        rebuilt.receipts.extend(receipts_of_snapshot(snapshot));
    }
    for id in input.documents {
        match again.merged(*id) {
            Some(aggregate) => drop(rebuilt.put.insert(*id, aggregate)),
            None => drop(rebuilt.removed.insert(*id)),
        }
    }
    Ok(rebuilt)
}

/// The dead documents while commands are done again.
struct Again {
    /// As they were on the device.
    dead: BTreeMap<DocumentId, Aggregate>,
    /// As the server has them.
    server: BTreeMap<DocumentId, Aggregate>,
    /// What the author knew by now, and what has been done again upon it; and the other documents.
    seen: BTreeMap<DocumentId, Aggregate>,
}

impl Again {
    fn new(input: &Rebuild<'_>) -> Self {
        let mut dead = input.held.clone();
        let seen = dead.extract_if(.., |id, _| !input.documents.contains(id)).collect();
        let mut again = Self { dead, server: BTreeMap::new(), seen };
        for snapshot in input.snapshots.iter().filter(|snapshot| input.documents.contains(&snapshot.document))
        {
            if let Some(server) = apply_snapshot(None, snapshot).aggregate {
                let records = server.records.clone();
                let document = Document::new(snapshot.kind);
                again.seen.insert(snapshot.document, Aggregate { id: snapshot.document, document, records });
                again.server.insert(snapshot.document, server);
            }
        }
        again
    }

    /// Does one command again. Where it wrote changes, it works upon what its author knew then; where it only
    /// stated facts, or what its author knew made way for a new root, upon everything.
    fn replay(
        &mut self,
        entry: &OutboxEntry,
        input: &Rebuild<'_>,
        seq: u64,
    ) -> Result<(Outcome, Command), Refusal> {
        let mut command = intent(entry)?;
        self.refuse_overtaken(entry, command.says_what_it_was_typed_over())?;
        let mut edited = BTreeSet::new();
        for item in &entry.command.items {
            // A schema step builds upon genesis alone, whatever its bearer had seen.
            if let PushedItem::Change { document, kind, bytes } = item
                && !self.is_rerooted(*document)
                && step::find(*kind, bytes).is_none()
                && edited.insert(*document)
                && let Ok(change) = Change::from_bytes(bytes.to_vec())
            {
                self.learn(*document, change.deps());
            }
        }
        let mut view = self.seen.clone();
        for id in self.server.keys().filter(|id| !edited.contains(id)) {
            view.extend(self.merged(*id).map(|merged| (*id, merged)));
        }
        if entry.documents.iter().any(|id| self.is_rerooted(*id)) {
            command = command.typed_over(|id| view.get(&id));
        }
        let outcome = replay(&command, &view, &input.author, input.now, seq, input.schema)?;
        for (id, aggregate) in &outcome.aggregates {
            match self.seen.get_mut(id) {
                Some(seen) if self.server.contains_key(id) && !edited.contains(id) => {
                    seen.records.clone_from(&aggregate.records);
                    self.server.insert(*id, aggregate.clone());
                }
                Some(_) | None => drop(self.seen.insert(*id, aggregate.clone())),
            }
        }
        Ok((outcome, command))
    }

    /// Upon a new root nothing can stand beside what others wrote meanwhile: what would overwrite it is not done again.
    fn refuse_overtaken(&self, entry: &OutboxEntry, keeps_texts: bool) -> Result<(), Refusal> {
        for item in &entry.command.items {
            if let PushedItem::Change { document, bytes, .. } = item
                && self.is_rerooted(*document)
                && let (Some(dead), Some(now)) = (self.dead.get(document), self.merged(*document))
                && let Ok(change) = Change::from_bytes(bytes.to_vec())
                && let Some(field) = overtaken((&change, keeps_texts), &dead.document, &now.document)
            {
                return Err(Refusal::Rule { rule: CHANGED_MEANWHILE.to_owned(), detail: field });
            }
        }
        Ok(())
    }

    fn is_rerooted(&self, id: DocumentId) -> bool {
        let root = |aggregate: &Aggregate| aggregate.document.root();
        self.dead
            .get(&id)
            .map(root)
            .zip(self.server.get(&id).map(root))
            .is_some_and(|(dead, server)| dead != server)
    }

    /// Adds to what the author knows: everything below `deps`, as far as the server has it.
    fn learn(&mut self, id: DocumentId, deps: &[ChangeHash]) {
        let (Some(dead), Some(server), Some(seen)) =
            (self.dead.get(&id), self.server.get(&id), self.seen.get_mut(&id))
        else {
            return;
        };
        let below = ancestors(&dead.document, deps);
        let news = dead.document.changes_since(&[]).into_iter().filter(|change| {
            let hash = change.hash();
            below.contains(&hash) && server.document.has_change(&hash) && !seen.document.has_change(&hash)
        });
        let news: Vec<Change> = news.collect();
        // These bytes were applied before, on this device and on the server.
        drop(seen.document.apply(news));
    }

    /// The server's state with what was done again.
    fn merged(&self, id: DocumentId) -> Option<Aggregate> {
        let seen = self.seen.get(&id);
        let Some(mut merged) = self.server.get(&id).cloned() else { return seen.cloned() };
        if let Some(seen) = seen {
            let unknown = seen.document.changes_since(&[]).into_iter();
            let unknown = unknown.filter(|change| !merged.document.has_change(&change.hash())).collect();
            // These bytes were applied before, in what was done again.
            drop(merged.document.apply(unknown));
            merged.records.extend(seen.records.clone());
        }
        Some(merged)
    }
}

/// The changes below `deps`, `deps` included.
fn ancestors(document: &Document, deps: &[ChangeHash]) -> BTreeSet<ChangeHash> {
    let mut below = BTreeSet::new();
    let mut open = deps.to_vec();
    while let Some(hash) = open.pop() {
        if below.insert(hash)
            && let Some(change) = document.automerge().get_change_meta_by_hash(&hash)
        {
            open.extend(change.deps);
        }
    }
    below
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

fn remake(old: &OutboxEntry, (id, command): (CommandId, &Command), items: Vec<Item>) -> Option<OutboxEntry> {
    if items.is_empty() {
        return None;
    }
    let intent = serde_json::to_vec(command).unwrap_or_else(|_| old.command.intent.to_vec());
    let mut entry = OutboxEntry::of_items(id, intent, items);
    entry.replays = old.replays + u8::from(old.refused && !old.rerooted);
    Some(entry)
}
