//! The one log behind all nodes: the feed, the documents with their versions, the bindings of actors. What
//! PostgreSQL does for the real server, in memory; the judging is the real one.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use sha2::{Digest, Sha256};
use shared_model::document::DocumentKind;
use shared_model::features::work_order::NumberAssigned;
use shared_model::features::{self, Command};
use shared_model::gate::Numbering;
use shared_model::identity::{ActorId, CommandId, DeviceId, DocumentId, PersonId, RecordId};
use shared_model::ingest::{self, AcceptedItem, ActorStanding, ItemFact, Submitter, Verdict};
use shared_model::instant::Timestamp;
use shared_model::permission::{Grants, Scope};
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::OutboxEntry;
use shared_model::sync_protocol::{
    Claim, CommandResult, Cursor, CursorStanding, FeedRow, PushedCommand, RowPayload, StoredDocument,
    StoredMark, vouch,
};
use shared_model::workspace::{Aggregate, Author, Workspace};

use super::receipts;

/// A document as the log has it.
#[derive(Debug)]
pub struct Held {
    pub aggregate: Aggregate,
    pub scopes: Vec<Scope>,
    pub(super) version: u64,
    /// Nobody sees it.
    pub deleted: bool,
}

/// Who submits commands.
#[derive(Clone, Debug)]
pub struct Sender {
    pub grants: Option<Grants>,
    pub device: Option<DeviceId>,
    pub node: ActorId,
    /// It was accepted once.
    pub given_back: bool,
    pub unowned: bool,
}

/// A verdict, and the versions it was given on.
pub struct Judged {
    command: CommandId,
    verdict: Verdict,
    versions: BTreeMap<DocumentId, Option<u64>>,
}

/// Another commit came first.
pub struct Stale;

#[derive(Debug)]
pub struct Log {
    pub(super) epoch: [u8; 16],
    pub(super) rows: Vec<FeedRow>,
    pub(super) items: BTreeMap<(DocumentId, Vec<u8>), u64>,
    pub(super) actor_seqs: BTreeSet<(DocumentId, ActorId, u64)>,
    pub documents: BTreeMap<DocumentId, Held>,
    pub(super) actors: BTreeMap<ActorId, Option<(PersonId, DeviceId)>>,
    pub(super) numbers: i64,
    /// A cursor before this row is too old to be followed from.
    pub horizon: u64,
    /// Commands that were accepted, with their rows.
    pub(super) commands: BTreeMap<CommandId, Vec<u64>>,
    /// The same, and those that a restored backup lacks.
    pub(super) accepted_once: BTreeSet<CommandId>,
    /// How often an actor was bound.
    pub bindings: u64,
}

impl Log {
    pub fn new(epoch: [u8; 16]) -> Self {
        Self {
            epoch,
            rows: Vec::new(),
            items: BTreeMap::new(),
            actor_seqs: BTreeSet::new(),
            documents: BTreeMap::new(),
            actors: BTreeMap::new(),
            numbers: 0,
            horizon: 0,
            commands: BTreeMap::new(),
            accepted_once: BTreeSet::new(),
            bindings: 0,
        }
    }

    pub fn head(&self) -> Cursor {
        let (seq, chain_hash) = self.rows.last().map_or((0, [0; 32]), |row| (row.seq, row.chain_hash));
        Cursor { epoch: self.epoch.to_vec().into(), seq, chain_hash: chain_hash.to_vec().into() }
    }

    pub fn standing(&self, cursor: &Cursor) -> CursorStanding {
        let same = cursor.epoch.as_slice() == self.epoch
            && self
                .chain_hash(cursor.seq)
                .is_some_and(|hash| hash.as_slice() == cursor.chain_hash.as_slice());
        if same { CursorStanding::Known } else { CursorStanding::Foreign }
    }

    /// Where the chain is at a row; `None`: there is no such row.
    pub fn chain_hash(&self, seq: u64) -> Option<[u8; 32]> {
        match seq {
            0 => Some([0; 32]),
            seq => usize::try_from(seq - 1).ok().and_then(|at| self.rows.get(at)).map(|row| row.chain_hash),
        }
    }

    pub fn rows(&self, after: u64, limit: usize) -> Vec<FeedRow> {
        let from = usize::try_from(after).unwrap().min(self.rows.len());
        let mut rows: Vec<FeedRow> = self.rows[from..].iter().take(limit).cloned().collect();
        for row in &mut rows {
            let held = &self.documents[&row.document];
            row.deleted_now = held.deleted;
            row.scopes_now = if held.deleted { Vec::new() } else { held.scopes.clone() };
        }
        rows
    }

    pub fn stored(&self, id: DocumentId) -> Option<StoredDocument> {
        let held = self.documents.get(&id).filter(|held| !held.deleted)?;
        let records = held.aggregate.records.values().map(|record| (record.kind(), record.encode()));
        let hashes: Vec<_> =
            held.aggregate.records.values().map(|record| (record.kind(), record.hash())).collect();
        let known = hashes.iter().filter_map(|(kind, hash)| Some(((*kind)?, hash.as_slice())));
        let heads: Vec<ByteVec> =
            held.aggregate.document.heads().iter().map(|head| head.0.to_vec().into()).collect();
        Some(StoredDocument {
            document: id,
            kind: held.aggregate.document.kind(),
            scopes: held.scopes.clone(),
            bytes: held.aggregate.document.save(),
            records: records.collect(),
            receipts: vouch(id, &heads, known, &receipts::sign),
        })
    }

    /// A page of documents, and the last one that was looked at when there are more.
    pub fn page(&self, after: Option<DocumentId>, most: usize) -> (Vec<StoredDocument>, Option<DocumentId>) {
        let ids: Vec<DocumentId> =
            self.documents.keys().filter(|id| Some(**id) > after).take(most).copied().collect();
        let last = ids.last().copied();
        let more = last.is_some_and(|last| self.documents.keys().next_back() != Some(&last));
        let documents = ids.iter().filter_map(|id| self.stored(*id)).collect();
        (documents, last.filter(|_| more))
    }

    /// What the marks of the next documents are made of, and the last one that was looked at when there are more.
    pub fn marks(&self, after: Option<DocumentId>, most: usize) -> (Vec<StoredMark>, Option<DocumentId>) {
        let seen: Vec<_> = self.documents.iter().filter(|(id, _)| Some(**id) > after).take(most).collect();
        let through = seen.last().filter(|_| seen.len() == most).map(|(last, _)| **last);
        let marks = seen.into_iter().filter(|(_, held)| !held.deleted).map(|(id, held)| StoredMark {
            document: *id,
            kind: held.aggregate.document.kind(),
            scopes: held.scopes.clone(),
            heads: held.aggregate.document.heads(),
            records: held.aggregate.records.values().map(|record| (record.kind(), record.id)).collect(),
        });
        (marks.collect(), through)
    }

    /// Is this change or record in the feed?
    pub fn has_item(&self, document: DocumentId, item: &[u8]) -> bool {
        self.items.contains_key(&(document, item.to_vec()))
    }

    pub fn judge(&self, command: &PushedCommand, sender: &Sender) -> Judged {
        let mut versions = BTreeMap::new();
        let mut here = BTreeMap::new();
        let named = match ingest::documents_of(command) {
            Ok(named) => named,
            Err(verdict) => return Judged { command: command.id, verdict, versions },
        };
        for id in named {
            let held = self.documents.get(&id);
            versions.insert(id, held.map(|held| held.version));
            here.extend(held.map(|held| (id, held.aggregate.clone())));
        }
        let is_deleted = |id| self.documents.get(&id).is_some_and(|held| held.deleted);
        if let Some(verdict) = ingest::refuse_deleted(command, is_deleted) {
            return Judged { command: command.id, verdict, versions };
        }
        let submitter = Submitter {
            grants: sender.grants.as_ref(),
            device: sender.device,
            server_actor: sender.node,
            numbering: if sender.given_back { Numbering::Isolated } else { Numbering::Exact },
            given_back: sender.given_back,
            unowned: sender.unowned,
        };
        let actors = ingest::actors_of(command).into_iter();
        let standing = actors.map(|actor| (actor, self.actor_standing(actor, sender))).collect();
        let verdict = ingest::judge(command, &submitter, &standing, &here);
        Judged { command: command.id, verdict, versions }
    }

    pub fn commit(
        &mut self,
        now: Timestamp,
        judged: Judged,
        sender: &Sender,
    ) -> Result<CommandResult, Stale> {
        if let Some(seqs) = self.commands.get(&judged.command).filter(|_| !sender.given_back) {
            return Ok(CommandResult::Duplicate { seqs: seqs.clone() });
        }
        let stale = |(id, version): (&DocumentId, &Option<u64>)| {
            self.documents.get(id).map(|held| held.version) != *version
        };
        if judged.versions.iter().any(stale) {
            return Err(Stale);
        }
        let mut accepted = match judged.verdict {
            Verdict::Accepted(accepted) => accepted,
            Verdict::MissingDeps(hashes) => return Ok(self.missing(&judged.versions, hashes)),
            Verdict::Rejected { code, detail } => return Ok(CommandResult::Rejected { code, detail }),
        };
        if accepted.is_duplicate() {
            let seqs = accepted.items.iter().map(|item| self.items[&(item.document, item.item_id.clone())]);
            return Ok(CommandResult::Duplicate { seqs: seqs.collect() });
        }
        let owner = sender.grants.as_ref().map(|grants| grants.person).zip(sender.device);
        let bound = self.actors.len();
        self.actors.extend(accepted.actors.iter().map(|actor| (*actor, owner)));
        self.bindings += u64::from(self.actors.len() > bound);
        self.number_new_work(now, &mut accepted, sender.node);
        let scopes: BTreeMap<DocumentId, (Vec<Scope>, Vec<Scope>)> = accepted
            .touched
            .iter()
            .map(|(id, touched)| (*id, (touched.scopes_before.clone(), touched.scopes_after.clone())))
            .collect();
        let mut seqs = Vec::new();
        for item in accepted.items.into_iter().filter(|item| !item.known) {
            let (before, after) = &scopes[&item.document];
            seqs.push(self.append(now, item, sender.device, (before, after)));
        }
        for (id, touched) in accepted.touched {
            let version = self.documents.get(&id).map_or(0, |held| held.version) + 1;
            let (aggregate, scopes) = (touched.aggregate, touched.scopes_after);
            self.documents.insert(id, Held { aggregate, scopes, version, deleted: false });
        }
        if !sender.given_back {
            self.commands.insert(judged.command, seqs.clone());
            self.accepted_once.insert(judged.command);
        }
        let receipts = Vec::new();
        Ok(CommandResult::Accepted { seqs, receipts })
    }

    /// Executes a command as the server.
    pub fn execute(&mut self, now: Timestamp, node: ActorId, id: CommandId, command: &Command) {
        let here = command.documents().into_iter().filter_map(|touch| self.documents.get(&touch.document));
        let here: Vec<Aggregate> = here.map(|held| held.aggregate.clone()).collect();
        let mut workspace = Workspace::new(Author::Server { actor: node }, now, 1, here);
        command.execute(&mut workspace).unwrap();
        let entry = OutboxEntry::of_items(id, Vec::new(), workspace.finish().items);
        let sender = Sender { grants: None, device: None, node, given_back: false, unowned: false };
        let judged = self.judge(&entry.command, &sender);
        match self.commit(now, judged, &sender) {
            Ok(CommandResult::Accepted { .. }) => {}
            Ok(other) => panic!("the server's own command: {other:?}"),
            Err(Stale) => unreachable!("nobody else commits"),
        }
    }

    fn actor_standing(&self, actor: ActorId, sender: &Sender) -> ActorStanding {
        let owner = sender.grants.as_ref().map(|grants| grants.person).zip(sender.device);
        match self.actors.get(&actor) {
            None => ActorStanding::Free,
            Some(bound) if *bound == owner => ActorStanding::Own,
            Some(_) => ActorStanding::Foreign,
        }
    }

    fn number_new_work(&mut self, now: Timestamp, accepted: &mut ingest::Accepted, node: ActorId) {
        for (id, touched) in &mut accepted.touched {
            let is_order = touched.aggregate.document.kind() == DocumentKind::WorkOrder;
            let is_numbered = touched
                .aggregate
                .records
                .values()
                .any(|record| record.kind() == Some(RecordKind::NumberAssigned));
            if !touched.created || !is_order || is_numbered {
                continue;
            }
            self.numbers += 1;
            // No history gives the same name twice.
            let moment = now.as_millis().to_be_bytes();
            let parts = [id.as_bytes().as_slice(), &self.numbers.to_be_bytes(), &moment];
            let hash: [u8; 32] = Sha256::digest(parts.concat()).into();
            let mut name = [0; 16];
            name.copy_from_slice(&hash[..16]);
            let record = Record {
                id: RecordId::from_bytes(name),
                kind: RecordKind::NumberAssigned.code().to_owned(),
                document: *id,
                author: None,
                actor: node,
                seq: u64::try_from(self.numbers).unwrap(),
                at: now,
                payload: Record::payload_of(&NumberAssigned { number: self.numbers }),
            };
            touched.aggregate.records.insert(record.id, record.clone());
            accepted.items.push(AcceptedItem::of_record(DocumentKind::WorkOrder, record));
        }
    }

    fn append(
        &mut self,
        now: Timestamp,
        item: AcceptedItem,
        device: Option<DeviceId>,
        (before, after): (&[Scope], &[Scope]),
    ) -> u64 {
        let seq = self.head().seq + 1;
        let place = (item.document, item.item_id.clone());
        assert!(self.items.insert(place, seq).is_none(), "an item stands in the feed twice");
        let device = device.filter(|_| item.author.is_some());
        let claim =
            Claim::Item { document: item.document, item: &item.item_hash, author: item.author, device };
        let receipt = receipts::sign(&claim);
        let payload = match item.fact {
            ItemFact::Change { actor_seq, .. } => {
                let place = (item.document, item.actor, actor_seq);
                assert!(self.actor_seqs.insert(place), "two changes with one actor and number: {place:?}");
                RowPayload::Change(item.payload)
            }
            ItemFact::Record(record) => RowPayload::Record { kind: record.kind(), bytes: item.payload },
        };
        self.push_row(FeedRow {
            seq,
            chain_hash: item.item_hash,
            document: item.document,
            kind: item.kind,
            received_at: now,
            author: item.author,
            payload,
            device,
            receipt,
            scopes_before: before.to_vec(),
            scopes_after: after.to_vec(),
            scopes_now: Vec::new(),
            deleted_now: false,
        });
        seq
    }

    /// Adds a row that has the hash of its item where that of the chain belongs.
    pub(super) fn push_row(&mut self, mut row: FeedRow) {
        let mut chain = Sha256::new();
        chain.update(self.head().chain_hash.as_slice());
        chain.update(row.seq.to_be_bytes());
        chain.update(row.document.as_bytes());
        chain.update(row.chain_hash);
        row.chain_hash = chain.finalize().into();
        self.rows.push(row);
    }

    /// Deletes a document, or brings it back.
    pub fn decide_existence(&mut self, now: Timestamp, document: DocumentId, deleted: bool) {
        let seq = self.head().seq + 1;
        let held = self.documents.get_mut(&document).unwrap();
        assert_ne!(held.deleted, deleted);
        (held.deleted, held.version) = (deleted, held.version + 1);
        let (kind, here) = (held.aggregate.document.kind(), held.scopes.clone());
        let (payload, before, after) = match deleted {
            true => (RowPayload::Deletion, here, Vec::new()),
            false => (RowPayload::Restoration, Vec::new(), here),
        };
        self.push_row(FeedRow {
            seq,
            chain_hash: Sha256::digest(b"").into(),
            document,
            kind,
            received_at: now,
            author: None,
            payload,
            device: None,
            receipt: Vec::new(),
            scopes_before: before,
            scopes_after: after,
            scopes_now: Vec::new(),
            deleted_now: false,
        });
    }

    /// The documents that the feed alone says were deleted.
    pub fn rebuilt_deleted(&self) -> BTreeSet<DocumentId> {
        let mut deleted = BTreeSet::new();
        for row in &self.rows {
            match row.payload {
                RowPayload::Deletion => _ = deleted.insert(row.document),
                RowPayload::Restoration => _ = deleted.remove(&row.document),
                RowPayload::Change(_)
                | RowPayload::Record { .. }
                | RowPayload::Blank
                | RowPayload::Root(_) => {}
            }
        }
        deleted
    }

    /// The documents as the feed alone gives them.
    pub fn rebuilt(&self) -> BTreeMap<DocumentId, Aggregate> {
        let mut documents: BTreeMap<DocumentId, Aggregate> = BTreeMap::new();
        for row in &self.rows {
            let aggregate =
                documents.entry(row.document).or_insert_with(|| Aggregate::new(row.document, row.kind));
            match &row.payload {
                RowPayload::Change(bytes) | RowPayload::Root(bytes) => {
                    let change = automerge::Change::from_bytes(bytes.clone()).unwrap();
                    aggregate.document.apply(vec![change]).unwrap();
                }
                RowPayload::Record { bytes, .. } => {
                    let record = Record::decode(bytes).unwrap();
                    aggregate.records.insert(record.id, record);
                }
                RowPayload::Blank | RowPayload::Deletion | RowPayload::Restoration => {}
            }
        }
        documents
    }

    /// The documents of rows after `since`.
    pub fn changed_since(&self, since: u64) -> BTreeSet<DocumentId> {
        self.rows.iter().filter(|row| row.seq > since).map(|row| row.document).collect()
    }

    /// The documents and records that these rights show.
    pub fn readable(&self, grants: &Grants) -> BTreeMap<DocumentId, Aggregate> {
        let readable = |held: &&Held| {
            !held.deleted && grants.read_document(held.aggregate.document.kind(), &held.scopes)
        };
        let shown = |held: &Held| {
            let mut aggregate = held.aggregate.clone();
            aggregate
                .records
                .retain(|_, record| record.kind().is_some_and(|kind| grants.read_record(kind, &held.scopes)));
            debug_assert_eq!(held.scopes, features::read_scopes(&held.aggregate));
            (aggregate.id, aggregate)
        };
        self.documents.values().filter(readable).map(shown).collect()
    }
}
