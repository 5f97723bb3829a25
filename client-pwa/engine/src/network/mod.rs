//! The way to the server: a one-time ticket over HTTPS, then one WebSocket.

pub mod deposit;
mod orders;
pub mod pack;
mod socket;
mod ticket;

use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use gloo_timers::callback::Timeout;
use shared_model::identity::DeviceId;
use shared_model::sync_protocol::{DeviceEvent, Disconnect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::WorkerGlobalScope;

use crate::worker::Input;
use socket::Socket;

/// How long a connection may take to open.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The one connection, from dialling to hanging up.
pub struct Line {
    inputs: UnboundedSender<Input>,
    device: DeviceId,
    credential: Option<String>,
    connection: Option<u64>,
    socket: Option<Socket>,
    _timeout: Option<Timeout>,
}

impl Line {
    pub const fn new(inputs: UnboundedSender<Input>, device: DeviceId, credential: Option<String>) -> Self {
        Self { inputs, device, credential, connection: None, socket: None, _timeout: None }
    }

    /// Asks for a ticket; [`Self::ticket_arrived`] goes on.
    pub fn dial(&mut self, connection: u64) {
        self.close();
        self.connection = Some(connection);
        let (inputs, device, credential) = (self.inputs.clone(), self.device, self.credential.clone());
        spawn_local(async move {
            let outcome = ticket::request(device, DIAL_TIMEOUT).await;
            let wipe = match &outcome {
                Ok((_, wipe)) => *wipe,
                // Also whose session ended is told, and proves itself by its credential.
                Err(Disconnect::SignInNeeded) => orders::are_to_wipe(credential, DIAL_TIMEOUT).await,
                Err(_) => false,
            };
            if wipe {
                let _ = inputs.unbounded_send(Input::WipeAsked);
            }
            let outcome = outcome.map(|(ticket, _)| ticket);
            let _ = inputs.unbounded_send(Input::Ticket { connection, outcome });
        });
        let inputs = self.inputs.clone();
        let timeout = u32::try_from(DIAL_TIMEOUT.as_millis()).unwrap_or(u32::MAX);
        self._timeout = Some(Timeout::new(timeout, move || {
            let _ = inputs.unbounded_send(Input::DialTimedOut { connection });
        }));
    }

    /// Opens the socket, unless the session has hung up meanwhile. Returns what to tell the session.
    pub fn ticket_arrived(
        &mut self,
        connection: u64,
        outcome: Result<String, Disconnect>,
    ) -> Option<DeviceEvent> {
        if self.connection != Some(connection) {
            return None;
        }
        let opened = outcome.and_then(|ticket| Socket::open(connection, &ticket, &self.inputs));
        match opened {
            Ok(socket) => {
                self.socket = Some(socket);
                None
            }
            Err(cause) => {
                self.close();
                Some(DeviceEvent::Disconnected { connection, cause })
            }
        }
    }

    /// Gives up a socket that is not open yet.
    pub fn timed_out(&mut self, connection: u64) -> Option<DeviceEvent> {
        let opening = !self.socket.as_ref().is_some_and(Socket::is_open);
        if self.connection != Some(connection) || !opening {
            return None;
        }
        self.close();
        Some(DeviceEvent::Disconnected { connection, cause: Disconnect::Lost })
    }

    /// Sends a message; a socket that cannot is about to say that it is closed.
    pub fn send(&self, connection: u64, frame: &[u8]) {
        if self.connection == Some(connection)
            && let Some(socket) = &self.socket
        {
            socket.send(frame);
        }
    }

    pub fn hang_up(&mut self, connection: u64) {
        if self.connection == Some(connection) {
            self.close();
        }
    }

    pub fn close(&mut self) {
        self.connection = None;
        self.socket = None;
        self._timeout = None;
    }
}

fn scope() -> Option<WorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}
