//! storeroom.

mod document;

pub use document::FIELDS;
