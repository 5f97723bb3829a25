//! Locations: the tree of where things are. A location without a parent is a site.

mod commands;
mod document;
mod summary;
#[cfg(test)]
mod tests;

pub use commands::{Command, FieldEdit, NewLocation};
pub use document::{FIELDS, Location, MAX_ADDRESS_BYTES, read, scopes};
pub use summary::{LocationSummary, summarise};
