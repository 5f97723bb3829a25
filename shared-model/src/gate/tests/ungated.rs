//! What Automerge itself does with bytes that the gate refuses, in a thread of its own.

use std::sync::Once;
use std::thread;

use automerge::{Automerge, Change, ReadDoc};

use crate::document::Document;

/// The worst thing that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Automerge refuses the bytes itself.
    Refuses,
    /// It takes the bytes and says nothing; the document does not change (an orphan in memory, for example).
    Ignores,
    /// It applies them, saves and loads them: only the rules of the field table or of authorship are broken.
    Applies,
    /// It applies them and gives back other bytes than it was given: peers will not agree on the hash.
    Rewrites,
    /// It applies them, and what it saves cannot be loaded again.
    Unloadable,
    /// It panics while reading or applying them.
    Panics,
}

/// Feeds the bytes to a copy of the document.
pub(super) fn without_gate(document: &Document, bytes: &[u8]) -> Harm {
    silence_panics();
    let automerge = document.automerge().clone();
    let bytes = bytes.to_vec();
    let attempt =
        thread::Builder::new().name(CHILD.to_owned()).spawn(move || feed(automerge, &bytes)).unwrap();
    attempt.join().unwrap_or(Harm::Panics)
}

/// Does this panic?
pub(super) fn panics(attempt: impl FnOnce() + Send + 'static) -> bool {
    silence_panics();
    thread::Builder::new().name(CHILD.to_owned()).spawn(attempt).unwrap().join().is_err()
}

fn feed(mut automerge: Automerge, bytes: &[u8]) -> Harm {
    let before = automerge.get_heads();
    let given = Change::try_from(bytes).ok();
    let taken = match given.clone() {
        Some(change) => automerge.apply_changes([change]).is_ok(),
        // Other chunks come in by this door.
        None => automerge.load_incremental(bytes).is_ok_and(|operations| operations > 0),
    };
    if !taken {
        return Harm::Refuses;
    }
    if automerge.get_heads() == before {
        return Harm::Ignores;
    }
    let heads = automerge.get_heads();
    let reload = thread::Builder::new()
        .name(CHILD.to_owned())
        .spawn(move || Automerge::load(&automerge.save_nocompress()))
        .unwrap();
    let Ok(Ok(loaded)) = reload.join() else { return Harm::Unloadable };
    if loaded.get_heads() != heads {
        return Harm::Unloadable;
    }
    let same = given.is_none_or(|change| {
        let stored = loaded.get_change_by_hash(&change.hash());
        stored.is_some_and(|stored| stored.raw_bytes() == change.raw_bytes())
    });
    if same { Harm::Applies } else { Harm::Rewrites }
}

const CHILD: &str = "ungated";

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
