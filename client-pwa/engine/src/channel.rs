//! The channel to all tabs of this person.

use std::rc::Rc;

use client_bridge::{ToApp, ToEngine};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

/// The engine's end of the channel.
#[derive(Clone)]
pub struct Channel {
    channel: Rc<BroadcastChannel>,
    _listener: Rc<Closure<dyn Fn(MessageEvent)>>,
}

impl Channel {
    /// Joins the channel; `hear` gets what tabs ask.
    pub fn join(name: &str, hear: impl Fn(ToEngine) + 'static) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(name)?;
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = event.data().as_string().and_then(|text| ToEngine::parse(&text)) {
                hear(message);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { channel: Rc::new(channel), _listener: Rc::new(listener) })
    }

    /// Tells every tab.
    pub fn say(&self, message: &ToApp) {
        if let Err(error) = self.channel.post_message(&message.encode().into()) {
            crate::console::warn(&format!("a message did not get through: {error:?}"));
        }
    }
}
