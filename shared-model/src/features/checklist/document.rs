//! The fields of checklist templates and how they are read.

use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape};
use crate::permission::Permission;

use Segment::{Item, Key};

const fn field(path: &'static [Segment], shape: Shape) -> Field {
    Field { path, shape, permission: Permission::ChecklistEdit, step: 0 }
}

/// The field table of checklist templates.
pub const FIELDS: &FieldTable = &FieldTable {
    kind: DocumentKind::ChecklistTemplate,
    fields: &[
        field(&[Key("title")], Shape::Str { max: 200 }),
        field(&[Key("description")], Shape::Str { max: 2_000 }),
        field(&[Key("category")], Shape::Str { max: 64 }),
        field(&[Key("published")], Shape::Int),
        field(&[Key("retired")], Shape::Bool),
        field(&[Key("versions")], Shape::Map),
        field(&[Key("versions"), Item], Shape::Map),
        field(&[Key("versions"), Item, Key("number")], Shape::Int),
        field(&[Key("versions"), Item, Key("title")], Shape::Str { max: 200 }),
        field(&[Key("versions"), Item, Key("steps")], Shape::Str { max: 32_000 }),
    ],
};
