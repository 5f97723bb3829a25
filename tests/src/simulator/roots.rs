//! Documents begin anew: an operator gives one a new root, while devices hold the old past and build upon it.

use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::IndexedRandom;
use sha2::{Digest, Sha256};
use shared_model::document::{DocumentKind, step};
use shared_model::identity::{ActorId, DocumentId, RootId};
use shared_model::ingest::REROOTED;
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{CommandResult, FeedRow, RowPayload};

use super::log::Log;
use super::world::World;

impl World {
    /// An operator erases the history of some work order.
    pub(super) fn reroot(&mut self) {
        let orders =
            self.log.documents.iter().filter(|(_, held)| {
                !held.deleted && held.aggregate.document.kind() == DocumentKind::WorkOrder
            });
        let orders: Vec<DocumentId> = orders.map(|(id, _)| *id).collect();
        let Some(id) = orders.choose(&mut self.rng).copied() else { return };
        let (root, node) = (RootId::from_bytes(self.rng.random()), ActorId::from_bytes(self.rng.random()));
        let now = self.time();
        if !self.log.reroot(now, id, (root, node)) {
            self.note(&format!("{id} is to be settled first"));
            return;
        }
        self.model.rerooted.insert(id);
        self.note(&format!("{id} has the root {root}"));
        self.hint(self.log.head().seq);
    }
}

impl Log {
    /// Gives a document a new root; false when people have to settle something first.
    fn reroot(&mut self, now: Timestamp, id: DocumentId, (root, node): (RootId, ActorId)) -> bool {
        let held = self.documents.get_mut(&id).unwrap();
        let Ok((document, changes)) = held.aggregate.document.upon_new_root(root, node) else { return false };
        let (kind, scopes) = (document.kind(), held.scopes.clone());
        (held.aggregate.document, held.version) = (document, held.version + 1);
        let is_past = |row: &&mut FeedRow| match &row.payload {
            RowPayload::Change(bytes) => row.document == id && step::find(kind, bytes).is_none(),
            RowPayload::Root(_) => row.document == id,
            _ => false,
        };
        self.rows.iter_mut().filter(is_past).for_each(|row| row.payload = RowPayload::Blank);
        self.actor_seqs.retain(|(document, actor, _)| *document != id || step::is_reserved(actor));
        self.actors.insert(node, None);
        for (place, bytes) in changes.into_iter().enumerate() {
            let change = automerge::Change::from_bytes(bytes.clone()).unwrap();
            let seq = self.head().seq + 1;
            self.items.insert((id, change.hash().0.to_vec()), seq);
            self.actor_seqs.insert((id, node, change.seq()));
            self.push_row(FeedRow {
                seq,
                chain_hash: Sha256::digest(&bytes).into(),
                document: id,
                kind,
                received_at: now,
                author: None,
                payload: if place == 0 { RowPayload::Root(bytes) } else { RowPayload::Change(bytes) },
                device: None,
                receipt: Vec::new(),
                scopes_before: scopes.clone(),
                scopes_after: scopes.clone(),
                scopes_now: Vec::new(),
                deleted_now: false,
            });
        }
        true
    }

    /// The result of a command that lacks what it builds upon, as the server tells it: what made way for a root, nobody
    /// will ever send again.
    pub(super) fn missing<V>(&self, named: &BTreeMap<DocumentId, V>, hashes: Vec<Vec<u8>>) -> CommandResult {
        let is_blank = |id: DocumentId, hash: &Vec<u8>| {
            let row = self
                .items
                .get(&(id, hash.clone()))
                .and_then(|seq| self.rows.get(usize::try_from(seq - 1).ok()?));
            row.is_some_and(|row| row.payload == RowPayload::Blank)
        };
        match named.keys().find(|id| hashes.iter().any(|hash| is_blank(**id, hash))) {
            Some(id) => CommandResult::Rejected { code: REROOTED.to_owned(), detail: id.to_string() },
            None => CommandResult::MissingDeps { hashes: hashes.into_iter().map(Into::into).collect() },
        }
    }
}
