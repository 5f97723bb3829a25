//! The fields of parts and how they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::{Anomaly, DocumentKind, Field, FieldConflict, FieldTable, Segment, Shape};
use crate::features::conflict::{Decision, decisions};
use crate::identity::DocumentId;
use crate::input::{
    MAX_CODE_BYTES, MAX_CUSTOM_BYTES, MAX_EXTERNAL_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, MAX_TEXT_CHARS,
    MAX_UNIT_BYTES,
};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::workspace::Aggregate;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::PartEdit, step: 0 }
}

const fn decision(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ConflictResolve, step: 0 }
}

/// The field table of parts.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Part,
    fields: &[
        field(&[Key("number")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("name")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("description")], Shape::Text { max: MAX_TEXT_CHARS }),
        field(&[Key("category")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("unit")], Shape::Str { max: MAX_UNIT_BYTES }),
        field(&[Key("barcode")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("manufacturer")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("external")], Shape::Str { max: MAX_EXTERNAL_BYTES }),
        field(&[Key("custom")], Shape::Map),
        field(&[Key("custom"), Item], Shape::Str { max: MAX_CUSTOM_BYTES }),
        decision(&[Key("decisions")], Shape::Map),
        decision(&[Key("decisions"), Item], Shape::Map),
        decision(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        decision(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        decision(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};

/// A part, as its screen shows it. Prices are not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The document.
    pub id: DocumentId,
    /// Its number in the catalogue.
    pub number: String,
    /// What it is.
    pub name: String,
    /// More about it.
    pub description: String,
    /// Its group in the catalogue.
    pub category: Option<String>,
    /// What its quantities count, for example `pcs` or `l`.
    pub unit: String,
    /// What its bar code says.
    pub barcode: Option<String>,
    /// Who makes it.
    pub manufacturer: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Custom fields by key.
    pub custom: BTreeMap<String, String>,
    /// Fields with more than one value.
    pub conflicts: Vec<FieldConflict>,
    /// Conflicts that were settled.
    pub decisions: Vec<Decision>,
    /// What looked odd.
    pub anomalies: Vec<Anomaly>,
    /// When it was last edited, by the clock of that device.
    pub updated_at: Timestamp,
}

/// The scopes of a part: the organisation's catalogue.
pub fn scopes(_: &Aggregate) -> Vec<Scope> {
    vec![Scope::Kind(DocumentKind::Part)]
}

/// Reads a part. Never fails.
pub fn read(aggregate: &Aggregate) -> Part {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let mut part = Part {
        id: aggregate.id,
        number: root.required_str("number"),
        name: root.required_str("name"),
        description: root.text("description"),
        category: root.str("category"),
        unit: root.str("unit").unwrap_or_default(),
        barcode: root.str("barcode"),
        manufacturer: root.str("manufacturer"),
        external: root.str("external"),
        custom: root.strings("custom"),
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.updated_at(),
    };
    part.anomalies = hydrated.anomalies();
    part
}
