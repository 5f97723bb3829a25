//! After somebody signed out: their session ends, and what the browser stores of theirs goes, unless something was not sent.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use shared_model::identity::DeviceId;
use wasm_bindgen_futures::spawn_local;

use super::api::end_unheard;
use super::erase::{Erasure, erase, note_erased};
use super::profiles;

/// How long other tabs may take to end, and how long anybody waits for it.
const LOOKS: u32 = 60;
const LOOK_EVERY_MS: u32 = 50;

/// Ends the session and erases what is stored. Where a tab does not let go in time it goes on by itself, and where the app is closed
/// meanwhile the next start does it.
pub async fn leave(device: DeviceId) {
    let done = Rc::new(Cell::new(false));
    spawn_local(end_unheard());
    let erased = Rc::clone(&done);
    spawn_local(async move {
        for _ in 0..LOOKS {
            if erase_signed_out(device).await != Some(Erasure::InUse) {
                break;
            }
            TimeoutFuture::new(LOOK_EVERY_MS).await;
        }
        erased.set(true);
    });
    for _ in 0..LOOKS {
        if done.get() {
            break;
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
}

/// Erases what those have here who signed out earlier.
pub(super) async fn finish() {
    for profile in profiles::all() {
        erase_signed_out(profile.device).await;
    }
}

async fn erase_signed_out(device: DeviceId) -> Option<Erasure> {
    let profile = profiles::of(device).filter(|profile| profile.signed_out && !profile.erased)?;
    let erasure = erase(&profile).await;
    if erasure == Erasure::Erased {
        note_erased(device);
    }
    Some(erasure)
}
