//! Which tab runs the engine: the one that holds the Web Lock. A visible tab that hears no engine takes the lock
//! over; a tab that loses it ends its worker.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use client_bridge::codec::Keys;
use client_bridge::{EngineStart, EngineWatch, Stopped, ToApp, Whose, database};
use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, Worker, WorkerOptions, WorkerType};
use yew::Callback;

use crate::browser;

const WORKER: &str = "/engine-worker.js";
const LOOK_EVERY_MS: u32 = 250;
const RESTART_AFTER_MS: u32 = 1_000;

// Web Locks are in every current browser, and not in `web-sys` without its unstable flag.
#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

fn request_lock(
    name: &str,
    (option, value): (&str, &JsValue),
    granted: &Function,
) -> Result<Promise, JsValue> {
    let locks: LockManager = Reflect::get(&browser::window().navigator(), &"locks".into())?.unchecked_into();
    let options = Object::new();
    Reflect::set(&options, &option.into(), value)?;
    locks.request(name, &options, granted)
}

/// A promise, and what ends it.
fn lasting() -> (Promise, Function) {
    let mut end = None;
    let promise = Promise::new(&mut |resolve, _reject| end = Some(resolve));
    (promise, end.unwrap_or_default())
}

struct State {
    start: RefCell<EngineStart>,
    channel: BroadcastChannel,
    watch: RefCell<EngineWatch>,
    worker: RefCell<Option<Worker>>,
    /// Ends the promise the lock is held by.
    release: RefCell<Option<Function>>,
    /// Ends the promise that keeps the database from being erased under this tab.
    leave: RefCell<Option<Function>>,
    looking: RefCell<Option<Interval>>,
    restart: RefCell<Option<Timeout>>,
    /// Hears that the engine was started and never said a word.
    on_silence: RefCell<Callback<()>>,
    stopped: Cell<bool>,
}

/// This tab's part in the choice.
#[derive(Clone)]
pub(super) struct Leader(Rc<State>);

impl Leader {
    pub(super) fn new(start: &EngineStart, channel: BroadcastChannel) -> Self {
        Self(Rc::new(State {
            start: RefCell::new(start.clone()),
            channel,
            watch: RefCell::new(EngineWatch::new(browser::monotonic_ms())),
            worker: RefCell::default(),
            release: RefCell::default(),
            leave: RefCell::default(),
            looking: RefCell::default(),
            restart: RefCell::default(),
            on_silence: RefCell::new(Callback::noop()),
            stopped: Cell::new(false),
        }))
    }

    /// Queues for the lock and begins to watch. `on_silence` hears when an engine was started in vain.
    pub(super) fn start(&self, on_silence: Callback<()>) {
        *self.0.on_silence.borrow_mut() = on_silence;
        self.stay();
        self.ask_for_lock(false);
        let leader = self.clone();
        *self.0.looking.borrow_mut() = Some(Interval::new(LOOK_EVERY_MS, move || leader.look()));
    }

    fn stay(&self) {
        let (lasting, leave) = lasting();
        *self.0.leave.borrow_mut() = Some(leave);
        let name = database::tabs(&self.0.start.borrow().database());
        let granted = Closure::once_into_js(move |_lock: JsValue| lasting);
        if let Err(error) = request_lock(&name, ("mode", &"shared".into()), granted.unchecked_ref()) {
            browser::log(&format!("No lock for the tab: {error:?}"));
        }
    }

    pub(super) fn stop(&self) {
        self.0.stopped.set(true);
        self.0.looking.borrow_mut().take();
        self.0.restart.borrow_mut().take();
        self.end_worker();
        let ends = [self.0.release.borrow_mut().take(), self.0.leave.borrow_mut().take()];
        for end in ends.into_iter().flatten() {
            let _ = end.call0(&JsValue::NULL);
        }
    }

    /// The next engine of this tab opens the database with these.
    pub(super) fn set_keys(&self, keys: Keys) {
        self.0.start.borrow_mut().keys = keys;
    }

    pub(super) fn heard_starting(&self) {
        self.0.watch.borrow_mut().starting(browser::monotonic_ms());
    }

    /// True when it is another engine than before.
    pub(super) fn heard_heartbeat(&self, epoch: u64) -> bool {
        self.0.watch.borrow_mut().heartbeat(browser::monotonic_ms(), epoch)
    }

    pub(super) fn heard_stopped(&self, epoch: u64, reason: Stopped) {
        let own = self.leads() && self.0.watch.borrow().epoch() == Some(epoch);
        match reason {
            Stopped::Failed | Stopped::Unknown if own => {
                let leader = self.clone();
                *self.0.restart.borrow_mut() =
                    Some(Timeout::new(RESTART_AFTER_MS, move || leader.start_worker()));
            }
            Stopped::Superseded | Stopped::Failed | Stopped::Unknown => {}
        }
    }

    fn leads(&self) -> bool {
        self.0.release.borrow().is_some()
    }

    /// Starts this tab's engine anew, if it runs one: with the keys of by now.
    pub(super) fn begin_anew(&self) {
        if self.leads() {
            self.start_worker();
        }
    }

    fn look(&self) {
        let whose = if self.leads() { Whose::Own } else { Whose::Other };
        if !browser::visible() || !self.0.watch.borrow_mut().is_engine_gone(browser::monotonic_ms(), whose) {
            return;
        }
        match whose {
            Whose::Own => {
                if self.0.watch.borrow().is_silent() {
                    self.0.on_silence.borrow().emit(());
                }
                self.start_worker();
            }
            Whose::Other => {
                self.heard_starting();
                self.ask_for_lock(true);
            }
        }
    }

    fn ask_for_lock(&self, steal: bool) {
        let leader = self.clone();
        let granted = Closure::once_into_js(move |_lock: JsValue| leader.hold());
        let name = self.0.start.borrow().database();
        let held = match request_lock(&name, ("steal", &steal.into()), granted.unchecked_ref()) {
            Ok(held) => held,
            Err(error) => return browser::log(&format!("No lock for the engine: {error:?}")),
        };
        let leader = self.clone();
        spawn_local(async move {
            // It settles when the lock is released or stolen.
            let stolen = JsFuture::from(held).await.is_err();
            leader.end_worker();
            leader.0.release.borrow_mut().take();
            if stolen && !leader.0.stopped.get() {
                leader.heard_starting();
                leader.ask_for_lock(false);
            }
        });
    }

    /// The lock is granted: runs the engine for as long as the promise lasts.
    fn hold(&self) -> Promise {
        if self.0.stopped.get() {
            return Promise::resolve(&JsValue::NULL);
        }
        let (lasting, release) = lasting();
        *self.0.release.borrow_mut() = Some(release);
        self.start_worker();
        lasting
    }

    fn start_worker(&self) {
        self.end_worker();
        self.0.watch.borrow_mut().begun(browser::monotonic_ms());
        let _ = self.0.channel.post_message(&ToApp::Starting.encode().into());
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        match Worker::new_with_options(WORKER, &options) {
            Ok(worker) => {
                let _ = worker.post_message(&self.0.start.borrow().encode().into());
                *self.0.worker.borrow_mut() = Some(worker);
            }
            Err(error) => browser::log(&format!("The engine did not start: {error:?}")),
        }
    }

    fn end_worker(&self) {
        if let Some(worker) = self.0.worker.borrow_mut().take() {
            worker.terminate();
        }
    }
}
