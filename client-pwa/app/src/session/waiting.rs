//! Unsent work that stays on the device while nobody is signed in: the sign-in page says whose it is.

use serde::{Deserialize, Serialize};

use crate::browser;

const STORED: &str = "maintainpro.waiting";

/// Unsent changes and who made them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub name: String,
    pub count: usize,
}

/// Notes how many changes wait for this person.
pub fn remember_waiting(name: &str, count: usize) {
    if count == 0 {
        browser::forget(STORED);
    } else {
        let waiting = Waiting { name: name.to_owned(), count };
        browser::store(STORED, &serde_json::to_string(&waiting).unwrap_or_default());
    }
}

pub(super) fn waiting() -> Option<Waiting> {
    browser::stored(STORED).and_then(|json| serde_json::from_slice(json.as_bytes()).ok())
}
