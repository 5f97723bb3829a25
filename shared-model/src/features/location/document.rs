//! The fields of locations and how they are read.

use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape};
use crate::permission::Permission;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::LocationEdit, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of locations.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Location,
    fields: &[
        field(&[Key("name")], Shape::Str { max: 200 }),
        field(&[Key("code")], Shape::Str { max: 64 }),
        field(&[Key("parent")], ID),
        field(&[Key("site")], ID),
        field(&[Key("address")], Shape::Str { max: 500 }),
        field(&[Key("time_zone")], Shape::Str { max: 64 }),
        field(&[Key("custom")], Shape::Map),
        field(&[Key("custom"), Item], Shape::Str { max: 2_000 }),
        field(&[Key("decisions")], Shape::Map),
        field(&[Key("decisions"), Item], Shape::Map),
        field(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        field(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        field(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};
