//! The field table: where a value may stand in a document, of which type, and what it takes to write it.
//!
//! One table per document kind serves the gate, authorisation, the edit door and the screens.

use automerge::ScalarValue;

use crate::document::DocumentKind;
use crate::permission::Permission;

/// One step of a path from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Exactly this key.
    Key(&'static str),
    /// Any key of a map whose items people add: 1 to 64 of `A–Z a–z 0–9 _ -`.
    Item,
}

/// The type of the value at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A map; made in genesis (or a schema step) unless its path has an [`Segment::Item`].
    Map,
    /// A text that several people write, at most `max` code points.
    Text {
        /// Most code points an honest device writes.
        max: usize,
    },
    /// A string that is replaced as a whole, at most `max` bytes; or null.
    Str {
        /// Most bytes.
        max: usize,
    },
    /// One of these codes; or null.
    Code(&'static [&'static str]),
    /// A signed whole number; or null.
    Int,
    /// True or false; or null.
    Bool,
    /// Milliseconds since the Unix epoch, as an Automerge timestamp; or null.
    Timestamp,
}

impl Shape {
    /// Does this scalar fit? Null clears any scalar field; containers take no scalar at all.
    /// Codes are checked for form only (a newer version may know more), at most 32 bytes.
    pub fn accepts(self, value: &ScalarValue) -> bool {
        match (self, value) {
            (Self::Map | Self::Text { .. }, _) => false,
            (_, ScalarValue::Null) => true,
            (Self::Str { max }, ScalarValue::Str(text)) => text.len() <= max,
            (Self::Code(_), ScalarValue::Str(text)) => !text.is_empty() && text.len() <= 32,
            (Self::Int, ScalarValue::Int(_))
            | (Self::Bool, ScalarValue::Boolean(_))
            | (Self::Timestamp, ScalarValue::Timestamp(_)) => true,
            _ => false,
        }
    }

    /// Is this an Automerge object rather than a scalar?
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Map | Self::Text { .. })
    }
}

/// One row of a field table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Steps from the root.
    pub path: &'static [Segment],
    /// Type of the value.
    pub shape: Shape,
    /// What it takes to write it.
    pub permission: Permission,
    /// The schema step that introduced it; 0 is genesis.
    pub step: u8,
}

/// All fields of one document kind.
#[derive(Debug)]
pub struct FieldTable {
    /// The kind.
    pub kind: DocumentKind,
    /// Its fields; containers stand before what they hold.
    pub fields: &'static [Field],
}

/// Is this a key that people's devices may use for an item they add?
pub fn is_item_key(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl FieldTable {
    /// The row for this path; `None` when no such field exists.
    pub fn field<S: AsRef<str>>(&self, path: &[S]) -> Option<&'static Field> {
        self.position(path).map(|at| &self.fields[at])
    }

    /// The number of the row for this path; `None` when no such field exists.
    pub fn position<S: AsRef<str>>(&self, path: &[S]) -> Option<usize> {
        self.fields.iter().position(|field| {
            field.path.len() == path.len()
                && field.path.iter().zip(path).all(|(segment, key)| match segment {
                    Segment::Key(name) => *name == key.as_ref(),
                    Segment::Item => is_item_key(key.as_ref()),
                })
        })
    }

    /// The containers that schema step `step` creates (0: genesis), outermost first.
    pub fn containers(&self, step: u8) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(move |field| {
            field.step == step
                && field.shape.is_container()
                && !field.path.iter().any(|segment| matches!(segment, Segment::Item))
        })
    }

    /// The greatest schema step of this kind.
    pub fn schema(&self) -> u8 {
        self.fields.iter().map(|field| field.step).max().unwrap_or(0)
    }
}
