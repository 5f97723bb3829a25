//! Sending, honestly: where every change of this device stands, what the device holds, and what can be done.

mod change_row;
mod panel;
mod status;
mod storage;

pub use status::{Place, SyncLine};
