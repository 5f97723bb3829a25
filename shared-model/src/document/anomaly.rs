//! What looks odd in a document that was merged, is older or is newer than this program.

use serde::{Deserialize, Serialize};

/// One oddity found while reading; the document renders all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    /// Path of the field, joined with `/`.
    pub field: String,
    /// What is odd about it.
    pub kind: AnomalyKind,
}

/// The kinds of oddity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// A required value is absent; a default is shown.
    Missing,
    /// The value has another type than the field table says; a default is shown.
    WrongType,
    /// A code that this version does not know; a default is shown.
    UnknownCode,
    /// Several people wrote this field at the same time; one value is shown, the others are kept.
    Concurrent,
    /// It stands above or below itself in its tree.
    Cycle,
    /// A record owned by this document cannot be read by this version.
    UnreadableRecord,
    /// A fact that lost a race against another (a status change, for example) is kept as superseded.
    Superseded,
}
