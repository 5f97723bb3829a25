//! A backup is restored: the log is what it was some time ago, and devices give back what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use sha2::{Digest, Sha256};
use shared_model::directory::{Directory, DirectoryActor};
use shared_model::features;
use shared_model::features::work_order::NumberAssigned;
use shared_model::hex;
use shared_model::identity::{ActorId, CommandId, DocumentId, RecordId};
use shared_model::ingest::DOCUMENT_DELETED;
use shared_model::ingest::give_back::{self, Run};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::{Claim, CommandResult, GivenBack, PushedCommand, PushedItem, RowPayload};
use shared_model::workspace::Aggregate;

use super::devices::SimulatedDevice;
use super::log::{Held, Log, Sender};
use super::model::{Typed, typed};
use super::receipts;
use super::world::World;

/// Numbers that a new history leaves out.
const GAP: i64 = 10_000;

impl World {
    /// The log is what it was up to a quarter ago. All nodes start anew.
    pub fn restore(&mut self) {
        let head = self.log.head().seq;
        let to = self.log.whole_until(self.rng.random_range(head - head / 4..=head));
        (0..self.nodes.len()).for_each(|node| self.crash(node));
        let before = self.said_in_the_log();
        let lost = self.log.restore(to);
        let after = self.said_in_the_log();
        // What lives on no device is gone for good, as in the real world.
        let copies: Vec<(DocumentId, Aggregate)> = self.copies();
        let kept: BTreeSet<(DocumentId, Vec<u8>)> = copies.iter().flat_map(items_of).collect();
        self.model.gone.extend(lost.into_iter().filter(|item| !kept.contains(item)));
        for place in before.difference(&after) {
            let said = &mut self.model.said[*place];
            let is_kept =
                |typed: &Typed| copies.iter().any(|(id, copy)| *id == typed.document() && typed.is_in(copy));
            said.gone = !typed(&said.command).iter().all(is_kept);
        }
        self.note(&format!("a backup of {to} in place of {head}"));
    }

    /// What people said and the log has, by its place in the order.
    fn said_in_the_log(&self) -> BTreeSet<usize> {
        let is_there = |typed: &Typed| {
            self.log.documents.get(&typed.document()).is_some_and(|held| typed.is_in(&held.aggregate))
        };
        let said = self.model.said.iter().enumerate();
        said.filter(|(_, said)| typed(&said.command).iter().all(is_there)).map(|(place, _)| place).collect()
    }

    /// What devices hold. What its person may not read is about to leave a device, and nobody knows when.
    fn copies(&self) -> Vec<(DocumentId, Aggregate)> {
        let of_device = |device: &SimulatedDevice| {
            let grants = self.cast.grants_of(device.whose.person).clone();
            let copies = device.store().documents.iter().map(|(id, copy)| (*id, copy.load(*id)));
            let is_theirs = move |(_, copy): &(DocumentId, Aggregate)| {
                grants.read_document(copy.document.kind(), &features::scopes(copy))
            };
            copies.filter(is_theirs).collect::<Vec<_>>()
        };
        self.devices.iter().flat_map(of_device).collect()
    }
}

fn items_of((id, copy): &(DocumentId, Aggregate)) -> Vec<(DocumentId, Vec<u8>)> {
    let changes = copy.document.changes_since(&[]).into_iter().map(|change| change.hash().0.to_vec());
    let records = copy.records.keys().map(|record| record.as_bytes().to_vec());
    changes.chain(records).map(|item| (*id, item)).collect()
}

impl Log {
    /// The last row up to `to` that ends a command: a backup holds whole transactions.
    fn whole_until(&self, to: u64) -> u64 {
        let is_cut = |seqs: &&Vec<u64>| seqs.first() <= Some(&to) && seqs.last() > Some(&to);
        let cut = self.commands.values().find(is_cut).and_then(|seqs| seqs.first());
        cut.map_or(to, |first| first - 1)
    }

    /// Forgets everything after `to`. Returns what was forgotten: documents with hashes of changes or ids of records.
    fn restore(&mut self, to: u64) -> Vec<(DocumentId, Vec<u8>)> {
        self.rows.truncate(usize::try_from(to).unwrap());
        // The horizon of that time was further back.
        self.horizon = self.horizon.min(to);
        self.commands.retain(|_, seqs| seqs.iter().all(|seq| *seq <= to));
        let deleted = self.rebuilt_deleted();
        let lost = self.items.extract_if(.., |_, seq| *seq > to).map(|(item, _)| item).collect();
        self.documents = self
            .rebuilt()
            .into_iter()
            .map(|(id, aggregate)| {
                let scopes = features::scopes(&aggregate);
                let version = self.documents.get(&id).map_or(0, |held| held.version) + 1;
                (id, Held { aggregate, scopes, version, deleted: deleted.contains(&id) })
            })
            .collect();
        self.actor_seqs.clear();
        let mut actors = BTreeSet::new();
        for row in &self.rows {
            match &row.payload {
                RowPayload::Change(bytes) | RowPayload::Root(bytes) => {
                    let change = automerge::Change::from_bytes(bytes.clone()).unwrap();
                    let actor = ActorId::from_automerge(change.actor_id()).unwrap();
                    self.actor_seqs.insert((row.document, actor, change.seq()));
                    actors.insert(actor);
                }
                RowPayload::Record { bytes, .. } => {
                    actors.insert(Record::decode(bytes).unwrap().actor);
                }
                RowPayload::Blank | RowPayload::Deletion | RowPayload::Restoration => {}
            }
        }
        self.actors.retain(|actor, _| actors.contains(actor));
        self.numbers =
            self.documents.values().map(|held| numbers(&held.aggregate.records)).max().unwrap_or(0);
        lost
    }

    /// Who is behind every actor, with receipts.
    pub fn directory(&self) -> Directory {
        let actors = self.actors.iter().map(|(actor, owner)| {
            let (person, device) = owner.unzip();
            let receipt = hex::encode(&receipts::sign(&Claim::Actor { actor: *actor, owner: *owner }));
            DirectoryActor { id: *actor, person, device, receipt }
        });
        Directory { actors: actors.collect(), ..Directory::default() }
    }

    /// Takes a document back, as the server does.
    pub fn take_back(
        &mut self,
        now: Timestamp,
        giver: &Sender,
        seen: Option<&[u8]>,
        given: &GivenBack,
    ) -> (DocumentId, CommandResult) {
        if self.documents.get(&given.document).is_some_and(|held| held.deleted) {
            let (code, detail) = (DOCUMENT_DELETED.to_owned(), String::new());
            return (given.document, CommandResult::Rejected { code, detail });
        }
        let giving = giver.grants.as_ref().map(|grants| grants.person).zip(giver.device).unwrap();
        let items = given.items.iter().filter(|item| !self.has_pushed(item)).cloned().collect();
        let given = &GivenBack { items, ..given.clone() };
        let is_new = !self.documents.contains_key(&given.document);
        let sorted = give_back::sort(
            given,
            giving,
            &self.actors,
            &|claim, code| receipts::verify(claim, code),
            is_new,
        )
        .unwrap();
        let is_lost = sorted.runs.iter().any(|run| run.is_proven);
        if is_lost && seen == Some(&self.epoch[..]) {
            self.epoch = Sha256::digest(self.epoch)[..16].try_into().unwrap();
            self.numbers += GAP;
        }
        assert!(
            sorted.unproven.is_empty(),
            "devices have receipts of everything they hold: {:?}",
            sorted.unproven
        );
        let mut runs = sorted.runs;
        let missing = CommandResult::MissingDeps { hashes: Vec::new() };
        loop {
            let count = runs.len();
            runs.retain(|run| !self.take_run(now, giver, run));
            if runs.is_empty() && sorted.later == 0 {
                return (given.document, CommandResult::Accepted { seqs: Vec::new(), receipts: Vec::new() });
            }
            if runs.is_empty() || runs.len() == count {
                return (given.document, missing);
            }
        }
    }

    /// False when something is missing.
    fn take_run(&mut self, now: Timestamp, giver: &Sender, run: &Run) -> bool {
        let (person, device) = run.owner.unzip();
        let sender = if run.is_proven {
            let grants = person.map(|person| Grants { person, grants: Vec::new() });
            Sender { grants, device, node: giver.node, given_back: true, unowned: !run.is_owned }
        } else {
            giver.clone()
        };
        let id = CommandId::from_bytes([0; 16]);
        let command = PushedCommand { id, intent: Vec::new().into(), items: run.items.clone() };
        let judged = self.judge(&command, &sender);
        match self.commit(now, judged, &sender) {
            Ok(CommandResult::Accepted { .. } | CommandResult::Duplicate { .. }) => true,
            Ok(CommandResult::MissingDeps { .. }) => false,
            Ok(refused) => panic!("given back and refused: {refused:?}"),
            Err(_) => unreachable!("nobody else commits"),
        }
    }

    fn has_pushed(&self, item: &PushedItem) -> bool {
        match item {
            PushedItem::Change { document, bytes, .. } => {
                let change = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
                self.has_item(*document, &change.hash().0)
            }
            PushedItem::Record { bytes } => {
                let record = Record::decode(bytes).unwrap();
                self.has_item(record.document, record.id.as_bytes())
            }
        }
    }
}

fn numbers(records: &BTreeMap<RecordId, Record>) -> i64 {
    let assigned = records.values().filter(|record| record.kind() == Some(RecordKind::NumberAssigned));
    let number = |record: &Record| record.read::<NumberAssigned>().map(|assigned| assigned.number);
    assigned.filter_map(number).max().unwrap_or(0)
}
