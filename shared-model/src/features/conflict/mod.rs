//! Concurrent values and how people settle them. One value is shown and the others are listed on the field until
//! somebody keeps one; the decision is itself a change, and every value it met stays on the document.

mod commands;
#[cfg(test)]
mod tests;

pub use commands::Command;

use serde::{Deserialize, Serialize};

use crate::document::{ConcurrentValue, FieldValue, Reader};

/// Most bytes of the kept value, as the document remembers it.
pub const MAX_KEPT_BYTES: usize = 4_000;
/// Most bytes of the values a decision met, as the document remembers them.
pub const MAX_SEEN_BYTES: usize = 16_000;

/// Somebody settled a field with several values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Key inside the document.
    pub key: String,
    /// The field.
    pub field: String,
    /// The value that was kept.
    pub kept: String,
    /// Every value that stood there, as JSON of [`ConcurrentValue`]s.
    pub seen: String,
}

impl Decision {
    /// The values that stood there; none when this version cannot read them.
    pub fn seen_values(&self) -> Vec<ConcurrentValue> {
        serde_json::from_slice(self.seen.as_bytes()).unwrap_or_default()
    }
}

/// The decisions of a document, in the order of their keys.
pub fn decisions(root: &Reader<'_>) -> Vec<Decision> {
    let read = |(key, item): &(String, Reader<'_>)| Decision {
        key: key.clone(),
        field: item.required_str("field"),
        kept: item.str("kept").unwrap_or_default(),
        seen: item.str("seen").unwrap_or_default(),
    };
    root.map("decisions").items().iter().map(read).collect()
}

/// A value as a decision writes it down.
fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Null | FieldValue::Object => String::new(),
        FieldValue::Str(text) => text.clone(),
        FieldValue::Int(number) => number.to_string(),
        FieldValue::Bool(value) => value.to_string(),
        FieldValue::Timestamp(at) => at.as_millis().to_string(),
    }
}

/// The first `max` bytes, cut between characters.
fn clip(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The values as JSON of at most [`MAX_SEEN_BYTES`]; long strings are cut, never left out.
fn seen_text(values: &[ConcurrentValue]) -> String {
    let mut values = values.to_vec();
    let mut longest = MAX_KEPT_BYTES;
    loop {
        let text = serde_json::to_string(&values).unwrap_or_default();
        if text.len() <= MAX_SEEN_BYTES || longest == 0 {
            return text;
        }
        longest /= 2;
        for value in &mut values {
            if let FieldValue::Str(string) = &mut value.value {
                *string = clip(string, longest).to_owned();
            }
        }
    }
}
