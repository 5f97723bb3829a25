//! Concurrent values: Automerge keeps every value that was written at the same time; one is shown, all are
//! listed here with who wrote them and when, until somebody settles the field.

use automerge::{Automerge, ObjId, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};

use crate::document::{Document, Hydrated};
use crate::identity::ActorId;
use crate::instant::Timestamp;

/// A scalar as people and programs outside Automerge see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FieldValue {
    /// Nothing; the field was cleared.
    Null,
    /// A string or code.
    Str(String),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// A point in time.
    Timestamp(Timestamp),
    /// A whole item (a map or a text).
    Object,
}

impl FieldValue {
    pub(super) fn read(value: &Value<'_>) -> Self {
        match value {
            Value::Object(_) => Self::Object,
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => Self::Str(text.to_string()),
                ScalarValue::Int(value) => Self::Int(*value),
                ScalarValue::Boolean(value) => Self::Bool(*value),
                ScalarValue::Timestamp(millis) => Self::Timestamp(Timestamp::from_millis(*millis)),
                _ => Self::Null,
            },
        }
    }

    /// The same value for Automerge; `None` for whole items.
    pub fn to_scalar(&self) -> Option<ScalarValue> {
        match self {
            Self::Null => Some(ScalarValue::Null),
            Self::Str(text) => Some(ScalarValue::Str(text.as_str().into())),
            Self::Int(value) => Some(ScalarValue::Int(*value)),
            Self::Bool(value) => Some(ScalarValue::Boolean(*value)),
            Self::Timestamp(at) => Some(ScalarValue::Timestamp(at.as_millis())),
            Self::Object => None,
        }
    }
}

/// One of several values that were written to a field at the same time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConcurrentValue {
    /// The value.
    pub value: FieldValue,
    /// Who wrote it: the directory names the person and the device behind an actor.
    pub actor: ActorId,
    /// When, by that device's clock (to the second); shown, never ordered by.
    pub at: Timestamp,
    /// Is this the value that is shown?
    pub shown: bool,
}

/// A field with more than one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// Path of the field, joined with `/`.
    pub field: String,
    /// The shown value first, then the others in Automerge's order.
    pub values: Vec<ConcurrentValue>,
}

impl Document {
    /// All fields with different concurrent values, in the order of the field table. Equal values written
    /// twice are no conflict: nobody has anything to decide.
    pub fn conflicts(&self) -> Vec<FieldConflict> {
        self.conflicts_in(&self.hydrate())
    }

    /// As [`Self::conflicts`], for whoever has hydrated the document already: its present value says where to look,
    /// so that a document without conflicts costs nothing more.
    pub fn conflicts_in(&self, hydrated: &Hydrated<'_>) -> Vec<FieldConflict> {
        let table = self.kind().fields();
        let mut found: Vec<(usize, FieldConflict)> = Vec::new();
        for path in hydrated.concurrent_paths() {
            let Some(row) = table.position(&path) else { continue };
            if table.fields[row].shape.is_container() {
                continue;
            }
            let Some((key, parents)) = path.split_last() else { continue };
            let Some(parent) = self.object_at(parents) else { continue };
            found.extend(
                field_conflict(self.automerge(), &parent, key, &path).map(|conflict| (row, conflict)),
            );
        }
        found.sort_by(|(a, one), (b, other)| (a, &one.field).cmp(&(b, &other.field)));
        found.into_iter().map(|(_, conflict)| conflict).collect()
    }
}

fn field_conflict(
    automerge: &Automerge,
    parent: &ObjId,
    key: &str,
    walked: &[String],
) -> Option<FieldConflict> {
    let all = automerge.get_all(parent, key).ok()?;
    if all.len() < 2 {
        return None;
    }
    let mut values: Vec<ConcurrentValue> = all
        .iter()
        .rev()
        .enumerate()
        .filter_map(|(index, (value, id))| {
            let hash = automerge.hash_for_opid(id)?;
            let change = automerge.get_change_meta_by_hash(&hash)?;
            Some(ConcurrentValue {
                value: FieldValue::read(value),
                actor: ActorId::from_automerge(&change.actor)?,
                at: Timestamp::from_millis(change.timestamp.saturating_mul(1000)),
                shown: index == 0,
            })
        })
        .collect();
    let differ = values.windows(2).any(|pair| pair[0].value != pair[1].value);
    values.sort_by_key(|value| !value.shown);
    differ.then(|| FieldConflict { field: walked.join("/"), values })
}
