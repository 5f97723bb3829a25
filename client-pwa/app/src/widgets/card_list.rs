//! A long list of cards of different heights: only as many are built as have been in reach of the eye.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::Element;
use yew::prelude::*;

use crate::browser;

const FIRST: usize = 12;
const MORE: usize = 24;

#[derive(Properties)]
pub struct Props {
    /// How many cards there are.
    pub count: usize,
    /// Builds one card. Its key is its place in the list, unless it has a state of its own.
    pub card: Rc<dyn Fn(usize) -> Html>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && Rc::ptr_eq(&self.card, &other.card)
    }
}

#[component]
pub fn CardList(props: &Props) -> Html {
    let built = use_state(|| FIRST);
    let end = use_node_ref();
    {
        let built = built.clone();
        use_effect_with((end.clone(), *built, props.count), move |(end, now_built, count)| {
            let watch = (*now_built < *count).then(|| end.cast::<Element>()).flatten().and_then(|end| {
                let more = *now_built + MORE;
                Watch::new(&end, move || built.set(more))
            });
            move || drop(watch)
        });
    }
    let cards = (0..props.count.min(*built)).map(|index| (props.card)(index));
    html! {
        <>
            { for cards }
            if *built < props.count { <div ref={end} style="block-size:1px;overflow-anchor:none" aria-hidden="true"></div> }
        </>
    }
}

/// Calls once when an element comes near what can be seen of the box it scrolls in.
struct Watch {
    observer: web_sys::IntersectionObserver,
    _seen: Closure<dyn Fn(js_sys::Array)>,
}

impl Watch {
    fn new(element: &Element, seen: impl Fn() + 'static) -> Option<Self> {
        let seen = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let near = entries
                .iter()
                .any(|entry| entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting());
            if near {
                seen();
            }
        });
        let options = web_sys::IntersectionObserverInit::new();
        // The margin widens the root alone: of the window it would count for nothing in a box that scrolls.
        options.set_root(scroller(element).as_ref());
        options.set_root_margin("600px");
        let observer =
            web_sys::IntersectionObserver::new_with_options(seen.as_ref().unchecked_ref(), &options).ok()?;
        observer.observe(element);
        Some(Self { observer, _seen: seen })
    }
}

/// The box that an element scrolls in; none: the window.
fn scroller(element: &Element) -> Option<Element> {
    std::iter::successors(element.parent_element(), |around| around.parent_element()).find(|around| {
        let style = browser::window().get_computed_style(around).ok().flatten();
        style
            .and_then(|style| style.get_property_value("overflow-y").ok())
            .is_some_and(|overflow| matches!(overflow.as_str(), "auto" | "scroll"))
    })
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
