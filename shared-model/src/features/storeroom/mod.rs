//! Storerooms (also vans): where parts lie, how many there should be, and how many there are by the movements.

mod commands;
mod document;
mod summary;
#[cfg(test)]
mod tests;

pub use commands::{Command, FieldEdit, NewStoreroom};
pub use document::{FIELDS, SCOPE_FIELDS, StockRule, Storeroom, read, scopes};
pub use summary::{StockLine, StoreroomSummary, summarise};
