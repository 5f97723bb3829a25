//! part.

mod document;

pub use document::FIELDS;
