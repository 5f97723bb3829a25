//! The device's end: connection, load, feed, outbox. It owns all protocol state; what must survive is stored by
//! the driver, in the transactions the effects name.

mod check;
mod clock;
mod deposits;
mod fetch;
mod frames;
mod give_back;
mod line;
mod outbox;
mod packs;
mod repair;
mod storage;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::check::Check;
use self::clock::{Clock, Instant};
use self::deposits::Deposits;
use self::fetch::Fetch;
use self::give_back::Owed;
use self::line::{Backoff, Line};
use self::outbox::Outbox;
use self::packs::Packs;
use self::repair::Repair;
use self::storage::Storage;
use crate::identity::{ActorId, CommandId, DeviceId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{DeviceEffect, DeviceEvent, DeviceFrame, LoadProgress, OutboxEntry, Standing};

/// Who the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// The device.
    pub device: DeviceId,
    /// The actor of this engine start.
    pub actor: ActorId,
}

/// How the device is connected, for the sync panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not connected; the next attempt, if one is planned.
    Offline {
        /// When.
        retry_at: Option<Timestamp>,
    },
    /// Not connected until somebody signs in.
    SignInNeeded,
    /// On the way.
    Connecting,
    /// A load is under way.
    Loading {
        /// Documents stored.
        loaded: u64,
        /// About how many there are.
        documents: u64,
    },
    /// Connected; the feed comes as it grows.
    Live,
}

/// What the sync panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// How the device is connected.
    pub link: Link,
    /// Commands that wait for an answer.
    pub waiting: usize,
    /// Of these, commands on their way.
    pub sending: usize,
    /// When the server last said anything.
    pub last_contact: Option<Timestamp>,
}

/// The device's end of the protocol.
///
/// Contract of the driver: effects are carried out in order; storing effects one after the other, each answered
/// by `Stored` or `StoreFailed`; `Saved` and `Stored` arrive in the order in which their transactions completed.
/// After `StoreFailed` nothing needs to be undone: the session connects again and the server repeats itself.
#[derive(Debug)]
pub struct DeviceSession {
    identity: DeviceIdentity,
    clock: Clock,
    line: Line,
    backoff: Backoff,
    packs: Packs,
    deposits: Deposits,
    storage: Storage,
    /// Where the stored copy stands.
    standing: Standing,
    outbox: Outbox,
    /// Documents to fetch whole once nothing of theirs waits in the outbox.
    wanted: BTreeSet<DocumentId>,
    wanted_after: Instant,
    /// Documents that are not what the server has, although nothing of theirs was refused.
    unsound: BTreeSet<DocumentId>,
    /// How often a document came whole and could not be merged with what is here.
    unmerged: BTreeMap<DocumentId, u8>,
    fetch: Option<Fetch>,
    repair: Option<Repair>,
    owed: Owed,
    check: Check,
}

impl DeviceSession {
    /// A session over what the store holds: where the copy stands, the outbox in order, the documents to fetch whole,
    /// and those of which the server may lack something. It does nothing until the first event ([`DeviceEvent::Online`] to connect).
    pub fn new(
        identity: DeviceIdentity,
        standing: Standing,
        outbox: Vec<OutboxEntry>,
        wanted: Vec<DocumentId>,
        owed: Vec<DocumentId>,
    ) -> Self {
        let mut session = Self {
            identity,
            clock: Clock::default(),
            line: Line::default(),
            backoff: Backoff::default(),
            packs: Packs::default(),
            deposits: Deposits::default(),
            storage: Storage::default(),
            standing,
            outbox: Outbox::new(outbox),
            wanted: wanted.into_iter().collect(),
            wanted_after: Instant::default(),
            unsound: BTreeSet::new(),
            unmerged: BTreeMap::new(),
            fetch: None,
            repair: None,
            owed: Owed::new(owed),
            check: Check::default(),
        };
        session.note_refusals();
        session
    }

    /// What to do about `event`. `now` is the device's clock, which may jump; `random` is a fresh random number.
    pub fn handle(&mut self, now: Timestamp, random: u64, event: DeviceEvent) -> Vec<DeviceEffect> {
        self.clock.advance(now);
        self.backoff.random = random;
        self.packs.backoff.random = random;
        let mut out = Vec::new();
        match event {
            DeviceEvent::Tick => self.tick(&mut out),
            DeviceEvent::Online => self.online(&mut out),
            DeviceEvent::SignedIn => self.signed_in(),
            DeviceEvent::Offline => self.offline(&mut out),
            DeviceEvent::Connected { connection } => self.connected(connection, &mut out),
            DeviceEvent::Disconnected { connection, cause } => self.disconnected(connection, cause),
            DeviceEvent::Received { connection, frame } => self.received(connection, &frame, &mut out),
            DeviceEvent::PackArrived { fetch, bytes } => self.pack_arrived(fetch, &bytes, &mut out),
            DeviceEvent::PackFailed { fetch, cause } => self.pack_failed(fetch, cause, &mut out),
            DeviceEvent::Deposited { deposit, held } => self.deposited(deposit, held, &mut out),
            DeviceEvent::DepositFailed { deposit, cause } => self.deposit_failed(deposit, cause),
            DeviceEvent::Wanted { documents } => {
                self.wanted.extend(documents);
                self.wanted_after = self.clock.now();
            }
            DeviceEvent::CheckCopy => self.check_called_for(),
            DeviceEvent::Saved(entry) => {
                self.check.touch(entry.documents.iter().copied());
                self.outbox.saved(entry);
            }
            DeviceEvent::Stored { ticket, report } => self.stored(ticket, report, &mut out),
            DeviceEvent::StoreFailed { ticket } => self.store_failed(ticket, &mut out),
        }
        self.dial_when_due(&mut out);
        self.go_on(&mut out);
        out
    }

    /// When to pass a [`DeviceEvent::Tick`] at the latest; `None`: not at all.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let waits = self.line.is_open() && !self.wanted.is_empty() && self.fetch.is_none();
        let wanted = waits.then_some(self.wanted_after).filter(|at| *at > self.clock.now());
        let outbox = self.line.is_open().then(|| self.outbox.held_until()).flatten();
        // Before it dials, what is being stored must end, and that is an event of its own.
        let waits_for_storage = self.line.connection().is_none() && !self.storage.is_empty();
        let line = self.line.due().filter(|_| !waits_for_storage);
        let owed = self.line.is_open().then(|| self.owed.due()).flatten();
        let check = self.line.is_open().then(|| self.check.due()).flatten();
        let later = |at: &Instant| *at > self.clock.now();
        [line, self.answer_due(), self.pack_due(), wanted]
            .into_iter()
            .chain([outbox, owed, check].map(|due| due.filter(later)))
            .flatten()
            .min()
            .map(|due| self.clock.wall(due))
    }

    /// What the sync panel shows.
    pub fn status(&self) -> Status {
        Status {
            link: self.link(),
            waiting: self.outbox.waiting(),
            sending: self.outbox.under_way().count(),
            last_contact: self.line.last_contact,
        }
    }

    /// The commands that are on their way at the moment.
    pub fn sending(&self) -> BTreeSet<CommandId> {
        self.outbox.under_way().map(OutboxEntry::id).collect()
    }

    /// Where the stored copy stands.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Is nothing left to say, to fetch or to store? (Tests wait for this.)
    pub fn is_settled(&self) -> bool {
        self.storage.is_empty()
            && self.wanted.is_empty()
            && self.repair.is_none()
            && self.unsound.is_empty()
            && self.owed.documents.is_empty()
            && self.outbox.is_empty()
            && self.check.rests(self.clock.now())
            && self.link() == Link::Live
    }

    fn link(&self) -> Link {
        let loading = |load: &LoadProgress| Link::Loading { loaded: load.loaded, documents: load.documents };
        match (&self.line.state, &self.standing.load) {
            (line::State::Idle { retry_at }, _) => {
                Link::Offline { retry_at: retry_at.map(|at| self.clock.wall(at)) }
            }
            (line::State::SignInNeeded, _) => Link::SignInNeeded,
            (line::State::Dialing { .. } | line::State::Greeting { .. }, _) => Link::Connecting,
            (line::State::Open(open), stored) => match (&open.load, stored) {
                (Some(_), Some(stored)) => loading(stored),
                (Some(run), None) => loading(&run.next),
                (None, _) => Link::Live,
            },
        }
    }

    /// Whatever can go on now: repairs, commands, fetches.
    fn go_on(&mut self, out: &mut Vec<DeviceEffect>) {
        if !self.line.is_open() {
            return self.next_deposit(out);
        }
        self.next_pack(out);
        self.give_back_on(out);
        self.repair_on(out);
        if !self.compares_whole_copy() {
            let held = self.repair.as_ref().map(|repair| &repair.documents);
            let commands = self.outbox.next(self.clock.now(), held, &self.owed.documents);
            if !commands.is_empty() {
                self.send(&DeviceFrame::Push { commands }, out);
            }
        }
        self.fetch_wanted(out);
        self.check_on(out);
    }

    /// Is it still unknown what a server that lost its history lacks? What waits may build upon that.
    fn compares_whole_copy(&mut self) -> bool {
        self.line.open().and_then(|open| open.load.as_ref()).is_some_and(|run| !run.next.sweep)
    }

    fn send(&self, frame: &DeviceFrame, out: &mut Vec<DeviceEffect>) {
        if let Some(connection) = self.line.connection() {
            out.push(DeviceEffect::Send { connection, frame: frame.encode() });
        }
    }
}
