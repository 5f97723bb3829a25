//! Every row of every field table can be written by an honest device, and the gate names it.

use std::collections::{BTreeSet, HashMap};

use automerge::{ScalarValue, hydrate};

use super::*;
use crate::document::{Edit, Field, Segment, Shape};

const ITEM: &str = "k1";

fn keys(path: &'static [Segment]) -> Vec<&'static str> {
    let key = |segment: &'static Segment| match segment {
        Segment::Key(key) => *key,
        Segment::Item => ITEM,
    };
    path.iter().map(key).collect()
}

/// The longest or largest value that fits.
fn sample(shape: Shape) -> ScalarValue {
    match shape {
        Shape::Str { max } => ScalarValue::Str("s".repeat(max).into()),
        Shape::Code(codes) => ScalarValue::Str(codes[0].into()),
        Shape::Int => ScalarValue::Int(i64::MIN),
        Shape::Bool => ScalarValue::Boolean(true),
        Shape::Timestamp => ScalarValue::Timestamp(NOW.as_millis()),
        Shape::Map | Shape::Text { .. } => panic!("not a scalar"),
    }
}

/// A whole item with all that the table knows inside it.
fn item(fields: &'static [Field], path: &'static [Segment], shape: Shape) -> hydrate::Value {
    match shape {
        Shape::Map => {
            let inside = fields
                .iter()
                .filter(|field| field.path.len() == path.len() + 1 && field.path.starts_with(path));
            let entries: HashMap<&str, hydrate::Value> = inside
                .map(|field| (keys(field.path)[path.len()], item(fields, field.path, field.shape)))
                .collect();
            hydrate::Value::from(entries)
        }
        Shape::Text { .. } => {
            hydrate::Value::Text(hydrate::Text::new(crate::document::TEXT_ENCODING, "text"))
        }
        scalar => hydrate::Value::Scalar(sample(scalar)),
    }
}

fn write(door: &mut Edit, fields: &'static [Field], field: &'static Field) -> Result<(), EditError> {
    let path = keys(field.path);
    match (field.shape, field.path) {
        (Shape::Map, [Segment::Key(_), Segment::Item]) => {
            door.insert_item(&path, &item(fields, field.path, Shape::Map))
        }
        (Shape::Map, _) => Ok(()),
        (Shape::Text { .. }, _) => door.set_text(&path, "Wet floor"),
        (shape, _) => door.settle(&path, sample(shape)),
    }
}

#[test]
fn every_field_of_every_kind() {
    for kind in DocumentKind::ALL {
        let fields = kind.fields().fields;
        let mut document = Document::new(*kind);
        let mut named = BTreeSet::new();
        for field in fields {
            let mut before = document.clone();
            let (_, made) =
                document.edit::<_, EditError>(ALICE, NOW, |door| write(door, fields, field)).unwrap();
            for bytes in made {
                let checked = passes(&before, &bytes);
                named.extend(checked.writes.iter().map(|write| keys(write.field.path)));
                before.apply(vec![checked.change]).unwrap();
            }
        }
        let is_genesis =
            |field: &Field| matches!(field.shape, Shape::Map) && !field.path.contains(&Segment::Item);
        let expected: BTreeSet<Vec<&str>> =
            fields.iter().filter(|field| !is_genesis(field)).map(|field| keys(field.path)).collect();
        assert_eq!(named, expected, "{}", kind.code());
    }
}
