//! Whole items, as [`Edit::insert_item`](super::Edit::insert_item) adds them under a fresh key.

use std::collections::HashMap;

use automerge::{ScalarValue, hydrate};

/// A map with these entries.
pub(crate) fn map(entries: impl IntoIterator<Item = (&'static str, hydrate::Value)>) -> hydrate::Value {
    hydrate::Value::from(entries.into_iter().collect::<HashMap<&str, hydrate::Value>>())
}

/// An id as a string, or null.
pub(crate) fn id_value(id: Option<impl std::fmt::Display>) -> hydrate::Value {
    id.map_or(hydrate::Value::Scalar(ScalarValue::Null), |id| id.to_string().as_str().into())
}
