//! Repeatable chance and ids for the demo.

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use shared_model::features::Command;
use shared_model::identity::{CommandId, DocumentId, PersonId, RecordId, uuid_v7};
use shared_model::instant::Timestamp;

use super::{Deed, Phase};

/// Chance with a fixed seed.
pub struct Dice {
    random: SmallRng,
    now: Timestamp,
}

impl Dice {
    /// Dice that always fall the same way.
    pub fn new(seed: u64, now: Timestamp) -> Self {
        Self { random: SmallRng::seed_from_u64(seed), now }
    }

    /// A whole number from `from` to `to`, both included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        self.random.random_range(from..=to)
    }

    /// True in `percent` of a hundred throws.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// One of these; they must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        items.choose(&mut self.random).unwrap_or(&items[0])
    }

    /// A fresh document id.
    pub fn document(&mut self) -> DocumentId {
        DocumentId::from_uuid(uuid_v7(self.now, self.random.random()))
    }

    /// A fresh record id, as if made at `at`.
    pub fn record(&mut self, at: Timestamp) -> RecordId {
        RecordId::from_uuid(uuid_v7(at, self.random.random()))
    }

    /// A fresh short key for an item of a document.
    pub fn key(&mut self) -> String {
        format!("{:08x}", self.random.random::<u32>())
    }

    /// Something a person did.
    pub fn deed(&mut self, phase: Phase, at: Timestamp, person: PersonId, commands: Vec<Command>) -> Deed {
        Deed { id: self.command(), phase, at, person: Some(person), commands }
    }

    /// Something the server did.
    pub fn server_deed(&mut self, phase: Phase, at: Timestamp, commands: Vec<Command>) -> Deed {
        Deed { id: self.command(), phase, at, person: None, commands }
    }

    fn command(&mut self) -> CommandId {
        CommandId::from_uuid(uuid_v7(self.now, self.random.random()))
    }
}
