//! A device without a browser: the sync session and the replica over a store in memory. The simulator and the
//! headless device drive it; every storing transaction is one step, so that it can be killed between any two.

mod check;
mod give_back;
mod memory;
mod store;

pub use memory::{Device, Person, Random, bytes, random_tail};
pub use store::{DeviceStore, SetAsideCommand, StoredCopy, items_of};
