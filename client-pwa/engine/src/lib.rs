//! The engine: a dedicated worker that owns the documents of one person on this device. Tabs send it commands and
//! show what it says; it runs the commands, keeps them on disk and synchronises with the server.
//!
//! * [`local_store`] — the database: one strict transaction per command, fenced by an epoch.
//! * [`execute`] — one command: rules, edits, the gate on our own bytes.
//! * [`documents`], [`row_pages`], [`outbox`], [`people`] — what is in memory of it.
//! * [`journal`] — the second copy of the outbox, outside the database.
//! * [`network`] — ticket and socket.
//! * [`worker`] — the engine itself: one input after the other, nothing in parallel.
//!
//! `engine-worker.js` calls [`start`]; the first message from the tab is a [`client_bridge::EngineStart`].

mod channel;
mod clock;
mod console;
mod documents;
mod execute;
mod journal;
mod local_store;
mod network;
mod outbox;
mod people;
mod row_pages;
mod worker;

use std::cell::Cell;

use client_bridge::EngineStart;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Begins to listen for the first message of the tab, which names the database.
#[wasm_bindgen]
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        console::warn("the engine runs in a dedicated worker only");
        return;
    };
    let started = Cell::new(false);
    let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data().as_string();
        if let Some(start) = message.and_then(|text| EngineStart::parse(&text))
            && !started.replace(true)
        {
            spawn_local(worker::run(start));
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It listens for as long as the worker lives.
    listener.forget();
}
