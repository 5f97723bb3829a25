//! The fields of assets and how they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AssetStatus, Criticality, Level};
use crate::document::{
    Anomaly, AnomalyKind, DocumentKind, Field, FieldConflict, FieldTable, Reader, Segment, Shape,
};
use crate::features::comment::{CommentLine, comments};
use crate::features::conflict::{Decision, decisions};
use crate::features::meter_reading::{MeterReadingLine, readings};
use crate::identity::DocumentId;
use crate::input::{
    MAX_CODE_BYTES, MAX_CUSTOM_BYTES, MAX_EXTERNAL_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, MAX_TEXT_CHARS,
    MAX_UNIT_BYTES,
};
use crate::instant::Timestamp;
use crate::permission::{Permission, Scope};
use crate::workspace::Aggregate;

use Permission::ConflictResolve;
use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::AssetEdit, step: 0 }
}

const fn decision(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: ConflictResolve, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of assets.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Asset,
    fields: &[
        field(&[Key("tag")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("name")], Shape::Str { max: MAX_NAME_BYTES }),
        field(&[Key("description")], Shape::Text { max: MAX_TEXT_CHARS }),
        field(&[Key("type")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("level")], Shape::Code(Level::CODES)),
        field(&[Key("parent")], ID),
        field(&[Key("site")], ID),
        field(&[Key("location")], ID),
        field(&[Key("serial")], Shape::Str { max: MAX_CODE_BYTES }),
        field(&[Key("manufacturer")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("model")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("criticality")], Shape::Code(Criticality::CODES)),
        field(&[Key("status")], Shape::Code(AssetStatus::CODES)),
        field(&[Key("warranty_until")], Shape::Timestamp),
        field(&[Key("installed")], Shape::Timestamp),
        field(&[Key("latitude")], Shape::Int),
        field(&[Key("longitude")], Shape::Int),
        field(&[Key("code")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("external")], Shape::Str { max: MAX_EXTERNAL_BYTES }),
        field(&[Key("meters")], Shape::Map),
        field(&[Key("meters"), Item], Shape::Map),
        field(&[Key("meters"), Item, Key("name")], Shape::Str { max: MAX_LABEL_BYTES }),
        field(&[Key("meters"), Item, Key("unit")], Shape::Str { max: MAX_UNIT_BYTES }),
        field(&[Key("spares")], Shape::Map),
        field(&[Key("spares"), Item], Shape::Bool),
        field(&[Key("custom")], Shape::Map),
        field(&[Key("custom"), Item], Shape::Str { max: MAX_CUSTOM_BYTES }),
        decision(&[Key("decisions")], Shape::Map),
        decision(&[Key("decisions"), Item], Shape::Map),
        decision(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        decision(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        decision(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};

/// Something on an asset that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// Fresh key inside the asset.
    pub key: String,
    /// What it counts or measures.
    pub name: String,
    /// In which unit.
    pub unit: String,
}

/// A point on the earth (WGS 84), in millionths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// North of the equator.
    pub latitude: i64,
    /// East of Greenwich.
    pub longitude: i64,
}

/// An asset with everything that belongs to it, as its screen shows it. Costs are not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// The document.
    pub id: DocumentId,
    /// What people call it by; meant to be unique in the organisation.
    pub tag: String,
    /// What it is.
    pub name: String,
    /// More about it.
    pub description: String,
    /// Its type, for example `centrifugal pump`.
    #[serde(rename = "type")]
    pub asset_type: Option<String>,
    /// Where in the tree it belongs.
    pub level: Level,
    /// The asset it is a part of.
    pub parent: Option<DocumentId>,
    /// The site.
    pub site: Option<DocumentId>,
    /// The location.
    pub location: Option<DocumentId>,
    /// Serial number.
    pub serial: Option<String>,
    /// Who made it.
    pub manufacturer: Option<String>,
    /// Which model it is.
    pub model: Option<String>,
    /// How much depends on it.
    pub criticality: Option<Criticality>,
    /// How it does.
    pub status: AssetStatus,
    /// When its warranty ends.
    pub warranty_until: Option<Timestamp>,
    /// When it was installed.
    pub installed: Option<Timestamp>,
    /// Where on earth it is.
    pub position: Option<Position>,
    /// What its QR or bar code says.
    pub code: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Its meters.
    pub meters: Vec<Meter>,
    /// Parts it takes.
    pub spares: Vec<DocumentId>,
    /// Custom fields by key.
    pub custom: BTreeMap<String, String>,
    /// What its meters showed.
    pub readings: Vec<MeterReadingLine>,
    /// The thread.
    pub comments: Vec<CommentLine>,
    /// Fields with more than one value.
    pub conflicts: Vec<FieldConflict>,
    /// Conflicts that were settled.
    pub decisions: Vec<Decision>,
    /// What looked odd.
    pub anomalies: Vec<Anomaly>,
    /// When it was last edited or written about, by the clock of that device.
    pub updated_at: Timestamp,
}

/// The keys at the root that [`scopes`] reads.
pub const SCOPE_FIELDS: &[&str] = &["site"];

/// The scopes of an asset: its site, or the organisation's catalogue when it has none.
pub fn scopes(aggregate: &Aggregate) -> Vec<Scope> {
    vec![aggregate.document.peek("site").map_or(Scope::Kind(DocumentKind::Asset), Scope::Site)]
}

/// Does the asset have a meter with this key?
pub fn has_meter(aggregate: &Aggregate, key: &str) -> bool {
    aggregate.document.hydrate().root().map("meters").keys().contains(key)
}

/// Reads an asset with its records. Never fails.
pub fn read(aggregate: &Aggregate) -> Asset {
    let hydrated = aggregate.document.hydrate();
    let root = hydrated.root();
    let mut asset = Asset {
        id: aggregate.id,
        tag: root.required_str("tag"),
        name: root.required_str("name"),
        description: root.text("description"),
        asset_type: root.str("type"),
        level: root.code("level", Level::from_code).unwrap_or(Level::EquipmentUnit),
        parent: root.parsed("parent"),
        site: root.parsed("site"),
        location: root.parsed("location"),
        serial: root.str("serial"),
        manufacturer: root.str("manufacturer"),
        model: root.str("model"),
        criticality: root.code("criticality", Criticality::from_code),
        status: root.code("status", AssetStatus::from_code).unwrap_or(AssetStatus::Operating),
        warranty_until: root.timestamp("warranty_until"),
        installed: root.timestamp("installed"),
        position: read_position(&root),
        code: root.str("code"),
        external: root.str("external"),
        meters: root.map("meters").items().iter().map(|(key, meter)| read_meter(key, meter)).collect(),
        spares: root.ids("spares"),
        custom: root.strings("custom"),
        readings: readings(aggregate),
        comments: comments(aggregate),
        conflicts: aggregate.document.conflicts_in(&hydrated),
        decisions: decisions(&root),
        anomalies: Vec::new(),
        updated_at: aggregate.updated_at(),
    };
    if asset.parent == Some(asset.id) {
        root.note("parent", AnomalyKind::Cycle);
    }
    asset.anomalies = hydrated.anomalies();
    asset
}

fn read_position(root: &Reader<'_>) -> Option<Position> {
    let (latitude, longitude) = (root.int("latitude"), root.int("longitude"));
    Some(Position { latitude: latitude?, longitude: longitude? })
}

fn read_meter(key: &str, meter: &Reader<'_>) -> Meter {
    Meter {
        key: key.to_owned(),
        name: meter.required_str("name"),
        unit: meter.str("unit").unwrap_or_default(),
    }
}
