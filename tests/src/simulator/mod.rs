//! The seeded simulator: devices, server nodes and one log under every fault we can think of, with the real
//! commands, gate, judgement, sessions and replica. One seed is one story; the same seed is the same story.
//!
//! After the faults everything heals, and then within a bound: every outbox is empty, every device holds exactly
//! what its person may read, with the server's heads and rows, nothing acknowledged is lost, and whatever anybody
//! typed is in the log or waits under *needs attention* where it was typed.

mod checks;
mod devices;
mod faults;
mod happening;
mod kept;
mod log;
mod model;
mod network;
mod nodes;
mod packs;
mod people;
mod receipts;
mod restore;
mod roots;
mod rot;
mod skew;
mod story;
mod world;

pub use kept::{keep_seed, kept_seeds};
pub use story::{Outcome, run_seed, run_seeds};
