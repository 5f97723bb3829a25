//! Commands that wait for their answers: sent in order, a few at a time, and never dropped.

use std::collections::BTreeSet;

use super::clock::Instant;
use crate::identity::{CommandId, DocumentId};
use crate::sync_protocol::weight::{MAX_PUSH_WEIGHT, weight};
use crate::sync_protocol::{CommandResult, Fate, MAX_DEPOSIT_COMMANDS, OutboxEntry, PushedCommand};

/// Most commands on their way.
const WINDOW_COMMANDS: usize = 4;
/// Most bytes on their way.
const WINDOW_BYTES: usize = 256 * 1024;
/// A line that is slower is as good as none.
const SLOWEST_BYTES_A_MS: usize = 4;
/// How often a command may miss what nothing in the outbox brings, before it counts as refused.
const MAX_MISSES: u8 = 3;
/// How long such a command waits.
const MISS_MS: i64 = 1_000;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    slots: Vec<Slot>,
    held_until: Option<Instant>,
}

#[derive(Debug)]
struct Slot {
    entry: OutboxEntry,
    state: State,
    /// It was on its way once (perhaps before a restart), so the server may know it.
    ever_sent: bool,
    /// When it was sent last.
    sent_at: Instant,
    misses: u8,
    /// It may have failed only because one before it had not arrived: it waits for that one's answer.
    is_behind: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be sent (again).
    Waiting,
    /// On its way.
    Sent,
    /// The server has it: in its feed, up to this sequence number. Until the feed is stored here up to there, the server
    /// may still lose it to a backup that is restored, and nothing would show it.
    Taken(u64),
    /// The feed that holds it is stored; its fate is being stored.
    Accepted,
    /// Refused; it waits for the repair of its documents.
    Refused,
    /// It builds on a refused command, and waits for the same repair.
    Orphaned,
}

impl Slot {
    fn touches(&self, documents: &BTreeSet<DocumentId>) -> bool {
        self.entry.documents.iter().any(|id| documents.contains(id))
    }

    fn is_dead(&self) -> bool {
        matches!(self.state, State::Refused | State::Orphaned)
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Taken(_) | State::Accepted)
    }

    /// The server may have it without having answered.
    fn is_open(&self) -> bool {
        self.state == State::Sent || (self.state == State::Waiting && self.ever_sent)
    }
}

impl Outbox {
    pub(super) fn new(entries: Vec<OutboxEntry>) -> Self {
        let slot = |entry: OutboxEntry| Slot {
            state: if entry.refused { State::Refused } else { State::Waiting },
            entry,
            ever_sent: true,
            sent_at: Instant::default(),
            misses: 0,
            is_behind: false,
        };
        Self { slots: entries.into_iter().map(slot).collect(), ..Self::default() }
    }

    pub(super) fn saved(&mut self, entry: OutboxEntry) {
        if self.slots.iter().all(|slot| slot.entry.id() != entry.id()) {
            self.slots.push(Slot {
                entry,
                state: State::Waiting,
                ever_sent: false,
                sent_at: Instant::default(),
                misses: 0,
                is_behind: false,
            });
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.slots.iter().filter(|slot| !slot.is_done()).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What the server has not answered for, or has and has not sent back yet.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &OutboxEntry> {
        let is_under_way = |slot: &&Slot| matches!(slot.state, State::Sent | State::Taken(_));
        self.slots.iter().filter(is_under_way).map(|slot| &slot.entry)
    }

    /// What is on its way.
    pub(super) fn sent(&self) -> impl Iterator<Item = &OutboxEntry> {
        self.slots.iter().filter(|slot| slot.state == State::Sent).map(|slot| &slot.entry)
    }

    pub(super) const fn held_until(&self) -> Option<Instant> {
        self.held_until
    }

    /// When the oldest command on its way has waited for its answer for so long, beside what a slow line needs to take it
    /// there.
    pub(super) fn answer_due(&self, patience_ms: i64) -> Option<Instant> {
        let sent = self.slots.iter().filter(|slot| slot.state == State::Sent);
        let bytes: usize = self.sent().map(OutboxEntry::size).sum();
        let travel_ms = i64::try_from(bytes / SLOWEST_BYTES_A_MS).unwrap_or(i64::MAX);
        sent.map(|slot| slot.sent_at).min().map(|since| since.plus(patience_ms + travel_ms))
    }

    /// The commands to send now. Of the documents under repair only what may have been sent before goes out:
    /// its answer is needed, everything else is done again. What builds upon something the server may have lost waits
    /// until that is given back.
    pub(super) fn next(
        &mut self,
        now: Instant,
        under_repair: Option<&BTreeSet<DocumentId>>,
        owed: &BTreeSet<DocumentId>,
    ) -> Vec<PushedCommand> {
        if self.held_until.is_some_and(|until| until > now) {
            return Vec::new();
        }
        self.held_until = None;
        let (mut count, mut bytes) = self.sent().fold((0, 0), |(n, b), entry| (n + 1, b + entry.size()));
        let mut weighs: usize = self.sent().map(|entry| weight(&entry.command)).sum();
        let mut commands = Vec::new();
        for place in 0..self.slots.len() {
            let slot = &self.slots[place];
            let held = !slot.ever_sent && under_repair.is_some_and(|documents| slot.touches(documents));
            if slot.state != State::Waiting || held || (!owed.is_empty() && slot.touches(owed)) {
                continue;
            }
            if slot.is_behind && self.earlier(place, Slot::is_open) {
                continue;
            }
            let slot = &mut self.slots[place];
            let (size, more) = (slot.entry.size(), weight(&slot.entry.command));
            let is_too_much = bytes + size > WINDOW_BYTES || weighs + more > MAX_PUSH_WEIGHT;
            if count >= WINDOW_COMMANDS || (count > 0 && is_too_much) {
                break;
            }
            (count, bytes, weighs) = (count + 1, bytes + size, weighs + more);
            (slot.state, slot.ever_sent, slot.sent_at) = (State::Sent, true, now);
            commands.push(slot.entry.command.clone());
        }
        commands
    }

    /// Nothing is on its way any more; answers may have been lost.
    pub(super) fn disconnected(&mut self) {
        self.held_until = None;
        for slot in &mut self.slots {
            if matches!(slot.state, State::Sent | State::Taken(_)) {
                slot.state = State::Waiting;
            }
        }
    }

    /// Takes an answer in; returns the fate to store, if this is one.
    pub(super) fn answered(&mut self, now: Instant, id: CommandId, result: CommandResult) -> Option<Fate> {
        let place = self.slots.iter().position(|slot| slot.entry.id() == id && slot.state == State::Sent)?;
        match result {
            CommandResult::Accepted { seqs, .. } | CommandResult::Duplicate { seqs } => {
                self.slots[place].state = State::Taken(seqs.into_iter().max().unwrap_or(0));
                None
            }
            CommandResult::Retry { after_ms } => {
                self.slots[place].state = State::Waiting;
                self.hold(now, i64::try_from(after_ms).unwrap_or(i64::MAX));
                None
            }
            CommandResult::MissingDeps { .. } => self.missed(now, place),
            CommandResult::Rejected { code, detail } => {
                if self.earlier(place, Slot::is_open) {
                    // It may have failed only because one before it has not arrived yet.
                    return self.missed(now, place);
                }
                let slot = &mut self.slots[place];
                slot.state = State::Refused;
                slot.entry.refuse(&code);
                Some(Fate::Refused { code, detail })
            }
        }
    }

    /// The feed is stored up to here: what was taken before is safe.
    pub(super) fn fed(&mut self, seq: u64) -> Vec<CommandId> {
        let mut safe = Vec::new();
        for slot in &mut self.slots {
            if matches!(slot.state, State::Taken(at) if at <= seq) {
                slot.state = State::Accepted;
                safe.push(slot.entry.id());
            }
        }
        safe
    }

    fn missed(&mut self, now: Instant, place: usize) -> Option<Fate> {
        let open = self.earlier(place, Slot::is_open);
        let dead = self.earlier(place, Slot::is_dead);
        let slot = &mut self.slots[place];
        slot.state = State::Waiting;
        slot.is_behind = open;
        if open {
            return None;
        }
        if dead {
            slot.state = State::Orphaned;
            return None;
        }
        slot.misses += 1;
        if slot.misses < MAX_MISSES {
            self.hold(now, MISS_MS);
            return None;
        }
        slot.state = State::Refused;
        let (code, detail) = ("missing_deps", "the server does not have what this builds on");
        slot.entry.refuse(code);
        Some(Fate::Refused { code: code.to_owned(), detail: detail.to_owned() })
    }

    fn hold(&mut self, now: Instant, millis: i64) {
        self.held_until = self.held_until.max(Some(now.plus(millis)));
    }

    /// Does an earlier command that shares a document answer to `what`?
    fn earlier(&self, place: usize, what: impl Fn(&Slot) -> bool) -> bool {
        let documents: BTreeSet<DocumentId> = self.slots[place].entry.documents.iter().copied().collect();
        self.slots[..place].iter().any(|slot| what(slot) && slot.touches(&documents))
    }

    /// The next commands to offer for somebody to decide about: whatever was not refused and is not held yet.
    pub(super) fn to_deposit(&self) -> Vec<PushedCommand> {
        let offers = |slot: &&Slot| {
            !slot.entry.held && matches!(slot.state, State::Waiting | State::Sent | State::Orphaned)
        };
        let mut bytes = 0;
        let fits = |slot: &&Slot| {
            let is_first = bytes == 0;
            bytes += slot.entry.size();
            is_first || bytes <= WINDOW_BYTES
        };
        let next = self.slots.iter().filter(offers).take(MAX_DEPOSIT_COMMANDS).take_while(fits);
        next.map(|slot| slot.entry.command.clone()).collect()
    }

    /// That these are held is stored.
    pub(super) fn held(&mut self, commands: &[CommandId]) {
        for slot in self.slots.iter_mut().filter(|slot| commands.contains(&slot.entry.id())) {
            slot.entry.held = true;
        }
    }

    /// Accepted commands whose fate is stored.
    pub(super) fn settled(&mut self, commands: &[CommandId]) {
        self.slots.retain(|slot| slot.state != State::Accepted || !commands.contains(&slot.entry.id()));
    }

    /// Their fate could not be stored: send them again, the server says Duplicate.
    pub(super) fn unsettled(&mut self, commands: &[CommandId]) {
        for slot in self.slots.iter_mut().filter(|slot| commands.contains(&slot.entry.id())) {
            slot.state = State::Waiting;
            slot.entry.refused = false;
        }
    }

    /// Does anything that waits touch this document?
    pub(super) fn touches(&self, document: DocumentId) -> bool {
        self.slots.iter().any(|slot| slot.entry.documents.contains(&document))
    }

    /// The documents of refused commands, and all documents that waiting commands connect them with.
    pub(super) fn broken(&self, mut documents: BTreeSet<DocumentId>) -> BTreeSet<DocumentId> {
        for slot in self.slots.iter().filter(|slot| slot.is_dead()) {
            documents.extend(slot.entry.documents.iter().copied());
        }
        loop {
            let before = documents.len();
            let joined = self.slots.iter().filter(|slot| !slot.is_done());
            for slot in joined {
                if slot.touches(&documents) {
                    documents.extend(slot.entry.documents.iter().copied());
                }
            }
            if documents.len() == before {
                return documents;
            }
        }
    }

    /// Is every command that touches these documents answered, or never sent?
    pub(super) fn is_quiet(&self, documents: &BTreeSet<DocumentId>) -> bool {
        let busy = |slot: &Slot| slot.is_open() || slot.is_done();
        !self.slots.iter().any(|slot| busy(slot) && slot.touches(documents))
    }

    /// Refused commands that have been done again before: once is enough. Those that only stand upon a refused
    /// one are done again as often as it takes: each time one fewer is in their way. So are those whose document has a new
    /// root once more.
    pub(super) fn tried_enough(&self) -> Vec<CommandId> {
        let refused = |slot: &&Slot| slot.state == State::Refused;
        let tried_before = |slot: &&Slot| slot.entry.replays > 0 && !slot.entry.rerooted;
        let tried = self.slots.iter().filter(refused).filter(tried_before);
        tried.map(|slot| slot.entry.id()).collect()
    }

    pub(super) fn rebuilt(&mut self, removed: &[CommandId], added: &[OutboxEntry]) {
        self.slots.retain(|slot| !removed.contains(&slot.entry.id()));
        for entry in added {
            self.saved(entry.clone());
        }
    }
}
