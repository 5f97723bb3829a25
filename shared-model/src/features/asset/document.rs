//! The fields of assets and how they are read.

use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape};
use crate::permission::Permission;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::AssetEdit, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of assets.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Asset,
    fields: &[
        field(&[Key("tag")], Shape::Str { max: 64 }),
        field(&[Key("name")], Shape::Str { max: 200 }),
        field(&[Key("description")], Shape::Text { max: 20_000 }),
        field(&[Key("type")], Shape::Str { max: 64 }),
        field(&[Key("level")], Shape::Code(&["system", "equipment_unit", "component"])),
        field(&[Key("parent")], ID),
        field(&[Key("site")], ID),
        field(&[Key("location")], ID),
        field(&[Key("serial")], Shape::Str { max: 64 }),
        field(&[Key("manufacturer")], Shape::Str { max: 120 }),
        field(&[Key("model")], Shape::Str { max: 120 }),
        field(&[Key("criticality")], Shape::Code(&["a", "b", "c"])),
        field(&[Key("status")], Shape::Code(&["operating", "standby", "down", "under_maintenance", "decommissioned"])),
        field(&[Key("warranty_until")], Shape::Timestamp),
        field(&[Key("installed")], Shape::Timestamp),
        field(&[Key("latitude")], Shape::Int),
        field(&[Key("longitude")], Shape::Int),
        field(&[Key("code")], Shape::Str { max: 120 }),
        field(&[Key("external")], Shape::Str { max: 80 }),
        field(&[Key("meters")], Shape::Map),
        field(&[Key("meters"), Item], Shape::Map),
        field(&[Key("meters"), Item, Key("name")], Shape::Str { max: 120 }),
        field(&[Key("meters"), Item, Key("unit")], Shape::Str { max: 16 }),
        field(&[Key("spares")], Shape::Map),
        field(&[Key("spares"), Item], Shape::Bool),
        field(&[Key("custom")], Shape::Map),
        field(&[Key("custom"), Item], Shape::Str { max: 2_000 }),
        field(&[Key("decisions")], Shape::Map),
        field(&[Key("decisions"), Item], Shape::Map),
        field(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        field(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        field(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};
