//! The connection: when to dial, when to give up, how long to wait.

use super::clock::Instant;
use super::packs::PackRun;
use super::{DeviceSession, Link};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::sync_protocol::{DeviceEffect, DeviceFrame, Disconnect, LoadProgress, PROTOCOL_VERSION};

const FIRST_BACKOFF_MS: u64 = 500;
/// However long a server was away, everybody is back within half a minute of its return.
const MAX_BACKOFF_MS: u64 = 20_000;
/// A device that says it is offline tries all the same after so long.
const OFFLINE_MS: u64 = 60_000;
/// A server gives turns to the second.
const TURN_MS: u64 = 1_000;
/// A connection that lasted so long was a good one: the next back-off starts small.
const GOOD_MS: i64 = 10_000;
/// A socket that does not open, or a server that does not welcome.
const GREETING_MS: i64 = 15_000;
/// After so long without a word the device asks.
const PING_MS: i64 = 15_000;
/// And gives up when no answer comes.
const PONG_MS: i64 = 10_000;
/// A server that is there but does not answer a question has lost it: ask again on another connection.
const ANSWER_MS: i64 = 30_000;

/// Full jitter: a delay drawn from all of `0..window`, the window doubling with each failure.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    pub(super) random: u64,
}

impl Backoff {
    pub(super) fn delay(&mut self, at_least_ms: u64) -> i64 {
        let window = FIRST_BACKOFF_MS.saturating_mul(1 << self.failures.min(16)).min(MAX_BACKOFF_MS);
        self.failures = self.failures.saturating_add(1);
        i64::try_from(at_least_ms.saturating_add(self.random % window)).unwrap_or(i64::MAX)
    }

    /// The server gave a turn to the second; within it, everybody draws their own moment.
    fn turn(&self, after_ms: u64) -> i64 {
        let after_ms = after_ms.min(OFFLINE_MS);
        i64::try_from(after_ms + self.random % TURN_MS).unwrap_or(i64::MAX)
    }
}

#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) state: State,
    pub(super) last_contact: Option<Timestamp>,
    last_connection: u64,
}

#[derive(Debug)]
pub(super) enum State {
    /// Not connected.
    Idle { retry_at: Option<Instant> },
    /// Not connected, and trying is no use.
    SignInNeeded,
    /// The socket is on its way.
    Dialing { connection: u64, since: Instant },
    /// Hello is said.
    Greeting { connection: u64, since: Instant },
    /// Welcome is heard.
    Open(Open),
}

impl Default for State {
    fn default() -> Self {
        Self::Idle { retry_at: None }
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Open {
    connection: u64,
    since: Instant,
    heard_at: Instant,
    pinged_at: Option<Instant>,
    /// The load under way; `None` when it is complete.
    pub(super) load: Option<Box<LoadRun>>,
    /// The feed has arrived (not necessarily been stored) up to here.
    pub(super) received: u64,
}

/// A load on this connection.
#[derive(Debug)]
pub(super) struct LoadRun {
    /// The load as it will be when everything that arrived is stored.
    pub(super) next: LoadProgress,
    /// When the page was asked for that has not come.
    pub(super) asked_at: Option<Instant>,
    /// The load goes by packs.
    pub(super) packs: Option<PackRun>,
    /// The last page or pack has come.
    pub(super) complete: bool,
}

impl Line {
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    pub(super) const fn open(&mut self) -> Option<&mut Open> {
        match &mut self.state {
            State::Open(open) => Some(open),
            _ => None,
        }
    }

    pub(super) const fn connection(&self) -> Option<u64> {
        match &self.state {
            State::Idle { .. } | State::SignInNeeded => None,
            State::Dialing { connection, .. }
            | State::Greeting { connection, .. }
            | State::Open(Open { connection, .. }) => Some(*connection),
        }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match &self.state {
            State::Idle { retry_at } => *retry_at,
            State::SignInNeeded => None,
            State::Dialing { since, .. } | State::Greeting { since, .. } => Some(since.plus(GREETING_MS)),
            State::Open(open) => Some(match open.pinged_at {
                Some(pinged) => pinged.plus(PONG_MS),
                None => open.heard_at.plus(PING_MS),
            }),
        }
    }

    /// Something arrived.
    pub(super) const fn heard(&mut self, now: Instant, wall: Timestamp) {
        self.last_contact = Some(wall);
        if let State::Open(open) = &mut self.state {
            open.heard_at = now;
            open.pinged_at = None;
        }
    }
}

impl DeviceSession {
    pub(super) fn tick(&mut self, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        if self.answer_due().is_some_and(|due| due <= now) {
            return self.hang_up(0, out);
        }
        self.pack_times_out(out);
        if self.line.due().is_none_or(|due| due > now) {
            return;
        }
        match &mut self.line.state {
            State::Idle { .. } | State::SignInNeeded => {}
            State::Open(open) if open.pinged_at.is_none() => {
                open.pinged_at = Some(now);
                self.ping(out);
            }
            State::Dialing { .. } | State::Greeting { .. } | State::Open(_) => self.hang_up(0, out),
        }
    }

    /// When the oldest open question has waited long enough.
    pub(super) fn answer_due(&self) -> Option<Instant> {
        let State::Open(open) = &self.line.state else { return None };
        let page = open.load.as_ref().and_then(|run| run.asked_at);
        let fetch = self.fetch.as_ref().map(|fetch| fetch.since);
        let oldest = [page, fetch, self.owed.since(), self.check.since()].into_iter().flatten().min();
        let due = oldest.map(|since| since.plus(ANSWER_MS));
        due.into_iter().chain(self.outbox.answer_due(ANSWER_MS)).min()
    }

    /// When the pack that is under way is lost, or the next one is to be asked for.
    pub(super) fn pack_due(&self) -> Option<Instant> {
        let State::Open(open) = &self.line.state else { return None };
        open.load.as_ref()?.packs.as_ref()?.due()
    }

    fn ping(&self, out: &mut Vec<DeviceEffect>) {
        let stored = self.standing.cursor.as_ref().map_or(0, |cursor| cursor.seq);
        self.send(&DeviceFrame::Ping { nonce: 0, stored }, out);
    }

    pub(super) fn online(&mut self, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        match &mut self.line.state {
            State::Idle { retry_at } => {
                *retry_at = Some(now);
                self.backoff.failures = 0;
            }
            State::SignInNeeded => self.line.state = State::Idle { retry_at: Some(now) },
            // The network may have changed under the socket: find out now rather than in 15 s.
            State::Open(open) if open.pinged_at.is_none() => {
                open.pinged_at = Some(now);
                self.ping(out);
            }
            State::Dialing { .. } | State::Greeting { .. } | State::Open(_) => {}
        }
    }

    pub(super) fn signed_in(&mut self) {
        if matches!(self.line.state, State::SignInNeeded | State::Idle { .. }) {
            self.line.state = State::Idle { retry_at: Some(self.clock.now()) };
        }
    }

    /// Browsers are wrong about this often enough to try all the same, now and then.
    pub(super) fn offline(&mut self, out: &mut Vec<DeviceEffect>) {
        self.hang_up(OFFLINE_MS, out);
    }

    pub(super) fn dial_when_due(&mut self, out: &mut Vec<DeviceEffect>) {
        let now = self.clock.now();
        let State::Idle { retry_at: Some(at) } = self.line.state else { return };
        // What the last connection brought must be stored first, or the next one would begin in the past.
        if at > now || !self.storage.is_empty() {
            return;
        }
        self.line.last_connection += 1;
        let connection = self.line.last_connection;
        self.line.state = State::Dialing { connection, since: now };
        out.push(DeviceEffect::Dial { connection });
    }

    pub(super) fn connected(&mut self, connection: u64, out: &mut Vec<DeviceEffect>) {
        let State::Dialing { connection: dialed, .. } = self.line.state else { return };
        if dialed != connection {
            return;
        }
        self.line.state = State::Greeting { connection, since: self.clock.now() };
        let standing = &self.standing;
        let (cursor, rights) = match &standing.load {
            Some(load) => (Some(load.from.clone()), load.rights.clone()),
            None => (standing.cursor.clone(), standing.rights.clone()),
        };
        let hello = DeviceFrame::Hello {
            protocol: PROTOCOL_VERSION,
            device: self.identity.device,
            actor: self.identity.actor,
            cursor,
            directory_version: standing.directory_version,
            loading: standing.load.is_some(),
            rights: rights.into(),
            packs: !self.packs.given_up,
            seen: standing.seen.clone(),
        };
        self.send(&hello, out);
    }

    pub(super) fn disconnected(&mut self, connection: u64, cause: Disconnect) {
        if self.line.connection() != Some(connection) {
            return;
        }
        match cause {
            Disconnect::Lost => self.wait(0),
            Disconnect::ComeBack { after_ms } => {
                let retry_at = self.clock.now().plus(self.backoff.turn(after_ms));
                self.closed(State::Idle { retry_at: Some(retry_at) });
            }
            Disconnect::SignInNeeded => self.closed(State::SignInNeeded),
        }
    }

    /// Closes the connection, if there is one, and dials again after the back-off.
    pub(super) fn hang_up(&mut self, at_least_ms: u64, out: &mut Vec<DeviceEffect>) {
        if let Some(connection) = self.line.connection() {
            out.push(DeviceEffect::HangUp { connection });
        }
        if !matches!(self.line.state, State::SignInNeeded) {
            self.wait(at_least_ms);
        }
    }

    pub(super) fn hang_up_until_signed_in(&mut self, out: &mut Vec<DeviceEffect>) {
        if let Some(connection) = self.line.connection() {
            out.push(DeviceEffect::HangUp { connection });
        }
        self.closed(State::SignInNeeded);
    }

    pub(super) fn wait(&mut self, at_least_ms: u64) {
        let now = self.clock.now();
        if let State::Open(open) = &self.line.state
            && now.since(open.since) >= GOOD_MS
        {
            self.backoff.failures = 0;
        }
        let retry_at = Some(now.plus(self.backoff.delay(at_least_ms)));
        self.closed(State::Idle { retry_at });
    }

    fn closed(&mut self, state: State) {
        self.line.state = state;
        self.deposits.begin_anew();
        self.outbox.disconnected();
        self.fetch = None;
        self.owed.interrupted();
        self.check.closed();
        self.repair_interrupted();
    }

    pub(super) fn welcomed(&mut self, load: Option<LoadRun>, received: u64) {
        let State::Greeting { connection, .. } = self.line.state else { return };
        let (now, load) = (self.clock.now(), load.map(Box::new));
        self.line.state =
            State::Open(Open { connection, since: now, heard_at: now, pinged_at: None, load, received });
        debug_assert!(!matches!(self.link(), Link::Offline { .. }), "an open line is not offline");
    }

    pub(super) fn ask_for_page(&self, after: Option<DocumentId>, out: &mut Vec<DeviceEffect>) {
        self.send(&DeviceFrame::NextSnapshots { after }, out);
    }
}
