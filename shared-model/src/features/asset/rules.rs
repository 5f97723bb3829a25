//! The rules of assets: pure questions with a yes or a [`Refusal`].

use super::{Meter, Position};
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
