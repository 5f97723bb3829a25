//! From the first message to the end: opening the database, heartbeat, network events, and what happens when the
//! engine meets a defect.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use client_bridge::{EngineStart, HEARTBEAT_MS, Stopped, ToApp, ToEngine};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt, select_biased};
use gloo_timers::callback::Interval;
use gloo_timers::future::sleep;
use shared_model::sync_protocol::DeviceEvent;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, WorkerGlobalScope};

use super::export::{Unsaved, file};
use super::{Input, Worker};
use crate::channel::Channel;
use crate::journal::Folder;
use crate::local_store::StoreError;
use crate::outbox::Outbox;
use crate::{clock, console};

const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(5);

/// Runs the engine until another one takes over.
pub async fn run(start: EngineStart) {
    let (asked, mut asked_later) = unbounded();
    let (inputs, inputs_later) = unbounded();
    let hear = move |question| drop(asked.unbounded_send(Input::Asked(question)));
    let channel = match Channel::join(&start.database(), hear) {
        Ok(channel) => channel,
        Err(error) => return console::warn(&format!("no channel to the tabs: {error:?}")),
    };
    listen_to_network(&inputs);
    let Some(worker) = open(&start, &channel, &inputs, &mut asked_later).await else { return };
    let epoch = worker.work(asked_later, inputs_later).await;
    channel.say(&ToApp::Stopped { epoch, reason: Stopped::Superseded });
    close();
}

/// Opens the database, however long it takes. Meanwhile tabs hear that it is not open, and can have all there is.
async fn open(
    start: &EngineStart,
    channel: &Channel,
    inputs: &UnboundedSender<Input>,
    asked: &mut UnboundedReceiver<Input>,
) -> Option<Worker> {
    let mut pause = FIRST_RETRY;
    let mut closed = Closed { start, channel, unsaved: Vec::new() };
    let mut in_trouble = false;
    loop {
        let opened = Worker::open(start, channel.clone(), inputs.clone(), true).await;
        let error = match opened {
            Ok(mut worker) => {
                worker.unsaved = closed.unsaved;
                if in_trouble {
                    channel.say(&ToApp::StorageTrouble { trouble: None });
                }
                return Some(worker);
            }
            // Between taking over and reading, another engine took over in turn.
            Err(StoreError::Superseded) => return None,
            Err(error) => error,
        };
        console::warn(&format!("the database did not open: {error}"));
        in_trouble = true;
        let trouble = ToApp::StorageTrouble { trouble: Some(error.trouble()) };
        channel.say(&ToApp::Starting);
        channel.say(&trouble);
        let mut over = pin!(sleep(pause).fuse());
        loop {
            select_biased! {
                () = over => break,
                question = asked.select_next_some() => closed.answer(question, &trouble, &error).await,
            }
        }
        pause = (pause * 2).min(LAST_RETRY);
    }
}

/// What an engine answers whose database is not open. Tabs give their commands and open their views again as soon
/// as it is.
struct Closed<'a> {
    start: &'a EngineStart,
    channel: &'a Channel,
    unsaved: Vec<Unsaved>,
}

impl Closed<'_> {
    async fn answer(&mut self, question: Input, trouble: &ToApp, error: &StoreError) {
        match question {
            Input::Asked(ToEngine::Hello) => self.channel.say(trouble),
            Input::Asked(ToEngine::Execute { command_id, command }) => {
                self.unsaved.retain(|each| each.id != command_id);
                self.unsaved.push(Unsaved { id: command_id, command: *command, at: clock::now() });
                self.channel.say(&ToApp::NotSaved { command_id, detail: error.to_string() });
            }
            Input::Asked(ToEngine::ExportUnsent { request }) => {
                let journals = Folder::open(&self.start.journal_folder(), self.start.keys).await;
                let mut outbox = Outbox::default();
                if let Some(journals) = journals {
                    outbox.renumber((0..).zip(journals.unsettled().await).collect());
                }
                let json = file(self.start, clock::now(), &outbox, &self.unsaved);
                self.channel.say(&ToApp::Export { request, json });
            }
            _ => {}
        }
    }
}

thread_local! {
    /// Where to say that this engine has failed.
    static LAST_WORD: Cell<Option<(u64, Channel)>> = const { Cell::new(None) };
}

/// After a panic nothing in memory can be trusted: the tab is told to start a fresh engine.
fn end_on_panic(epoch: u64, channel: Channel) {
    LAST_WORD.set(Some((epoch, channel)));
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        if let Some((epoch, channel)) = LAST_WORD.take() {
            channel.say(&ToApp::Stopped { epoch, reason: Stopped::Failed });
        }
        close();
    }));
}

fn listen_to_network(inputs: &UnboundedSender<Input>) {
    let Ok(scope) = js_sys::global().dyn_into::<WorkerGlobalScope>() else { return };
    let listener = |event: DeviceEvent| {
        let inputs = inputs.clone();
        // It listens for as long as the worker lives.
        Closure::<dyn Fn()>::new(move || drop(inputs.unbounded_send(Input::Device(event.clone()))))
            .into_js_value()
    };
    scope.set_ononline(Some(listener(DeviceEvent::Online).unchecked_ref()));
    scope.set_onoffline(Some(listener(DeviceEvent::Offline).unchecked_ref()));
}

fn close() {
    if let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        scope.close();
    }
}

impl Worker {
    /// The first thing after the database is open: the engine lives, and says so from now on.
    pub(super) fn begin(&mut self) {
        let epoch = self.epoch();
        end_on_panic(epoch, self.channel.clone());
        let channel = self.channel.clone();
        let beat = move || channel.say(&ToApp::Heartbeat { epoch });
        self.heartbeat = Some(Interval::new(HEARTBEAT_MS, beat));
        // In this order: nobody hears of being offline before the first attempt to connect.
        self.tell_session(DeviceEvent::Online);
        if self.start.keys.seals.is_some() {
            // Tabs that wait for somebody to unlock it need not wait any more.
            self.tell_keys();
        }
        self.greet();
    }

    /// Said between pieces of long work, when timers come late.
    pub(super) fn beat(&self) {
        self.channel.say(&ToApp::Heartbeat { epoch: self.epoch() });
    }
}
