//! Reading lists that may hold things this version does not know: those are skipped, the rest is read.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, IgnoredAny};
use shared_model::features::Row;
use shared_model::identity::DocumentId;

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Known(T),
    Unknown(IgnoredAny),
}

/// Rows by document, without those of an unknown kind.
pub fn rows<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<DocumentId, Row>, D::Error> {
    let all = BTreeMap::<DocumentId, Lenient<Row>>::deserialize(deserializer)?;
    let known = all.into_iter().filter_map(|(document, row)| match row {
        Lenient::Known(row) => Some((document, row)),
        Lenient::Unknown(_) => None,
    });
    Ok(known.collect())
}
