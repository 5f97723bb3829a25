//! What the engine says: each message finds the part of the page it is meant for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use client_bridge::{EngineStart, StorageTrouble, SyncStatus, ToApp, ToEngine};
use rexie::Rexie;
use shared_model::directory::Directory as StoredNames;
use shared_model::identity::CommandId;
use shared_model::workspace::Refusal;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};
use yew::Callback;

use super::view::Told;
use super::{Engine, Farewell, Inner, Notice, SyncState, Unanswered, leader};
use crate::hooks::Watched;
use crate::row_store::{self, RowStore};
use crate::{browser, clock};

/// The trouble of a tab whose engine does not start; the engine's own codes stand at [`StorageTrouble`].
pub(super) const NO_ENGINE: &str = "no_engine";

impl Engine {
    /// Takes part in the engine of this person: rows from the database, then whatever the engine says.
    pub fn connect(start: EngineStart, farewell: Callback<Farewell>) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(&start.database())?;
        let engine = Self(Rc::new(Inner {
            leader: leader::Leader::new(&start, channel.clone()),
            channel: channel.clone(),
            rows: RowStore::new(),
            sync: Rc::new(Watched::new(SyncState {
                locks: start.keys.seals.is_some(),
                ..SyncState::default()
            })),
            directory: Rc::new(Watched::default()),
            unanswered: RefCell::default(),
            unkept: RefCell::default(),
            views: RefCell::default(),
            exports: RefCell::default(),
            notice: RefCell::new(Callback::noop()),
            farewell,
            keys: Cell::new(start.keys),
            touched_at: Cell::new(clock::now()),
            saved_once: Cell::new(false),
            leaving: Cell::new(false),
            ends_too: Cell::new(false),
            start,
        }));
        let hearing = engine.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = event.data().as_string().and_then(|text| ToApp::parse(&text)) {
                hearing.hear(message);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // It listens for as long as the page or the session lasts; `stop` takes it off the channel.
        listener.forget();
        engine.0.rows.begin_reading();
        engine.read_rows();
        let silent = engine.clone();
        engine.0.leader.start(Callback::from(move |()| {
            let detail = "the engine was started and said nothing".to_owned();
            silent.set_trouble(Some(StorageTrouble { code: NO_ENGINE.to_owned(), detail }));
        }));
        engine.tell(&ToEngine::Hello);
        Ok(engine)
    }

    fn read_rows(&self) {
        let engine = self.clone();
        spawn_local(async move {
            let name = engine.0.start.database();
            let outcome = match row_store::open(&name).await {
                Ok(database) => {
                    engine.read_names(&database).await;
                    let outcome = row_store::read_all(&database, &engine.keys(), &engine.0.rows).await;
                    database.close();
                    outcome
                }
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                engine.begin_names(StoredNames::default());
                // The engine's own messages fill the lists as soon as it can read the database.
                browser::log(&format!("The rows could not be read: {error}"));
            }
        });
    }

    /// Names come before the rows that show them; an engine that starts slowly must not keep anybody nameless.
    async fn read_names(&self, database: &Rexie) {
        let stored = row_store::read_names(database, &self.keys()).await.unwrap_or_else(|error| {
            browser::log(&format!("The directory could not be read: {error}"));
            StoredNames::default()
        });
        self.begin_names(stored);
    }

    fn begin_names(&self, stored: StoredNames) {
        self.0.directory.change(|known| known.begin(stored));
        self.0.directory.tell();
    }

    fn hear(&self, message: ToApp) {
        match message {
            ToApp::Starting => self.0.leader.heard_starting(),
            ToApp::Heartbeat { epoch } => {
                if self.0.leader.heard_heartbeat(epoch) {
                    if self.0.sync.get().trouble.as_ref().is_some_and(|trouble| trouble.code == NO_ENGINE) {
                        self.set_trouble(None);
                    }
                    self.greet_new_engine();
                }
            }
            ToApp::Saved { command_id } => self.answered(command_id, None),
            ToApp::Refused { command_id, refusal } => self.answered(command_id, Some(refusal)),
            ToApp::NotSaved { detail, .. } => {
                browser::log(&format!("A command is not on disk yet: {detail}"));
            }
            ToApp::Rows { changed, removed } => self.0.rows.apply(changed, &removed),
            ToApp::RowsReset => self.read_rows(),
            ToApp::View { request, view, coming, costs, pending, .. } => {
                let (view, costs, unsent) = (view.as_deref(), costs.as_deref(), pending.len());
                self.show_view(request, &Told { view, costs, coming, unsent });
            }
            ToApp::Sync { status, last_contact, pending, beyond, unreadable, checked, sealing, wiping } => {
                self.0.sync.change(|sync| {
                    sync.is_told = true;
                    sync.status = if status == SyncStatus::Unknown { SyncStatus::Connecting } else { status };
                    sync.last_contact = last_contact;
                    sync.pending = pending;
                    sync.beyond = beyond;
                    sync.unreadable = unreadable;
                    sync.checked = checked;
                    (sync.sealing, sync.wiping) = (sealing, wiping);
                });
                self.0.sync.tell();
            }
            ToApp::Directory { directory, grants } => {
                self.0.directory.change(|known| known.apply(directory, grants));
                self.0.directory.tell();
            }
            ToApp::Export { request, json } => {
                if let Some(done) = self.0.exports.borrow_mut().remove(&request) {
                    done.emit(json);
                }
            }
            ToApp::StorageTrouble { trouble } => self.heard_trouble(trouble),
            ToApp::Unlocked { keys, .. } => {
                self.0.keys.set(keys);
                self.0.leader.set_keys(keys);
                self.0.sync.change(|sync| sync.locks = keys.seals.is_some());
                self.0.sync.tell();
                browser::keep_titles_private(keys.seals.is_some());
            }
            ToApp::LockKept { lock } => {
                self.0.unkept.borrow_mut().take_if(|unkept| *unkept == lock);
            }
            ToApp::Locked => self.end_too(Farewell::Locked { here: false }),
            ToApp::SignedOut => self.end_too(Farewell::SignedOut { here: false }),
            ToApp::Touched => self.0.touched_at.set(clock::now()),
            ToApp::Wiped { handed_in } => {
                self.stop();
                self.0.farewell.emit(Farewell::Wiped { handed_in });
            }
            ToApp::Stopped { epoch, reason } => self.0.leader.heard_stopped(epoch, reason),
            ToApp::Unknown => {}
        }
    }

    fn heard_trouble(&self, trouble: Option<StorageTrouble>) {
        let over = trouble.is_none();
        let is_locked = trouble.as_ref().is_some_and(|trouble| trouble.code == StorageTrouble::LOCKED);
        self.set_trouble(trouble);
        if over {
            self.send_unanswered();
        } else if is_locked && self.0.keys.get().are_bare() {
            self.end_too(Farewell::Locked { here: false });
        } else if is_locked {
            self.0.leader.begin_anew();
        }
    }

    fn set_trouble(&self, trouble: Option<StorageTrouble>) {
        self.0.sync.change(|sync| sync.trouble = trouble);
        self.0.sync.tell();
    }

    /// Another engine has taken over: it knows neither this tab's commands nor its views, nor what it waits for.
    fn greet_new_engine(&self) {
        self.tell(&ToEngine::Hello);
        self.send_unanswered();
        self.open_views();
        for request in self.0.exports.borrow().keys() {
            self.tell(&ToEngine::ExportUnsent { request: *request });
        }
    }

    fn send_unanswered(&self) {
        if let Some(lock) = self.0.unkept.borrow().clone() {
            self.tell(&ToEngine::KeepLock { lock });
        }
        for (command_id, each) in self.0.unanswered.borrow().iter() {
            self.tell(&ToEngine::Execute { command_id: *command_id, command: each.command.clone() });
        }
    }

    fn answered(&self, command_id: CommandId, refusal: Option<Refusal>) {
        let Some(Unanswered { ended, .. }) = self.0.unanswered.borrow_mut().remove(&command_id) else {
            return;
        };
        self.count_unanswered();
        let is_saved = refusal.is_none();
        match refusal {
            Some(refusal) => self.notify(Notice::Refused(refusal)),
            None if !self.0.saved_once.replace(true) => self.notify(Notice::FirstSaved),
            None => {}
        }
        ended.emit(is_saved);
    }

    fn notify(&self, notice: Notice) {
        let callback = self.0.notice.borrow().clone();
        callback.emit(notice);
    }
}
