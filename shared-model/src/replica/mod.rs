//! A device's copy of what the server has: what becomes of the documents on a device when feed items, snapshots
//! or refusals arrive.
//!
//! Pure: whoever drives a [`DeviceSession`](crate::sync_protocol::DeviceSession) loads what a function names,
//! calls it, and writes what comes out in one transaction. Everything here may be done twice: known changes and
//! records are ignored. Commands that wait in the outbox are part of the documents on the device, and stay.

mod absorb;
mod apply;
mod check;
mod give_back;
mod overtaken;
mod rebuild;
#[cfg(test)]
mod tests;

pub use absorb::{
    Absorbed, OutOfOrder, Pending, Present, RawDocument, absorb_feed, absorb_fetched, absorb_pack,
    absorb_page, documents_in,
};
pub use apply::{ReplicaOutcome, apply, apply_snapshot};
pub use check::{differing, mark_saved};
pub use give_back::{Comparison, lacking};
pub use rebuild::{
    CHANGED_MEANWHILE, Rebuild, Rebuilt, Remade, SetAside, Widened, documents_read, rebuild, replay,
};
