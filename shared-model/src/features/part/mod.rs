//! Parts: the catalogue of what goes into machines. How many lie where is the storerooms' matter; what they cost
//! are price records.

mod commands;
mod document;
mod summary;
#[cfg(test)]
mod tests;

pub use commands::{Command, FieldEdit, NewPart};
pub use document::{FIELDS, Part, read, scopes};
pub use summary::{PartSummary, summarise};
