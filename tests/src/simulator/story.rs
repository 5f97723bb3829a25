//! One seed, one story: a busy time with faults, then quiet, then the checks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::Rng;
use sha2::{Digest, Sha256};
use shared_model::document::step;
use shared_model::identity::DeviceId;
use shared_model::sync_protocol::DeviceEvent;

use super::happening::Happening;
use super::world::World;
use crate::device::Person;

/// How long people work and things go wrong.
const BUSY_MS: i64 = 90_000;
/// How long the world may take to come to rest afterwards; a device that takes longer hangs.
const REST_MS: i64 = 300_000;
/// After so long every broken wire has been noticed and every changed right heard of.
const ECHO_MS: i64 = 40_000;

/// What became of a seed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// Names everything that happened.
    pub trace: [u8; 32],
    /// How many things happened.
    pub happened: u64,
    /// How many commands people gave.
    pub commands: usize,
    /// How many faults there were.
    pub faults: u64,
    /// How often a commit lost a race.
    pub races: u64,
    /// How many sound commands were refused.
    pub refused: u64,
    /// How many documents were deleted.
    pub deleted: usize,
    /// How many documents got a new root.
    pub rerooted: usize,
    /// How many commands an older node did not understand.
    pub not_understood: u64,
    /// How many commands ended under *needs attention*.
    pub set_aside: usize,
    /// What was not as it should be.
    pub broken: Option<String>,
}

/// Runs one story. It never panics: a panic inside is what was broken.
pub fn run_seed(seed: u64, verbose: bool) -> Outcome {
    let mut world = World::new(seed, verbose);
    let told = catch_unwind(AssertUnwindSafe(|| world.tell()));
    let broken = told.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    });
    Outcome {
        seed,
        trace: world.trace(),
        happened: world.happened,
        commands: world.model.said.len(),
        faults: world.model.faults,
        races: world.model.races,
        refused: world.model.refused,
        deleted: world.model.deleted.len(),
        rerooted: world.model.rerooted.len(),
        not_understood: world.model.not_understood,
        set_aside: world.devices.iter().map(|device| device.store().attention.len()).sum(),
        broken: broken.err(),
    }
}

/// Runs many stories on all processors. Returns the outcomes in order and one trace over all of them.
pub fn run_seeds(seeds: impl IntoIterator<Item = u64>) -> (Vec<Outcome>, [u8; 32]) {
    let seeds: Vec<u64> = seeds.into_iter().collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some(seed) = seeds.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                done.push(run_seed(*seed, false));
            }
            done
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    outcomes.sort_by_key(|outcome| outcome.seed);
    let mut trace = Sha256::new();
    outcomes.iter().for_each(|outcome| trace.update(outcome.trace));
    (outcomes, trace.finalize().into())
}

impl World {
    fn tell(&mut self) -> Result<(), String> {
        self.begin();
        self.run_until(BUSY_MS);
        self.heal();
        self.rest()?;
        if self.model.skew {
            self.try_again();
            self.rest()?;
        }
        self.compare_copies()?;
        self.note(&format!("{:?}", self.log.head()));
        self.check()
    }

    fn begin(&mut self) {
        self.model.rights_change = self.rng.random_bool(0.5);
        self.model.refusals = self.rng.random_bool(0.4);
        self.model.restores = self.rng.random_bool(0.3);
        // What a backup took and a disk lost is on no device any more.
        self.model.rots = !self.model.restores && self.rng.random_bool(0.4);
        // Not drawn, so that the other stories stay what they were.
        self.model.deletions = self.seed % 5 < 2;
        self.model.horizons = self.seed % 4 == 1;
        // What a backup lacks of a document upon another root waits for an operator.
        self.model.roots = self.seed % 3 == 2 && !self.model.restores;
        // What an older node would not give back is not told in these stories.
        self.model.skew = self.seed % 11 == 1 && !self.model.restores;
        // They hide nothing behind rights that changed.
        self.model.rights_change &= !self.model.skew;
        self.furnish();
        self.roll(0);
        for number in 0..self.rng.random_range(3..=5_u8) {
            let person = self.cast.people[usize::from(number) % self.cast.people.len()].person;
            let person = if self.rng.random_ratio(1, 4) { self.cast.people[0].person } else { person };
            let whose = Person { person, device: DeviceId::from_bytes([0xD0 + number; 16]) };
            self.add_device(whose, 22);
        }
        for device in 0..self.devices.len() {
            self.later(0..=2_000, Happening::SwitchedOn { device });
            self.later(500..=6_000, Happening::Acts { device });
        }
        for node in 0..self.nodes.len() {
            self.later(0..=2_000, Happening::Polls { node });
        }
        self.later(2_000..=8_000, Happening::Fault);
    }

    fn heal(&mut self) {
        self.note("all is well");
        self.calm = true;
        // The last older node is replaced.
        let older: Vec<usize> =
            (0..self.nodes.len()).filter(|node| self.nodes[*node].schema < step::SCHEMA).collect();
        older.into_iter().for_each(|node| self.crash(node));
        for node in &mut self.nodes {
            node.up = true;
        }
        for device in 0..self.devices.len() {
            self.devices[device].acts_left = 0;
            self.switch_on(device);
            self.in_reach(device);
        }
    }

    /// Everybody asks whether their copy is right; what is not is put right.
    fn compare_copies(&mut self) -> Result<(), String> {
        for device in 0..self.devices.len() {
            self.device_handles(device, DeviceEvent::CheckCopy);
        }
        self.rest()
    }

    fn rest(&mut self) -> Result<(), String> {
        let end = self.now + REST_MS;
        self.run_until(self.now + ECHO_MS);
        loop {
            let Some(unrest) = self.unrest() else { return Ok(()) };
            if self.now >= end {
                return Err(format!("no rest: {unrest}"));
            }
            self.run_until(self.now + 500);
        }
    }
}
