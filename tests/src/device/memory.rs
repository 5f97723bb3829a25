//! The device: executes commands, and carries out what its sync session asks to be stored.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use shared_model::directory::Directory;
use shared_model::features::Command;
use shared_model::identity::{ActorId, CommandId, DeviceId, DocumentId, PersonId, uuid_v7};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::replica::{self, Absorbed, OutOfOrder, Pending, Present, Rebuild};
use shared_model::sync_protocol::{
    DeviceEffect, DeviceEvent, DeviceIdentity, DeviceSession, Fate, Listed, LoadProgress, OutboxEntry, Pack,
    Snapshot, Standing, StoreReport,
};
use shared_model::workspace::{Aggregate, Author, Refusal, Workspace};

use super::store::{DeviceStore, SetAsideCommand};

/// Whose device it is.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
}

/// Where randomness comes from.
pub type Random<'a> = &'a mut dyn FnMut() -> u64;

/// A device that is switched on. What survives switching off is its [`DeviceStore`].
#[derive(Debug)]
pub struct Device {
    /// Whose it is.
    pub whose: Person,
    /// What it keeps.
    pub store: DeviceStore,
    /// The protocol.
    pub session: DeviceSession,
    pub(super) actor: ActorId,
    next_record_seq: u64,
    pub(super) live: BTreeMap<DocumentId, Aggregate>,
    to_store: VecDeque<DeviceEffect>,
}

impl Device {
    /// Switches a device on over what it kept.
    pub fn start(whose: Person, mut store: DeviceStore, random: Random<'_>) -> Self {
        let actor = ActorId::from_bytes(bytes(random));
        store.own_actors.insert(actor);
        let identity = DeviceIdentity { device: whose.device, actor };
        let wanted = store.wanted.iter().copied().collect();
        let owed = store.owed.iter().copied().collect();
        let session =
            DeviceSession::new(identity, store.standing.clone(), store.outbox.clone(), wanted, owed);
        Self {
            whose,
            store,
            session,
            actor,
            next_record_seq: 1,
            live: BTreeMap::new(),
            to_store: VecDeque::new(),
        }
    }

    /// Passes an event to the session. Returns what concerns the network; what is to be stored waits for
    /// [`Self::store_next`].
    pub fn handle(&mut self, now: Timestamp, random: Random<'_>, event: DeviceEvent) -> Vec<DeviceEffect> {
        let mut network = Vec::new();
        for effect in self.session.handle(now, random(), event) {
            match effect {
                DeviceEffect::Dial { .. }
                | DeviceEffect::Send { .. }
                | DeviceEffect::HangUp { .. }
                | DeviceEffect::Deposit { .. }
                | DeviceEffect::FetchPack { .. } => {
                    network.push(effect);
                }
                DeviceEffect::StoreFeed { .. }
                | DeviceEffect::StorePage { .. }
                | DeviceEffect::StorePack { .. }
                | DeviceEffect::StoreFetched { .. }
                | DeviceEffect::StoreDirectory { .. }
                | DeviceEffect::StoreSchema { .. }
                | DeviceEffect::StoreSeen { .. }
                | DeviceEffect::Settle { .. }
                | DeviceEffect::Rebuild { .. }
                | DeviceEffect::Compare { .. }
                | DeviceEffect::SettleGiven { .. }
                | DeviceEffect::MarkCopy { .. }
                | DeviceEffect::JudgeCopy { .. }
                | DeviceEffect::StoreChecked { .. } => self.to_store.push_back(effect),
            }
        }
        network
    }

    /// What it writes under.
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Is anything waiting to be stored?
    pub fn has_to_store(&self) -> bool {
        !self.to_store.is_empty()
    }

    /// Carries out the next storing effect as one transaction. Returns the event to pass on.
    pub fn store_next(&mut self, now: Timestamp, random: Random<'_>) -> Option<DeviceEvent> {
        let effect = self.to_store.pop_front()?;
        let (ticket, report) = self.store(now, random, effect);
        Some(match report {
            Ok(report) => DeviceEvent::Stored { ticket, report },
            Err(OutOfOrder) => DeviceEvent::StoreFailed { ticket },
        })
    }

    /// A person does something. Returns the command's id with the event to pass on; `None` when there was nothing to do.
    pub fn execute(
        &mut self,
        now: Timestamp,
        random: Random<'_>,
        command: &Command,
    ) -> Result<Option<(CommandId, DeviceEvent)>, Refusal> {
        let author = self.author(self.actor);
        let needed: BTreeSet<DocumentId> = command.documents().iter().map(|touch| touch.document).collect();
        let here = self.aggregates(needed).into_values();
        let schema = self.store.standing.schema;
        let mut workspace = Workspace::new(author, now, self.next_record_seq, here).for_server(schema);
        command.execute(&mut workspace)?;
        let outcome = workspace.finish();
        if outcome.items.is_empty() {
            return Ok(None);
        }
        let id = CommandId::from_uuid(uuid_v7(now, random_tail(random)));
        let intent = serde_json::to_vec(command).unwrap();
        let entry = OutboxEntry::of_items(id, intent, outcome.items);
        self.next_record_seq = outcome.next_record_seq;
        for touched in &entry.documents {
            self.put(&outcome.aggregates[touched]);
        }
        self.store.outbox.push(entry.clone());
        Ok(Some((id, DeviceEvent::Saved(entry))))
    }

    /// A document as it is on the device.
    pub fn aggregate(&mut self, id: DocumentId) -> Option<&Aggregate> {
        let copy = self.store.documents.get(&id)?;
        match self.live.entry(id) {
            Entry::Occupied(live) => Some(live.into_mut()),
            // A damaged one counts as absent.
            Entry::Vacant(place) => Some(place.insert(copy.readable(id)?)),
        }
    }

    pub(super) fn aggregates(
        &mut self,
        ids: impl IntoIterator<Item = DocumentId>,
    ) -> BTreeMap<DocumentId, Aggregate> {
        ids.into_iter()
            .filter_map(|id| self.aggregate(id).cloned().map(|aggregate| (id, aggregate)))
            .collect()
    }

    fn put(&mut self, aggregate: &Aggregate) {
        self.store.put(aggregate);
        self.live.insert(aggregate.id, aggregate.clone());
    }

    fn author(&self, actor: ActorId) -> Author {
        let nobody = Grants { person: self.whose.person, grants: Vec::new() };
        Author::Person { grants: self.store.grants.clone().unwrap_or(nobody), actor }
    }

    fn store(
        &mut self,
        now: Timestamp,
        random: Random<'_>,
        effect: DeviceEffect,
    ) -> (u64, Result<StoreReport, OutOfOrder>) {
        match effect {
            DeviceEffect::StoreFeed { ticket, from, to, items } => {
                let named = replica::documents_in(&items);
                let pending = self.pending(&named);
                let held = self.aggregates(named);
                let standing = self.store.standing.clone();
                let absorbed =
                    replica::absorb_feed(&standing, (from, &to), &items, held, &pending, self.actor);
                (ticket, absorbed.map(|absorbed| self.keep(absorbed, random)))
            }
            DeviceEffect::StorePage { ticket, load, through, items } => {
                (ticket, self.store_page((&load, through), &items, random))
            }
            DeviceEffect::StorePack { ticket, load, pack } => (ticket, self.store_pack(&load, *pack, random)),
            DeviceEffect::StoreFetched { ticket, asked, items } => {
                let pending = self.pending(&asked);
                let held = self.aggregates(asked.iter().copied());
                let absorbed = replica::absorb_fetched(&asked, &items, held, &pending);
                (ticket, Ok(self.keep(absorbed, random)))
            }
            DeviceEffect::StoreDirectory { ticket, version, changes, grants } => {
                let changes: Directory = serde_json::from_slice(&changes).unwrap_or_default();
                self.store.actors.extend(changes.actors.into_iter().map(|actor| (actor.id, actor)));
                self.store.standing = self.store.standing.after_directory(version);
                self.store.grants = Some(serde_json::from_slice(&grants).unwrap());
                (ticket, Ok(StoreReport::default()))
            }
            DeviceEffect::StoreSchema { ticket, schema } => {
                (ticket, Ok(self.stands(|standing| standing.after_welcome(schema))))
            }
            DeviceEffect::StoreSeen { ticket, at } => {
                (ticket, Ok(self.stands(|standing| standing.after_seen(at.as_ref()))))
            }
            DeviceEffect::Settle { ticket, fates } => {
                fates.iter().for_each(|(id, fate)| self.settle(*id, fate));
                (ticket, Ok(StoreReport::default()))
            }
            DeviceEffect::Rebuild { ticket, documents, snapshots, set_aside } => {
                let input = (documents.as_slice(), snapshots.as_slice(), set_aside.as_slice());
                (ticket, Ok(self.rebuild(now, random, input)))
            }
            DeviceEffect::Compare { ticket, documents, snapshots } => {
                (ticket, Ok(self.compare(&documents, &snapshots)))
            }
            DeviceEffect::SettleGiven { ticket, documents, wanted } => {
                (ticket, Ok(self.settle_given(&documents, wanted)))
            }
            DeviceEffect::MarkCopy { ticket, after } => (ticket, Ok(self.mark_copy(after))),
            DeviceEffect::JudgeCopy { ticket, manifests, except } => {
                (ticket, Ok(self.judge_copy(&manifests, &except)))
            }
            DeviceEffect::StoreChecked { ticket, at } => {
                (ticket, Ok(self.stands(|standing| standing.after_check(at))))
            }
            DeviceEffect::Dial { .. }
            | DeviceEffect::Send { .. }
            | DeviceEffect::HangUp { .. }
            | DeviceEffect::Deposit { .. }
            | DeviceEffect::FetchPack { .. } => {
                unreachable!("the network is not stored")
            }
        }
    }

    fn stands(&mut self, after: impl FnOnce(&Standing) -> Standing) -> StoreReport {
        self.store.standing = after(&self.store.standing);
        StoreReport::default()
    }

    fn store_page(
        &mut self,
        (load, through): (&LoadProgress, Option<DocumentId>),
        items: &[Snapshot],
        random: Random<'_>,
    ) -> Result<StoreReport, OutOfOrder> {
        let held = self.aggregates(items.iter().map(|item| item.document));
        let after = load.after.map_or(Bound::Unbounded, Bound::Excluded);
        let until = through.map_or(Bound::Unbounded, Bound::Included);
        let present = Present {
            documents: self.store.documents.range((after, until)).map(|(id, _)| *id).collect(),
            rows: self.store.rows.range((after, until)).map(|(id, _)| *id).collect(),
        };
        let pending = self.pending(items.iter().map(|item| &item.document).chain(&present.documents));
        let standing = self.store.standing.clone();
        let absorbed = replica::absorb_page(&standing, (load, through), items, held, &present, &pending);
        absorbed.map(|absorbed| self.keep(absorbed, random))
    }

    fn store_pack(
        &mut self,
        load: &LoadProgress,
        pack: Pack,
        random: Random<'_>,
    ) -> Result<StoreReport, OutOfOrder> {
        let named: Vec<DocumentId> = pack.documents.iter().map(|packed| packed.snapshot.document).collect();
        let present = self.present(&named, pack.listed.as_ref());
        let pending = self.pending(named.iter().chain(&present.documents));
        let held = self.aggregates(named);
        let standing = self.store.standing.clone();
        let absorbed = replica::absorb_pack(&standing, load, pack, held, &present, &pending);
        absorbed.map(|absorbed| self.keep(absorbed, random))
    }

    /// What waits about these documents.
    fn pending<'a>(&self, documents: impl IntoIterator<Item = &'a DocumentId>) -> Pending {
        let documents: BTreeSet<&DocumentId> = documents.into_iter().collect();
        let touches = |entry: &&OutboxEntry| entry.documents.iter().any(|id| documents.contains(id));
        let owed = self.store.owed.iter().filter(|id| documents.contains(id));
        Pending::of(self.store.outbox.iter().filter(touches)).and_owed(owed)
    }

    /// What is here of a pack's range and documents.
    fn present(&self, named: &[DocumentId], listed: Option<&Listed>) -> Present {
        let mut present = Present::default();
        let DeviceStore { documents, rows, .. } = &self.store;
        present.documents.extend(named.iter().filter(|id| documents.contains_key(id)));
        present.rows.extend(named.iter().filter(|id| rows.contains_key(id)));
        if let Some(listed) = listed {
            let after = listed.after.map_or(Bound::Unbounded, Bound::Excluded);
            let range = (after, listed.through.map_or(Bound::Unbounded, Bound::Included));
            present.documents.extend(documents.range(range).map(|(id, _)| *id));
            present.rows.extend(rows.range(range).map(|(id, _)| *id));
        }
        present
    }

    fn keep(&mut self, mut absorbed: Absorbed, random: Random<'_>) -> StoreReport {
        self.store.write(&mut absorbed);
        if absorbed.renews_actor {
            self.write_under(ActorId::from_bytes(bytes(random)), 1);
        }
        for id in &absorbed.removed {
            self.live.remove(id);
        }
        self.live.extend(absorbed.put);
        let (wanted, owed) = (absorbed.wanted.into_iter().collect(), absorbed.owed.into_iter().collect());
        StoreReport { wanted, owed, ..StoreReport::default() }
    }

    fn write_under(&mut self, actor: ActorId, next_record_seq: u64) {
        self.store.own_actors.insert(actor);
        (self.actor, self.next_record_seq) = (actor, next_record_seq);
    }

    fn settle(&mut self, id: CommandId, fate: &Fate) {
        match fate {
            Fate::Accepted => {
                self.store.outbox.retain(|entry| entry.id() != id);
                self.store.acknowledged.insert(id);
            }
            Fate::Held => {
                for entry in self.store.outbox.iter_mut().filter(|entry| entry.id() == id) {
                    entry.held = true;
                }
            }
            Fate::Refused { code, detail } => {
                self.store.refused.insert(id, format!("{code}: {detail}"));
                for entry in self.store.outbox.iter_mut().filter(|entry| entry.id() == id) {
                    entry.refuse(code);
                }
            }
        }
    }

    fn rebuild(
        &mut self,
        now: Timestamp,
        random: Random<'_>,
        (documents, snapshots, set_aside): (&[DocumentId], &[Snapshot], &[CommandId]),
    ) -> StoreReport {
        let outbox = self.store.outbox.clone();
        let read = replica::documents_read(documents, &outbox);
        let actor = ActorId::from_bytes(bytes(random));
        let fresh: Vec<CommandId> =
            outbox.iter().map(|_| CommandId::from_uuid(uuid_v7(now, random_tail(random)))).collect();
        let input = Rebuild {
            documents,
            snapshots,
            outbox: &outbox,
            set_aside,
            held: self.aggregates(read.into_iter().chain(documents.iter().copied())),
            author: self.author(actor),
            now,
            next_record_seq: 1,
            schema: self.store.standing.schema,
            fresh: &fresh,
        };
        let rebuilt = match replica::rebuild(&input) {
            Ok(rebuilt) => rebuilt,
            Err(widened) => return StoreReport { widened: widened.0, ..StoreReport::default() },
        };
        self.write_under(actor, rebuilt.next_record_seq);
        rebuilt.put.values().for_each(|aggregate| self.put(aggregate));
        self.store.receipts.extend(rebuilt.receipts);
        for id in &rebuilt.removed {
            self.store.remove(*id);
            self.live.remove(id);
        }
        let mut report = StoreReport::default();
        for gone in rebuilt.set_aside {
            report.removed.push(gone.entry.id());
            let told = self.store.refused.get(&gone.entry.id());
            let twice = || format!("refused twice: {}", told.map_or("", String::as_str));
            let reason = gone.reason.map_or_else(twice, |refusal| refusal.to_string());
            self.store.attention.push(SetAsideCommand { entry: gone.entry, reason });
        }
        for remade in rebuilt.remade {
            report.removed.push(remade.old);
            report.added.extend(remade.entry);
        }
        self.store.wanted.retain(|id| !documents.contains(id));
        self.store.outbox.retain(|entry| !report.removed.contains(&entry.id()));
        self.store.outbox.extend(report.added.iter().cloned());
        report
    }
}

/// Sixteen random bytes.
pub fn bytes(random: Random<'_>) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&random().to_le_bytes());
    bytes[8..].copy_from_slice(&random().to_le_bytes());
    bytes
}

/// The random part of an id.
pub fn random_tail(random: Random<'_>) -> [u8; 10] {
    let mut tail = [0; 10];
    tail.copy_from_slice(&bytes(random)[..10]);
    tail
}
