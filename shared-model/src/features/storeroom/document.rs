//! The fields of storerooms and how they are read.

use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape};
use crate::permission::Permission;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::PartEdit, step: 0 }
}

const ID: Shape = Shape::Str { max: 36 };

/// The field table of storerooms.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::Storeroom,
    fields: &[
        field(&[Key("name")], Shape::Str { max: 200 }),
        field(&[Key("code")], Shape::Str { max: 64 }),
        field(&[Key("site")], ID),
        field(&[Key("location")], ID),
        field(&[Key("van")], Shape::Bool),
        field(&[Key("keeper")], ID),
        field(&[Key("stock")], Shape::Map),
        field(&[Key("stock"), Item], Shape::Map),
        field(&[Key("stock"), Item, Key("bin")], Shape::Str { max: 64 }),
        field(&[Key("stock"), Item, Key("min")], Shape::Int),
        field(&[Key("stock"), Item, Key("max")], Shape::Int),
        field(&[Key("stock"), Item, Key("reorder_point")], Shape::Int),
        field(&[Key("decisions")], Shape::Map),
        field(&[Key("decisions"), Item], Shape::Map),
        field(&[Key("decisions"), Item, Key("field")], Shape::Str { max: 200 }),
        field(&[Key("decisions"), Item, Key("kept")], Shape::Str { max: 4_000 }),
        field(&[Key("decisions"), Item, Key("seen")], Shape::Str { max: 16_000 }),
    ],
};
