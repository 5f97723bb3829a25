//! A locked device locks itself when nobody has worked on it for a while.

use gloo_timers::callback::Interval;
use shared_model::identity::DeviceId;
use shared_model::instant::MINUTE_MS;
use yew::prelude::*;

use crate::browser;
use crate::engine_client::Engine;
use crate::hooks::use_event;
use crate::session;

const LOOK_EVERY_MS: u32 = 2_000;

/// Locks the database after the minutes of its lock, or of the organisation where that says fewer. Timers of a tab out of
/// sight come late, so coming back looks at once.
#[hook]
pub(super) fn use_idle_lock(engine: &Engine, device: DeviceId, of_organisation: Option<u32>) {
    let touched = {
        let engine = engine.clone();
        move || engine.touched()
    };
    use_event(browser::window().into(), "pointerdown", touched.clone());
    use_event(browser::window().into(), "keydown", touched.clone());
    use_event(browser::window().into(), "wheel", touched);
    let look = {
        let engine = engine.clone();
        move || {
            // Without a lock there is nothing to look up.
            if engine.keys().seals.is_none() {
                return;
            }
            let own =
                session::profile_of(device).and_then(|profile| profile.lock).map(|lock| lock.idle_minutes);
            let Some(minutes) = own.map(|own| of_organisation.map_or(own, |rule| rule.min(own))) else {
                return;
            };
            if engine.idle_ms() > i64::from(minutes) * MINUTE_MS {
                engine.lock();
            }
        }
    };
    use_event(browser::document().into(), "visibilitychange", look.clone());
    use_effect_with((), move |()| {
        let looking = Interval::new(LOOK_EVERY_MS, look);
        move || drop(looking)
    });
}
