//! A member of a change that may be left out, or named, or named as nothing.

use serde::{Deserialize, Deserializer};

/// For members that are `Option<Option<T>>`, with `default`: left out they are `None`, and `null` is `Some(None)`.
pub(crate) fn named<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}
