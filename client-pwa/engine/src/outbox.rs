//! The commands of this device that the server has not settled yet, in memory as on disk. Pure: what is to be
//! written goes into a batch, and memory follows once that is on disk.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use client_bridge::codec::{self, Keys};
use client_bridge::database::{self, ATTENTION, OUTBOX};
use client_bridge::{PendingCommand, PendingState, UnreadableEntry, command_code};
use shared_model::features::Command;
use shared_model::identity::{CommandId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{Deposit, DepositedCommand, OutboxEntry, PushedCommand};

use crate::local_store::Batch;
use crate::local_store::values::{AttentionEntry, StoredEntry, decode, encode};

/// Accepted commands that the sync panel still shows.
const SHOWN_ACCEPTED: usize = 12;
/// Waiting commands that the sync panel names one by one; of those behind them it says how many there are.
const SHOWN_WAITING: usize = 200;

/// The outbox, and what needs attention.
#[derive(Debug, Default)]
pub struct Outbox {
    entries: BTreeMap<u64, Waiting>,
    numbers: BTreeMap<CommandId, u64>,
    touching: BTreeMap<DocumentId, BTreeSet<u64>>,
    attention: BTreeMap<CommandId, AttentionEntry>,
    accepted: VecDeque<PendingCommand>,
    unreadable: Vec<Unreadable>,
    /// The number after every stored one, those of unreadable entries included: nothing may take their place.
    free_from: u64,
}

/// A command that waits, and what the sync panel says of it: read once, told often.
#[derive(Debug)]
struct Waiting {
    stored: StoredEntry,
    shown: PendingCommand,
}

/// What the sync panel is told.
#[derive(Debug, Default)]
pub struct Told {
    /// Refused commands, the first of those that wait, the last accepted ones.
    pub pending: Vec<PendingCommand>,
    /// How many more wait, by the document they are about.
    pub beyond: BTreeMap<DocumentId, usize>,
}

/// A stored value that this version cannot read, as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub store: &'static str,
    pub key: String,
    pub sealed: Vec<u8>,
}

impl Outbox {
    /// Reads the stored entries of both stores, as they are on disk.
    pub fn read(keys: Keys, outbox: &[(String, Vec<u8>)], attention: &[(String, Vec<u8>)]) -> Self {
        let mut read = Self::default();
        for (key, sealed) in outbox {
            let number = key.parse::<u64>().ok();
            read.free_from = read.free_from.max(number.map_or(0, |number| number.saturating_add(1)));
            match number.zip(open::<StoredEntry>(keys, OUTBOX, key, sealed)) {
                Some((number, stored)) => read.insert(number, stored),
                None => read.cannot_read(OUTBOX, key, sealed),
            }
        }
        for (key, sealed) in attention {
            match open::<AttentionEntry>(keys, ATTENTION, key, sealed) {
                Some(entry) => drop(read.attention.insert(entry.entry.id(), entry)),
                None => read.cannot_read(ATTENTION, key, sealed),
            }
        }
        read
    }

    fn cannot_read(&mut self, store: &'static str, key: &str, sealed: &[u8]) {
        self.unreadable.push(Unreadable { store, key: key.to_owned(), sealed: sealed.to_vec() });
    }

    /// Entries that this version cannot read. They stay where they are and hold up nobody.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// The same for the sync panel.
    pub fn unreadable_entries(&self) -> Vec<UnreadableEntry> {
        let entry = |each: &Unreadable| UnreadableEntry {
            key: format!("{}/{}", each.store, each.key),
            bytes: each.sealed.len() as u64,
        };
        self.unreadable.iter().map(entry).collect()
    }

    /// The number of the next entry.
    pub fn next_number(&self) -> u64 {
        self.entries.last_key_value().map_or(self.free_from, |(number, _)| self.free_from.max(number + 1))
    }

    /// Is the command here, waiting or refused?
    pub fn holds(&self, command: CommandId) -> bool {
        self.numbers.contains_key(&command) || self.attention.contains_key(&command)
    }

    /// The outbox with what a second copy still has and this one has lost, in the order of the copy; each entry gets
    /// a fresh number. `None`: nothing was lost.
    pub fn completed(&self, copy: Vec<StoredEntry>) -> Option<Vec<(u64, StoredEntry)>> {
        if copy.iter().all(|stored| self.holds(stored.entry.id())) {
            return None;
        }
        let copied: BTreeSet<CommandId> = copy.iter().map(|stored| stored.entry.id()).collect();
        let waiting = copy.into_iter().filter(|stored| !self.attention.contains_key(&stored.entry.id()));
        // What stands here is newer than its copy.
        let waiting = waiting.map(|stored| self.entry(stored.entry.id()).cloned().unwrap_or(stored));
        let only_here = self.entries().filter(|stored| !copied.contains(&stored.entry.id())).cloned();
        Some((self.next_number()..).zip(waiting.chain(only_here)).collect())
    }

    /// The entries stand under other numbers on disk.
    pub fn renumber(&mut self, entries: Vec<(u64, StoredEntry)>) {
        self.entries.clear();
        self.numbers.clear();
        self.touching.clear();
        entries.into_iter().for_each(|(number, stored)| self.insert(number, stored));
    }

    /// The numbers in use.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.entries.keys().copied()
    }

    /// Does nothing wait for the server?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What a second copy has to hold: whatever waits, and what a person has not dealt with yet, as if it still waited.
    pub fn unsettled(&self) -> Vec<StoredEntry> {
        let refused = self.attention.values().filter(|each| !self.numbers.contains_key(&each.entry.id()));
        let refused = refused.map(|each| StoredEntry {
            entry: OutboxEntry { refused: false, ..each.entry.clone() },
            at: each.at,
        });
        refused.chain(self.entries().cloned()).collect()
    }

    /// The number of a command's entry.
    pub fn number(&self, command: CommandId) -> Option<u64> {
        self.numbers.get(&command).copied()
    }

    /// The entry of a command.
    pub fn entry(&self, command: CommandId) -> Option<&StoredEntry> {
        Some(&self.entries.get(self.numbers.get(&command)?)?.stored)
    }

    /// All entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &StoredEntry> {
        self.entries.values().map(|waiting| &waiting.stored)
    }

    /// All entries as the session and the replica want them.
    pub fn to_vec(&self) -> Vec<OutboxEntry> {
        self.entries().map(|stored| stored.entry.clone()).collect()
    }

    /// The commands about a document.
    pub fn about(&self, document: DocumentId) -> Vec<CommandId> {
        self.touching([&document]).map(|stored| stored.entry.id()).collect()
    }

    /// The entries about any of these documents; one about two of them comes twice.
    pub fn touching<'a>(
        &'a self,
        documents: impl IntoIterator<Item = &'a DocumentId>,
    ) -> impl Iterator<Item = &'a StoredEntry> {
        let numbers = documents.into_iter().filter_map(|id| self.touching.get(id)).flatten();
        numbers.filter_map(|number| self.entries.get(number)).map(|waiting| &waiting.stored)
    }

    /// A refused command.
    pub fn attention(&self, command: CommandId) -> Option<&AttentionEntry> {
        self.attention.get(&command)
    }

    /// All refused commands.
    pub fn all_attention(&self) -> impl Iterator<Item = &AttentionEntry> {
        self.attention.values()
    }

    /// The entry is on disk.
    pub fn insert(&mut self, number: u64, stored: StoredEntry) {
        self.take(number);
        self.numbers.insert(stored.entry.id(), number);
        for document in &stored.entry.documents {
            self.touching.entry(*document).or_default().insert(number);
        }
        let shown =
            pending(&stored, if stored.entry.held { PendingState::Held } else { PendingState::Saved });
        self.entries.insert(number, Waiting { stored, shown });
    }

    /// The entry is gone from disk.
    pub fn remove(&mut self, command: CommandId) -> Option<StoredEntry> {
        Some(self.take(*self.numbers.get(&command)?)?.stored)
    }

    fn take(&mut self, number: u64) -> Option<Waiting> {
        let taken = self.entries.remove(&number)?;
        self.numbers.remove(&taken.stored.entry.id());
        for document in &taken.stored.entry.documents {
            if let Entry::Occupied(mut numbers) = self.touching.entry(*document) {
                numbers.get_mut().remove(&number);
                if numbers.get().is_empty() {
                    numbers.remove();
                }
            }
        }
        Some(taken)
    }

    /// Commands to hand over, with the times they were made.
    pub fn deposit(&self, commands: Vec<PushedCommand>) -> Deposit {
        let commands = commands.into_iter().map(|command| {
            let made_at = self.entry(command.id).map_or_else(Timestamp::default, |stored| stored.at);
            DepositedCommand { command, made_at }
        });
        Deposit { commands: commands.collect() }
    }

    /// The server has the command.
    pub fn accept(&mut self, command: CommandId) {
        self.attention.remove(&command);
        let number = self.numbers.get(&command).copied();
        if let Some(taken) = number.and_then(|number| self.take(number)) {
            self.accepted.push_front(PendingCommand { state: PendingState::Accepted, ..taken.shown });
            self.accepted.truncate(SHOWN_ACCEPTED);
        }
    }

    /// Goes on showing what an earlier reading of the same database saw accepted.
    pub fn remember_accepted(&mut self, earlier: &Self) {
        self.accepted.clone_from(&earlier.accepted);
    }

    /// The refused command is on disk.
    pub fn set_attention(&mut self, entry: AttentionEntry) {
        self.attention.insert(entry.entry.id(), entry);
    }

    /// The refused command is gone from disk.
    pub fn clear_attention(&mut self, command: CommandId) {
        self.attention.remove(&command);
    }

    /// What the sync panel is told; `sending` are on their way.
    pub fn told(&self, sending: &BTreeSet<CommandId>) -> Told {
        let mut told = Told::default();
        told.pending.extend(self.attention.values().map(|entry| {
            let stored = StoredEntry { entry: entry.entry.clone(), at: entry.at };
            pending(&stored, attention_state(entry))
        }));
        let shown = self.entries.values().map(|waiting| &waiting.shown);
        let waiting = shown.filter(|shown| !self.attention.contains_key(&shown.command_id));
        for (index, shown) in waiting.enumerate() {
            // What the server holds is not unsent, and is not counted as such.
            let unsent = shown.state == PendingState::Saved;
            match shown.document {
                Some(document) if unsent && index >= SHOWN_WAITING => {
                    *told.beyond.entry(document).or_default() += 1;
                }
                _ => {
                    let mut shown = shown.clone();
                    if sending.contains(&shown.command_id) {
                        shown.state = PendingState::Sending;
                    }
                    told.pending.push(shown);
                }
            }
        }
        told.pending.extend(self.accepted.iter().cloned());
        told
    }
}

fn attention_state(entry: &AttentionEntry) -> PendingState {
    PendingState::Attention {
        code: entry.code.clone(),
        detail: entry.detail.clone(),
        intent: String::from_utf8_lossy(&entry.entry.command.intent).into_owned(),
        differences: entry.differences.iter().map(Into::into).collect(),
    }
}

fn pending(stored: &StoredEntry, state: PendingState) -> PendingCommand {
    let command: Option<Command> = intent(&stored.entry);
    let named = command.as_ref().and_then(|command| command.documents().first().map(|touch| touch.document));
    PendingCommand {
        command_id: stored.entry.id(),
        code: command_code(&stored.entry.command.intent),
        document: named.or_else(|| stored.entry.documents.first().copied()),
        at: stored.at,
        state,
    }
}

fn open<T: for<'b> minicbor::Decode<'b, ()>>(keys: Keys, store: &str, key: &str, sealed: &[u8]) -> Option<T> {
    decode(&codec::open(&keys, &codec::about(store, key), sealed).ok()?)
}

/// The command behind an entry, when this version knows it.
pub fn intent(entry: &OutboxEntry) -> Option<Command> {
    serde_json::from_slice(&entry.command.intent).ok()
}

/// Writes an outbox entry.
pub fn put_entry(batch: &mut Batch, number: u64, stored: &StoredEntry) {
    batch.put(OUTBOX, database::outbox_key(number), encode(stored));
}

/// Forgets an outbox entry.
pub fn delete_entry(batch: &mut Batch, number: u64) {
    batch.delete(OUTBOX, database::outbox_key(number));
}

/// Writes a refused command.
pub fn put_attention(batch: &mut Batch, entry: &AttentionEntry) {
    batch.put(ATTENTION, database::attention_key(entry.entry.id()), encode(entry));
}

/// Forgets a refused command.
pub fn delete_attention(batch: &mut Batch, command: CommandId) {
    batch.delete(ATTENTION, database::attention_key(command));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> CommandId {
        CommandId::from_bytes([n; 16])
    }

    fn stored(n: u8) -> StoredEntry {
        let document = DocumentId::from_bytes([n; 16]);
        let intent = format!(r#"{{"on":"work_order","do":"start_timer","id":"{document}"}}"#);
        let command = PushedCommand { id: id(n), intent: intent.into_bytes().into(), items: Vec::new() };
        StoredEntry {
            entry: OutboxEntry::new(command, vec![document]),
            at: Timestamp::from_millis(i64::from(n)),
        }
    }

    fn sealed(stored: &StoredEntry) -> Vec<u8> {
        codec::seal(&Keys::BARE, "", [0; 24], &encode(stored))
    }

    fn outbox(numbers: &[u8]) -> Outbox {
        let mut outbox = Outbox::default();
        numbers.iter().for_each(|n| outbox.insert(outbox.next_number(), stored(*n)));
        outbox
    }

    fn states(outbox: &Outbox) -> Vec<(CommandId, PendingState)> {
        let told = outbox.told(&BTreeSet::from([id(2)]));
        told.pending.into_iter().map(|each| (each.command_id, each.state)).collect()
    }

    #[test]
    fn entries_are_read_in_the_order_they_were_made() {
        let written = outbox(&[3, 1, 2]);
        let on_disk: Vec<_> = written
            .entries
            .iter()
            .map(|(number, waiting)| (database::outbox_key(*number), sealed(&waiting.stored)))
            .collect();
        let read = Outbox::read(Keys::BARE, &on_disk, &[]);
        let ids: Vec<_> = read.to_vec().iter().map(OutboxEntry::id).collect();
        assert_eq!(ids, [id(3), id(1), id(2)]);
        assert_eq!(read.next_number(), 3);
    }

    #[test]
    fn each_command_is_shown_once_with_what_became_of_it() {
        let mut outbox = outbox(&[1, 2, 3]);
        outbox.accept(id(1));
        let mut held = stored(4);
        held.entry.held = true;
        outbox.insert(9, held);
        let refused = outbox.entry(id(3)).unwrap().clone();
        outbox.set_attention(AttentionEntry {
            entry: refused.entry,
            at: refused.at,
            code: "not_permitted".to_owned(),
            detail: String::new(),
            differences: Vec::new(),
        });
        let states = states(&outbox);
        assert!(matches!(states[0], (command, PendingState::Attention { .. }) if command == id(3)));
        let others =
            [(id(2), PendingState::Sending), (id(4), PendingState::Held), (id(1), PendingState::Accepted)];
        assert_eq!(states[1..], others);
        assert_eq!(outbox.told(&BTreeSet::new()).pending[1].code, "work_order.start_timer");
    }

    #[test]
    fn a_remade_entry_takes_the_place_of_the_old_one() {
        let mut outbox = outbox(&[1, 2, 3]);
        outbox.insert(1, stored(9));
        let ids: Vec<_> = outbox.to_vec().iter().map(OutboxEntry::id).collect();
        assert_eq!(ids, [id(1), id(9), id(3)]);
        assert_eq!((outbox.number(id(2)), outbox.number(id(9))), (None, Some(1)));
        assert_eq!(outbox.about(DocumentId::from_bytes([9; 16])), [id(9)]);
    }

    #[test]
    fn of_a_season_of_work_the_first_are_named_and_the_others_counted() {
        let mut outbox = Outbox::default();
        for n in 0..1_000_u64 {
            let mut entry = stored((n % 4) as u8);
            entry.entry.command.id = CommandId::from_bytes((u128::from(n) + 7).to_be_bytes());
            outbox.insert(n, entry);
        }
        let mut held = stored(1);
        held.entry.held = true;
        outbox.insert(1_000, held);
        let told = outbox.told(&BTreeSet::new());
        assert_eq!(told.beyond.values().sum::<usize>(), 1_000 - SHOWN_WAITING, "what is held is not unsent");
        assert_eq!(told.pending.last().map(|each| &each.state), Some(&PendingState::Held));
        outbox.remove(id(1));

        let first = outbox.entries().next().unwrap().entry.id();
        let told = outbox.told(&BTreeSet::from([first]));
        assert_eq!(told.pending.len(), SHOWN_WAITING);
        assert_eq!(told.pending[0].state, PendingState::Sending);
        assert_eq!(told.beyond.values().sum::<usize>(), 1_000 - SHOWN_WAITING);
        assert_eq!(told.beyond.len(), 4);

        let third = DocumentId::from_bytes([3; 16]);
        assert_eq!(outbox.about(third).len(), 250);
        for command in outbox.about(third) {
            outbox.accept(command);
        }
        assert_eq!(outbox.touching([&third]).count(), 0);
        assert!(!outbox.told(&BTreeSet::new()).beyond.contains_key(&third));
        assert_eq!(outbox.entries().count(), 750);
    }

    #[test]
    fn entries_that_cannot_be_read_are_kept_and_never_written_over() {
        let newer_format = vec![9, 0, 1, 2];
        let damaged = codec::seal(&Keys::BARE, "", [0; 24], b"damaged");
        let on_disk = [
            (database::outbox_key(0), damaged.clone()),
            (database::outbox_key(1), sealed(&stored(1))),
            (database::outbox_key(2), newer_format.clone()),
        ];
        let refused = [(id(7).to_string(), vec![])];
        let mut read = Outbox::read(Keys::BARE, &on_disk, &refused);
        assert_eq!(read.to_vec().len(), 1, "the others go on");
        assert_eq!(read.next_number(), 3);
        read.accept(id(1));
        assert_eq!(read.next_number(), 3, "also when all others have gone");
        let kept: Vec<_> = read.unreadable().iter().map(|each| (each.store, each.sealed.clone())).collect();
        assert_eq!(kept, [(OUTBOX, damaged), (OUTBOX, newer_format), (ATTENTION, vec![])]);
        assert_eq!(read.unreadable_entries()[1].key, format!("outbox/{}", database::outbox_key(2)));
    }

    #[test]
    fn what_only_the_copy_has_comes_back_in_its_order() {
        let copy = || [1, 2, 3, 4].map(stored).to_vec();
        assert_eq!(outbox(&[1, 2, 3, 4]).completed(copy()), None);
        assert_eq!(outbox(&[1, 2, 3, 4, 5]).completed(copy()), None);

        let mut damaged = outbox(&[2, 5]);
        let mut marked = stored(2);
        marked.entry.refused = true;
        damaged.insert(0, marked);
        let refused = stored(3);
        damaged.set_attention(AttentionEntry {
            entry: refused.entry,
            at: refused.at,
            code: "not_permitted".to_owned(),
            detail: String::new(),
            differences: Vec::new(),
        });
        let whole = damaged.completed(copy()).unwrap();
        let ids: Vec<_> = whole.iter().map(|(number, stored)| (*number, stored.entry.id())).collect();
        assert_eq!(ids, [(2, id(1)), (3, id(2)), (4, id(4)), (5, id(5))]);
        assert!(whole[1].1.entry.refused, "what stands in the outbox counts");
        damaged.renumber(whole);
        assert_eq!((damaged.number(id(1)), damaged.next_number()), (Some(2), 6));
    }
}
