//! Phone or desk: one question, answered by the width of the window.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use yew::prelude::*;

use crate::browser;

const DESK: &str = "(min-width: 48rem)";

/// How a page is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In the hand: one column, tab bar below.
    Phone,
    /// On a desk: rail at the side.
    Desk,
}

impl Layout {
    /// Is it the phone's?
    pub fn is_phone(self) -> bool {
        self == Self::Phone
    }

    fn of(matches: bool) -> Self {
        if matches { Self::Desk } else { Self::Phone }
    }
}

/// Watches the window; once, at the root, which hands the answer down as context.
#[hook]
pub fn use_layout_watch() -> Layout {
    let query = use_memo((), |()| browser::window().match_media(DESK).ok().flatten());
    let layout =
        use_state(|| Layout::of(query.as_ref().as_ref().is_some_and(web_sys::MediaQueryList::matches)));
    {
        let layout = layout.clone();
        use_effect_with((), move |()| {
            let on_change = (*query).clone().map(|query| {
                let asked = query.clone();
                let listener = Closure::<dyn Fn()>::new(move || layout.set(Layout::of(asked.matches())));
                let function = listener.as_ref().unchecked_ref();
                let _ = query.add_event_listener_with_callback("change", function);
                (query, listener)
            });
            move || {
                if let Some((query, listener)) = on_change {
                    let function = listener.as_ref().unchecked_ref();
                    let _ = query.remove_event_listener_with_callback("change", function);
                }
            }
        });
    }
    *layout
}

/// How pages are laid out now.
#[hook]
pub fn use_layout() -> Layout {
    use_context::<Layout>().unwrap_or(Layout::Phone)
}
