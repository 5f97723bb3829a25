//! The world: time, randomness, the queue of what happens next, and everything in it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use shared_model::identity::ActorId;
use shared_model::instant::Timestamp;

use super::devices::SimulatedDevice;
use super::happening::Happening;
use super::log::Log;
use super::model::Model;
use super::network::Wire;
use super::nodes::Node;
use super::people::Cast;

/// When every story begins: 1 November 2026.
const BEGINNING: i64 = 1_793_491_200_000;

pub struct World {
    /// Milliseconds since the story began.
    pub now: i64,
    /// Names the story.
    pub seed: u64,
    pub rng: SmallRng,
    pub log: Log,
    pub cast: Cast,
    pub nodes: Vec<Node>,
    pub devices: Vec<SimulatedDevice>,
    pub wires: BTreeMap<u64, Wire>,
    pub model: Model,
    /// Nothing goes wrong any more.
    pub calm: bool,
    pub happened: u64,
    trace: Sha256,
    queue: BTreeMap<(i64, u64), Happening>,
    queued: u64,
    pub last_wire: u64,
    verbose: bool,
}

impl World {
    pub fn new(seed: u64, verbose: bool) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let log = Log::new(rng.random());
        let nodes = (0..2_u8).map(|n| Node::new(ActorId::from_bytes([0xA0 + n; 16]))).collect();
        let cast = Cast::new(&mut rng);
        Self {
            now: 0,
            seed,
            rng,
            log,
            cast,
            nodes,
            devices: Vec::new(),
            wires: BTreeMap::new(),
            model: Model::default(),
            calm: false,
            happened: 0,
            trace: Sha256::new(),
            queue: BTreeMap::new(),
            queued: 0,
            last_wire: 0,
            verbose,
        }
    }

    /// The server's clock.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING + self.now)
    }

    /// Lets something happen after a random delay.
    pub fn later(&mut self, delay: RangeInclusive<i64>, happening: Happening) {
        let at = self.now + self.rng.random_range(delay);
        self.at(at, happening);
    }

    pub fn at(&mut self, at: i64, happening: Happening) {
        self.queued += 1;
        self.queue.insert((at, self.queued), happening);
    }

    /// True once in `n` times while things may go wrong.
    pub fn unlucky(&mut self, n: u32) -> bool {
        // The draw is made in calm times, too, so that the story does not depend on who asks.
        let hit = self.rng.random_ratio(1, n);
        hit && !self.calm
    }

    pub fn note(&mut self, what: &str) {
        self.trace.update(self.now.to_be_bytes());
        self.trace.update(what.as_bytes());
        if self.verbose {
            println!("{:>8} {what}", self.now);
        }
    }

    pub fn trace(&self) -> [u8; 32] {
        self.trace.clone().finalize().into()
    }

    /// Lets everything happen up to a point of time.
    pub fn run_until(&mut self, end: i64) {
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > end {
                break;
            }
            let ((at, _), happening) = entry.remove_entry();
            self.now = self.now.max(at);
            self.happened += 1;
            self.note(&happening.name());
            self.happen(happening);
        }
        self.now = end;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::DeviceWakes { device, start } => self.device_wakes(device, start),
            Happening::Dialed { device, start, connection } => self.dialed(device, start, connection),
            Happening::Packs { device, start, fetch, next } => {
                self.packs(device, start, fetch, next.as_deref());
            }
            Happening::PackComes { device, start, event } => self.pack_comes(device, start, event),
            Happening::Stores { device, start } => self.device_stores(device, start),
            Happening::Acts { device } => self.person_acts(device),
            Happening::SwitchedOn { device } => self.switch_on(device),
            Happening::InReach { device } => self.in_reach(device),
            Happening::ToNode { wire, frame } => self.reaches_node(wire, frame),
            Happening::ToDevice { wire, frame } => self.reaches_device(wire, frame),
            Happening::WireGone { wire, cause } => self.wire_gone(wire, cause),
            Happening::NodeWakes { wire } => self.node_wakes(wire),
            Happening::Reads { wire, effect } => self.node_reads(wire, effect),
            Happening::Judges { batch } => self.node_judges(batch),
            Happening::Commits { batch, judged } => self.node_commits(batch, judged),
            Happening::Acknowledges { batch } => self.node_acknowledges(batch),
            Happening::Polls { node } => self.node_polls(node),
            Happening::Hints { wire, seq } => self.node_hears(wire, seq),
            Happening::Rights { wire, grants } => self.node_hears_rights(wire, grants),
            Happening::NodeBack { node } => self.node_back(node),
            Happening::Fault => self.fault(),
        }
    }
}
