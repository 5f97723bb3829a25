//! Natively: an attack in a thread of its own, whose panic is a result.

use std::sync::Once;
use std::thread;

use automerge::Automerge;

use super::{Harm, feed};
use crate::document::Document;

const CHILD: &str = "ungated";

/// The bytes do this much harm.
#[track_caller]
pub(in super::super) fn expect(document: &Document, bytes: &[u8], harm: Harm) {
    assert_eq!(without_gate(document, bytes), harm);
}

pub(in super::super) fn without_gate(document: &Document, bytes: &[u8]) -> Harm {
    let automerge = document.automerge().clone();
    let bytes = bytes.to_vec();
    apart(move || feed(automerge, &bytes, reload)).unwrap_or(Harm::Panics)
}

/// Does this panic?
pub(in super::super) fn panics(attempt: impl FnOnce() + Send + 'static) -> bool {
    apart(attempt).is_none()
}

fn reload(automerge: Automerge) -> Option<Automerge> {
    apart(move || Automerge::load(&automerge.save_nocompress()).ok()).flatten()
}

fn apart<T: Send + 'static>(attempt: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    silence_panics();
    thread::Builder::new().name(CHILD.to_owned()).spawn(attempt).unwrap().join().ok()
}

/// Panics of the child threads are results here, not news.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(CHILD) {
                default(info);
            }
        }));
    });
}
