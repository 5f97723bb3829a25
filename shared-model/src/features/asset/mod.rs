//! asset.

mod document;

pub use document::FIELDS;
