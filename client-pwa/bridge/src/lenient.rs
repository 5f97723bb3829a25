//! Reading lists that may hold things this version does not know: those are skipped, the rest is read.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared_model::features::Row;
use shared_model::identity::DocumentId;

/// Rows by document, without those of an unknown kind.
pub fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<DocumentId, Row>, D::Error> {
    let all = BTreeMap::<DocumentId, Box<RawValue>>::deserialize(deserializer)?;
    let known = all.into_iter().filter_map(|(document, row)| {
        serde_json::from_slice(row.get().as_bytes()).ok().map(|row| (document, row))
    });
    Ok(known.collect())
}
