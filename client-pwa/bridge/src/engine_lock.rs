//! One engine per database: who runs it, and when another tab takes over.
//!
//! # The rule
//!
//! Every tab asks for the exclusive Web Lock named [`crate::database::name`]. The tab that gets it posts
//! [`crate::ToApp::Starting`], starts `engine-worker.js` as a module worker and posts [`EngineStart::encode`] to it.
//! It keeps the lock until it closes; when the lock is stolen from it, it terminates its worker.
//!
//! The engine raises the fencing epoch in `meta` when it starts, and says [`crate::ToApp::Heartbeat`] every
//! [`HEARTBEAT_MS`]. Every other tab feeds what it hears to an [`EngineWatch`] and, while it is visible, asks it a
//! few times a second whether to steal the lock (`{steal: true}`): a frozen tab keeps its lock for ever, and its
//! worker says nothing. When the frozen tab wakes up, its engine finds a foreign epoch in its next transaction,
//! writes nothing and stops.
//!
//! The tab that holds the lock is patient with its own worker ([`OWN_MISSED_MS`]): a worker that is merely busy is
//! not ended in the middle of its work. One that gives no sign of life for so long is started anew.

use serde::{Deserialize, Serialize};
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::permission::Grants;

use crate::codec::Keys;
use crate::lock::Lock;

/// How often a living engine says so.
pub const HEARTBEAT_MS: u32 = 300;
/// How long a visible tab waits for the next heartbeat before it takes over.
pub const MISSED_MS: f64 = 1_000.0;
/// How long the tab that runs the engine waits for its own worker's next sign of life before it starts a new one.
pub const OWN_MISSED_MS: f64 = 10_000.0;
/// How long a tab waits for the first heartbeat of an engine that is being started.
pub const STARTING_MS: f64 = 10_000.0;
/// A pause between two looks at the clock that says this tab was asleep itself.
const ASLEEP_MS: f64 = 700.0;

/// The first message to the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineStart {
    /// The organisation of the database.
    pub organisation: OrganisationId,
    /// The person of the database.
    pub person: PersonId,
    /// This install.
    pub device: DeviceId,
    /// The rights the server answered a sign-in with; the engine keeps newer ones it holds itself.
    #[serde(default)]
    pub grants: Option<Grants>,
    /// What the registration of this install gave, for work of somebody who may not sign in any more.
    #[serde(default)]
    pub deposit_credential: Option<String>,
    /// Somebody who forgot how to unlock a database begins another one; the first is 0.
    #[serde(default)]
    pub generation: u32,
    /// A lock that an engine was given and may not have written.
    #[serde(default)]
    pub lock: Option<Lock>,
    /// How often it had been locked in this browser when it was unlocked for this engine.
    #[serde(default)]
    pub locked_before: u64,
    /// What the database is sealed under; nothing of it is stored.
    #[serde(default = "bare")]
    pub keys: Keys,
}

const fn bare() -> Keys {
    Keys::BARE
}

impl EngineStart {
    /// The text to post to the worker.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the text.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(text.as_bytes()).ok()
    }

    /// The folder of its journals.
    pub fn journal_folder(&self) -> String {
        crate::database::journal_folder(self.organisation, self.person, self.generation)
    }

    /// The name of the database, of the channel and of the lock.
    pub fn database(&self) -> String {
        crate::database::name(self.organisation, self.person, self.generation)
    }
}

/// Whose engine a tab watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The tab's own worker.
    Own,
    /// Another tab's.
    Other,
}

/// Watches for the life of the engine. Times are milliseconds of a clock that never goes back
/// (`performance.now()`).
#[derive(Clone, Copy, Debug)]
pub struct EngineWatch {
    epoch: Option<u64>,
    /// Until when another tab's engine may be silent.
    deadline: f64,
    /// The last sign of life.
    heard: f64,
    /// Has no engine lived since this tab last started its own?
    silent: bool,
    last_look: f64,
}

impl EngineWatch {
    /// A watch that begins now; an engine that is being started gets time to do so.
    pub fn new(now: f64) -> Self {
        Self { epoch: None, deadline: now + STARTING_MS, heard: now, silent: false, last_look: now }
    }

    /// This tab starts its own engine.
    pub fn begun(&mut self, now: f64) {
        self.silent = true;
        self.starting(now);
    }

    /// An engine is being started, here or in another tab.
    pub fn starting(&mut self, now: f64) {
        self.deadline = now + STARTING_MS;
        self.heard = now;
    }

    /// The engine lives. True when it is another engine than before: send unanswered commands and open views
    /// again. A heartbeat of an engine that was superseded counts for nothing.
    pub fn heartbeat(&mut self, now: f64, epoch: u64) -> bool {
        if self.epoch.is_some_and(|known| epoch < known) {
            return false;
        }
        self.deadline = now + MISSED_MS;
        self.heard = now;
        self.silent = false;
        self.epoch.replace(epoch) != Some(epoch)
    }

    /// Looks at the clock; true: steal the lock, or start the tab's own worker anew. Call it several times a second
    /// while the tab is visible. A tab that was asleep or hidden heard nothing because of itself and waits anew.
    pub fn is_engine_gone(&mut self, now: f64, whose: Whose) -> bool {
        let asleep = now - self.last_look > ASLEEP_MS;
        self.last_look = now;
        if asleep {
            self.deadline = self.deadline.max(now + MISSED_MS);
            self.heard = now;
        }
        match whose {
            Whose::Own => now > self.heard + OWN_MISSED_MS,
            Whose::Other => now > self.deadline,
        }
    }

    /// Was this tab's engine started, and has said nothing?
    pub const fn is_silent(&self) -> bool {
        self.silent
    }

    /// The epoch of the engine heard last.
    pub const fn epoch(&self) -> Option<u64> {
        self.epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone_at(watch: &mut EngineWatch, from: f64, to: f64) -> Option<f64> {
        looked_at(watch, Whose::Other, from, to)
    }

    /// Looks at the clock every 200 ms from `from` to `to`; the time the engine was declared gone.
    fn looked_at(watch: &mut EngineWatch, whose: Whose, from: f64, to: f64) -> Option<f64> {
        let mut now = from;
        while now <= to {
            if watch.is_engine_gone(now, whose) {
                return Some(now);
            }
            now += 200.0;
        }
        None
    }

    #[test]
    fn a_silent_engine_is_gone_after_a_second() {
        let mut watch = EngineWatch::new(0.0);
        assert!(watch.heartbeat(300.0, 7));
        assert!(!watch.heartbeat(600.0, 7));
        assert_eq!(gone_at(&mut watch, 600.0, 5_000.0), Some(1_800.0));
    }

    #[test]
    fn an_engine_being_started_is_waited_for() {
        let mut watch = EngineWatch::new(0.0);
        assert_eq!(gone_at(&mut watch, 0.0, 9_800.0), None);
        watch.starting(9_900.0);
        assert_eq!(gone_at(&mut watch, 10_000.0, 19_800.0), None);
        assert!(gone_at(&mut watch, 20_000.0, 30_000.0).is_some());
    }

    #[test]
    fn a_busy_worker_is_not_ended_by_its_own_tab() {
        let mut watch = EngineWatch::new(0.0);
        watch.heartbeat(0.0, 1);
        assert_eq!(looked_at(&mut watch, Whose::Own, 200.0, 9_800.0), None);
        watch.heartbeat(9_900.0, 1);
        assert_eq!(looked_at(&mut watch, Whose::Own, 10_000.0, 19_800.0), None);
        assert_eq!(looked_at(&mut watch, Whose::Own, 20_000.0, 30_000.0), Some(20_000.0));
    }

    #[test]
    fn a_long_start_with_signs_of_life_is_waited_for_and_a_silent_one_is_not() {
        let mut watch = EngineWatch::new(0.0);
        for second in 0..30 {
            let now = f64::from(second) * 1_000.0;
            watch.starting(now);
            assert_eq!(looked_at(&mut watch, Whose::Own, now, now + 800.0), None);
            assert_eq!(gone_at(&mut watch, now, now + 800.0), None);
        }
        assert_eq!(looked_at(&mut watch, Whose::Own, 29_800.0, 60_000.0), Some(39_200.0));
    }

    #[test]
    fn an_engine_that_never_spoke_is_told_from_one_that_died() {
        let mut watch = EngineWatch::new(0.0);
        watch.heartbeat(0.0, 7);
        watch.begun(1_000.0);
        assert!(!watch.heartbeat(1_100.0, 6) && watch.is_silent(), "a superseded engine speaks for nobody");
        watch.starting(2_000.0);
        assert!(watch.is_silent());
        watch.heartbeat(2_100.0, 8);
        assert!(!watch.is_silent());
    }

    #[test]
    fn a_tab_that_slept_gives_its_own_worker_all_its_time() {
        let mut watch = EngineWatch::new(0.0);
        watch.heartbeat(0.0, 1);
        assert!(!watch.is_engine_gone(60_000.0, Whose::Own));
        assert_eq!(looked_at(&mut watch, Whose::Own, 60_200.0, 80_000.0), Some(70_200.0));
    }

    #[test]
    fn a_tab_that_slept_waits_anew() {
        let mut watch = EngineWatch::new(0.0);
        watch.heartbeat(0.0, 1);
        assert!(!watch.is_engine_gone(60_000.0, Whose::Other));
        assert!(!watch.is_engine_gone(60_500.0, Whose::Other));
        assert!(!watch.is_engine_gone(61_000.0, Whose::Other));
        assert!(watch.is_engine_gone(61_100.0, Whose::Other));
    }

    #[test]
    fn a_superseded_engine_keeps_nobody_waiting() {
        let mut watch = EngineWatch::new(0.0);
        assert!(watch.heartbeat(0.0, 2));
        assert!(!watch.heartbeat(900.0, 1));
        assert_eq!(gone_at(&mut watch, 400.0, 2_000.0), Some(1_200.0));
        assert_eq!(watch.epoch(), Some(2));
        assert!(watch.heartbeat(1_300.0, 3));
    }

    #[test]
    fn the_start_message_survives_the_way() {
        let start = EngineStart {
            organisation: OrganisationId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            device: DeviceId::from_bytes([3; 16]),
            grants: None,
            deposit_credential: None,
            generation: 0,
            lock: None,
            locked_before: 2,
            keys: Keys::BARE,
        };
        assert_eq!(EngineStart::parse(&start.encode()), Some(start));
        assert_eq!(EngineStart::parse("{}"), None);
    }
}
