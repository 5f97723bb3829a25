//! The channel to all tabs of this person.

use std::rc::Rc;

use client_bridge::{ToApp, ToEngine, unreadable_command};
use shared_model::workspace::Refusal;
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
        let channel = Rc::new(BroadcastChannel::new(name)?);
        let answers = channel.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(text) = event.data().as_string() else { return };
            if let Some(message) = ToEngine::parse(&text) {
                hear(message);
            } else if let Some(command_id) = unreadable_command(&text) {
                let refusal = Refusal::rule("engine_too_old", "another tab runs an older version");
                say(&answers, &ToApp::Refused { command_id, refusal });
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { channel, _listener: Rc::new(listener) })
    }

    /// Tells every tab.
    pub fn say(&self, message: &ToApp) {
        say(&self.channel, message);
    }
}

fn say(channel: &BroadcastChannel, message: &ToApp) {
    if let Err(error) = channel.post_message(&message.encode().into()) {
        crate::console::warn(&format!("a message did not get through: {error:?}"));
    }
}
