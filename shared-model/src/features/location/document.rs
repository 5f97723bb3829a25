//! The fields of locations and how they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::{Anomaly, AnomalyKind, DocumentKind, Field, FieldConflict, FieldTable, Segment, Shape};
use crate::features::conflict::{Decision, decisions};
use crate::identity::DocumentId;
use crate::input::{MAX_CODE_BYTES, MAX_CUSTOM_BYTES, MAX_EXTERNAL_BYTES, MAX_NAME_BYTES};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::workspace::Aggregate;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::LocationEdit, step: 0 }
}

const fn decision(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ConflictResolve, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// Most bytes of a postal address.
pub const MAX_ADDRESS_BYTES: usize = 500;

/// The field table of locations.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Location,
    fields: &[
        field(&[Key("name")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("code")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("parent")], ID),
        field(&[Key("site")], ID),
        field(&[Key("address")], Shape::Str { max: MAX_ADDRESS_BYTES }),
        field(&[Key("time_zone")], Shape::Str { max: MAX_CODE_BYTES }),
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

/// A location, as its screen shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// A short code.
    pub code: Option<String>,
    /// The location it is in; a site is in none.
    pub parent: Option<DocumentId>,
    /// The site it belongs to; itself, when it is one.
    pub site: Option<DocumentId>,
    /// Postal address.
    pub address: Option<String>,
    /// IANA time zone, for example `Australia/Perth`.
    pub time_zone: Option<String>,
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

/// The scopes of a location: the organisation's catalogue, because everybody has to find their way.
pub fn scopes(_: &Aggregate) -> Vec<Scope> {
    vec![Scope::Kind(DocumentKind::Location)]
}

/// Reads a location. Never fails.
pub fn read(aggregate: &Aggregate) -> Location {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let parent: Option<DocumentId> = root.parsed("parent");
    let mut location = Location {
        id: aggregate.id,
        name: root.required_str("name"),
        code: root.str("code"),
        parent,
        site: root.parsed("site").or(parent.is_none().then_some(aggregate.id)),
        address: root.str("address"),
        time_zone: root.str("time_zone"),
        external: root.str("external"),
        custom: root.strings("custom"),
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.updated_at(),
    };
    if parent == Some(location.id) {
        root.note("parent", AnomalyKind::Cycle);
    }
    location.anomalies = hydrated.anomalies();
    location
}
