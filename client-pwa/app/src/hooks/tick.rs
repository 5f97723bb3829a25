//! A clock that ticks on screen.

use gloo_timers::callback::Interval;
use shared_model::instant::Timestamp;
use yew::prelude::*;

use crate::clock;

/// The present time, renewed every so many milliseconds.
#[hook]
pub fn use_now(every_ms: u32) -> Timestamp {
    let now = use_state(clock::now);
    {
        let now = now.clone();
        use_effect_with(every_ms, move |every_ms| {
            let ticking = Interval::new(*every_ms, move || now.set(clock::now()));
            move || drop(ticking)
        });
    }
    *now
}
