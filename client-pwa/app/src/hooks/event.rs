//! Hears an event of the window or the document for as long as a component is on the screen.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;
use yew::prelude::*;

/// Calls `heard` whenever the event happens. What it captures is that of the first frame.
#[hook]
pub fn use_event(target: EventTarget, name: &'static str, heard: impl Fn() + 'static) {
    use_effect_with((), move |()| {
        let listener = Closure::<dyn Fn()>::new(heard);
        // It refuses nothing but a listener that is none.
        let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        move || {
            let _ = target.remove_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
        }
    });
}
