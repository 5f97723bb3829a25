//! location.

mod document;

pub use document::FIELDS;
