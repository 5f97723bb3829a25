//! The fields of parts and how they are read.

use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape};
use crate::permission::Permission;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::PartEdit, step: 0 }
}

/// The field table of parts.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Part,
    fields: &[
        field(&[Key("number")], Shape::Str { max: 64 }),
        field(&[Key("name")], Shape::Str { max: 200 }),
        field(&[Key("description")], Shape::Text { max: 20_000 }),
        field(&[Key("category")], Shape::Str { max: 64 }),
        field(&[Key("unit")], Shape::Str { max: 16 }),
        field(&[Key("barcode")], Shape::Str { max: 120 }),
        field(&[Key("manufacturer")], Shape::Str { max: 120 }),
        field(&[Key("custom")], Shape::Map),
        field(&[Key("custom"), Item], Shape::Str { max: 2_000 }),
        field(&[Key("decisions")], Shape::Map),
        field(&[Key("decisions"), Item], Shape::Map),
        field(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        field(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        field(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};
