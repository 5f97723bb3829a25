//! One WebSocket; dropping it closes it and takes its listeners off.

use std::cell::Cell;
use std::rc::Rc;

use futures::channel::mpsc::UnboundedSender;
use js_sys::{ArrayBuffer, Uint8Array};
use shared_model::sync_protocol::{DeviceEvent, Disconnect};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::worker::Input;

pub struct Socket {
    socket: WebSocket,
    _opened: Closure<dyn Fn()>,
    _received: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn()>,
}

impl Socket {
    /// Begins to open a socket; what happens to it comes as inputs.
    pub fn open(connection: u64, ticket: &str, inputs: &UnboundedSender<Input>) -> Result<Self, Disconnect> {
        let url = url(ticket).ok_or(Disconnect::Lost)?;
        let socket = WebSocket::new(&url).map_err(|_| Disconnect::Lost)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let send = {
            let inputs = inputs.clone();
            move |event| drop(inputs.unbounded_send(Input::Device(event)))
        };
        let opened = {
            let send = send.clone();
            Closure::<dyn Fn()>::new(move || send(DeviceEvent::Connected { connection }))
        };
        let received = {
            let send = send.clone();
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                    let frame = Uint8Array::new(&buffer).to_vec();
                    send(DeviceEvent::Received { connection, frame });
                }
            })
        };
        let told = Rc::new(Cell::new(false));
        let closed = Closure::<dyn Fn()>::new(move || {
            if !told.replace(true) {
                send(DeviceEvent::Disconnected { connection, cause: Disconnect::Lost });
            }
        });
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(received.as_ref().unchecked_ref()));
        socket.set_onerror(Some(closed.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Ok(Self { socket, _opened: opened, _received: received, _closed: closed })
    }

    pub fn is_open(&self) -> bool {
        self.socket.ready_state() == WebSocket::OPEN
    }

    pub fn send(&self, frame: &[u8]) {
        if let Err(error) = self.socket.send_with_u8_array(frame) {
            crate::console::warn(&format!("a frame was not sent: {error:?}"));
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onerror(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

/// `wss://host/sync?ticket=…` beside the page's own address.
fn url(ticket: &str) -> Option<String> {
    let location = super::scope()?.location();
    let scheme = if location.protocol() == "https:" { "wss" } else { "ws" };
    let ticket = js_sys::encode_uri_component(ticket);
    Some(format!("{scheme}://{}/sync?ticket={ticket}", location.host()))
}
