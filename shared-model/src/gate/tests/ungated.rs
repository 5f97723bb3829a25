//! What Automerge itself does with bytes that the gate refuses: natively in a thread of its own, in WebAssembly, where
//! nothing comes back from a panic, in an instance of its own (`tests/wasi/run.mjs`).

#[cfg(target_family = "wasm")]
mod instance;
#[cfg(not(target_family = "wasm"))]
mod thread;

use automerge::{Automerge, Change, ReadDoc};

#[cfg(target_family = "wasm")]
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

#[cfg(target_family = "wasm")]
pub(super) use instance::expect;
#[cfg(not(target_family = "wasm"))]
pub(super) use thread::{expect, panics};

/// Feeds the bytes to a copy of the document; a panic is one.
#[cfg(not(target_family = "wasm"))]
pub(super) use thread::without_gate;

/// Feeds the bytes to a copy of the document; a panic ends everything.
#[cfg(target_family = "wasm")]
pub(super) fn without_gate(document: &Document, bytes: &[u8]) -> Harm {
    feed(document.automerge().clone(), bytes, |held| Automerge::load(&held.save_nocompress()).ok())
}

/// What comes of the bytes, short of a panic. `reload` saves and loads; `None`: it cannot be done.
fn feed(mut automerge: Automerge, bytes: &[u8], reload: impl FnOnce(Automerge) -> Option<Automerge>) -> Harm {
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
    let heads = automerge.get_heads();
    if heads == before {
        return Harm::Ignores;
    }
    let Some(loaded) = reload(automerge) else { return Harm::Unloadable };
    if loaded.get_heads() != heads {
        return Harm::Unloadable;
    }
    let same = given.is_none_or(|change| {
        let stored = loaded.get_change_by_hash(&change.hash());
        stored.is_some_and(|stored| stored.raw_bytes() == change.raw_bytes())
    });
    if same { Harm::Applies } else { Harm::Rewrites }
}
