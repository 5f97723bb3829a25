//! The rules of assets: pure questions with a yes or a [`Refusal`].

use std::collections::BTreeMap;

use super::{AssetSummary, Meter, Position};
use crate::identity::DocumentId;
use crate::input::{check_key, check_present};
use crate::workspace::Refusal;

/// Nothing is a part of itself. A circle that closes over other assets cannot be seen from one document;
/// [`crate::tree::circles`] finds it in the rows.
pub(super) fn check_place(id: DocumentId, parent: Option<DocumentId>) -> Result<(), Refusal> {
    if parent == Some(id) { Err(Refusal::value("parent", "is the asset itself")) } else { Ok(()) }
}

/// A meter has a key that devices may use, and a name.
pub(super) fn check_meter(meter: &Meter) -> Result<(), Refusal> {
    check_key("meter", &meter.key)?;
    check_present("meter", &meter.name)
}

/// A position is on the earth.
pub(super) fn check_position(position: Position) -> Result<(), Refusal> {
    const DEGREE: i64 = 1_000_000;
    let on_earth = (-90 * DEGREE..=90 * DEGREE).contains(&position.latitude)
        && (-180 * DEGREE..=180 * DEGREE).contains(&position.longitude);
    if on_earth { Ok(()) } else { Err(Refusal::value("position", "is not on the earth")) }
}

/// Tags are the same in any case of letters: people read them off a plate.
pub fn is_same_tag(one: &str, other: &str) -> bool {
    tag_key(one) == tag_key(other)
}

fn tag_key(tag: &str) -> String {
    tag.trim().to_lowercase()
}

/// Groups of assets that have one tag. Two people who type it apart from each other, offline, make such a group; a
/// tag that nobody has given yet is none.
pub fn duplicate_tags<'a>(rows: impl Iterator<Item = &'a AssetSummary>) -> Vec<Vec<DocumentId>> {
    let mut by_tag: BTreeMap<String, Vec<DocumentId>> = BTreeMap::new();
    for row in rows {
        by_tag.entry(tag_key(&row.tag)).or_default().push(row.id);
    }
    by_tag.into_iter().filter(|(tag, ids)| !tag.is_empty() && ids.len() > 1).map(|(_, ids)| ids).collect()
}
