//! Fields that a rule may take away from a role. A rule is about what stands under the first key of a field's path.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::document::{DocumentKind, Field, Segment};

/// A field by its kind of document and the first key of its path: `work_order/priority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldName {
    kind: DocumentKind,
    key: &'static str,
}

/// No rule is about these: the app keeps them by itself, or they are all that a permission is about.
const WITHOUT_RULES: &[&str] = &[
    "checklists",
    "decisions",
    "external",
    "origin",
    "origin_ref",
    "parts",
    "published",
    "requester",
    "retired",
    "timers",
    "versions",
];

impl FieldName {
    /// Every field that there can be a rule about.
    pub fn all() -> impl Iterator<Item = Self> {
        DocumentKind::ALL
            .iter()
            .flat_map(|kind| {
                let fields = kind.fields().fields.iter().filter(|field| field.path.len() == 1);
                fields.filter_map(key).map(|key| Self { kind: *kind, key })
            })
            .filter(|name| !WITHOUT_RULES.contains(&name.key))
    }

    /// The kind of document.
    pub const fn kind(self) -> DocumentKind {
        self.kind
    }

    /// The first key of its path.
    pub const fn key(self) -> &'static str {
        self.key
    }

    /// The stable code.
    pub fn code(self) -> String {
        format!("{}/{}", self.kind.code(), self.key)
    }

    /// The field with this code, if there can be a rule about it.
    pub fn from_code(code: &str) -> Option<Self> {
        let (kind, key) = code.split_once('/')?;
        Self::all().find(|name| name.kind.code() == kind && name.key == key)
    }

    /// What is written by whoever may write in it: of a map, an item.
    pub fn field(self) -> &'static Field {
        let fields = self.kind.fields().fields;
        let of_it = |field: &&Field| self.is_of(self.kind, field);
        fields.iter().rfind(of_it).unwrap_or(&fields[0])
    }

    /// Is this a field of that name, or one below it?
    pub fn is_of(self, kind: DocumentKind, field: &Field) -> bool {
        self.kind == kind && key(field) == Some(self.key)
    }

    /// Is no document begun without this field? A rule about it is about changing it.
    pub fn is_needed_to_begin(kind: DocumentKind, field: &Field) -> bool {
        key(field).is_some_and(|key| kind.begins_with().contains(&key))
    }
}

fn key(field: &Field) -> Option<&'static str> {
    match field.path.first() {
        Some(Segment::Key(key)) => Some(key),
        Some(Segment::Item) | None => None,
    }
}

impl Serialize for FieldName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.code())
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| D::Error::custom(format!("there is no rule about {code}")))
    }
}
