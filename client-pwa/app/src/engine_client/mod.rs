//! The tab's side of the engine: one worker for all tabs of a person, reached over a channel. Commands are kept
//! until the engine says they are on disk, and sent again to whichever engine lives.

mod attempt;
mod directory;
mod leader;
mod listen;
mod refusal_text;
mod rights;
mod sync_state;
mod view;

pub use attempt::{Attempt, use_attempt};
pub use directory::Directory;
pub use refusal_text::{refusal_text, rule_text};
pub use rights::EngineProvider;
pub use sync_state::{SyncState, Waiting};
pub use view::{Shown, use_view, use_views};

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use client_bridge::codec::Keys;
use client_bridge::lock::Lock;
use client_bridge::{EngineStart, ToApp, ToEngine, UnsentCommand, UnsentWork};
use gloo_timers::future::TimeoutFuture;
use shared_model::account::SignedIn;
use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::identity::CommandId;
use shared_model::instant::Timestamp;
use shared_model::permission::{Grants, Permission};
use shared_model::workspace::Refusal;
use wasm_bindgen_futures::spawn_local;
use web_sys::BroadcastChannel;
use yew::prelude::*;

use self::listen::NO_ENGINE;
use crate::hooks::Watched;
use crate::row_store::RowStore;
use crate::{browser, clock, fresh_id, session};

/// A touch within this time of the last one is not told.
const TELL_TOUCHED_MS: i64 = 5_000;
/// How often a lock looks whether all is saved.
const UNSAVED_MS: u32 = 50;

/// What screens hear of the engine without asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A rule said no to a command; nothing has changed.
    Refused(Refusal),
    /// The first command of this page is on disk.
    FirstSaved,
}

/// Why a page is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// Its person signed out.
    SignedOut {
        /// In this tab; otherwise in another one.
        here: bool,
    },
    /// The database was locked.
    Locked {
        /// In this tab, by somebody or because nobody worked here; otherwise in another one.
        here: bool,
    },
    /// Everything of this person was erased for an administrator.
    Wiped {
        /// Changes that were handed in before.
        handed_in: u64,
    },
}

/// A command that is not known to be on disk.
struct Unanswered {
    command: Box<Command>,
    at: Timestamp,
    ended: Callback<bool>,
}

struct Inner {
    start: EngineStart,
    channel: BroadcastChannel,
    leader: leader::Leader,
    rows: Rc<RowStore>,
    sync: Rc<Watched<SyncState>>,
    directory: Rc<Watched<Directory>>,
    unanswered: RefCell<BTreeMap<CommandId, Unanswered>>,
    /// A lock of which no engine has said that it is on disk.
    unkept: RefCell<Option<Lock>>,
    views: RefCell<BTreeMap<u64, view::Subscription>>,
    exports: RefCell<BTreeMap<u64, Callback<String>>>,
    notice: RefCell<Callback<Notice>>,
    farewell: Callback<Farewell>,
    /// What the database is sealed under now.
    keys: Cell<Keys>,
    /// When somebody was last seen to work here, in any tab.
    touched_at: Cell<Timestamp>,
    saved_once: Cell<bool>,
    /// Its person signs out once all is saved.
    leaving: Cell<bool>,
    /// Over in another tab: it waits until all of its own is saved.
    ends_too: Cell<bool>,
}

/// The engine of the person signed in.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Engine {
    /// The rows on this device.
    pub fn rows(&self) -> &Rc<RowStore> {
        &self.0.rows
    }

    /// How synchronising stands.
    pub fn sync(&self) -> &Rc<Watched<SyncState>> {
        &self.0.sync
    }

    /// People, teams and devices by name.
    pub fn directory(&self) -> &Rc<Watched<Directory>> {
        &self.0.directory
    }

    /// Does the person hold this permission anywhere? Screens hide what the engine would refuse.
    pub fn may(&self, permission: Permission) -> bool {
        self.ask(|grants| grants.hold(permission))
    }

    /// May the person change this field in some document? Rules may take single fields away.
    pub fn may_write(&self, kind: DocumentKind, key: &str) -> bool {
        let field = kind.fields().field(&[key]);
        field.is_some_and(|field| self.ask(|grants| grants.hold_field(kind, field)))
    }

    /// May the person begin a document with something in this field?
    pub fn may_begin_with(&self, kind: DocumentKind, key: &str) -> bool {
        let field = kind.fields().field(&[key]);
        field.is_some_and(|field| self.ask(|grants| grants.begin_with_field(kind, field)))
    }

    /// May the person write in this field of a form about a document that begins, or of one that is there?
    pub fn may_fill_in(&self, kind: DocumentKind, key: &str, begins: bool) -> bool {
        if begins { self.may_begin_with(kind, key) } else { self.may_write(kind, key) }
    }

    /// May the person administer the organisation? People and roles belong to no site: only a right without a limit reaches them.
    pub fn administers(&self) -> bool {
        self.ask(|grants| grants.allow(Permission::OrganisationAdmin, &[]))
    }

    /// Asks the rights of this moment.
    fn ask(&self, question: impl FnOnce(&Grants) -> bool) -> bool {
        self.0.directory.get().grants.as_ref().or(self.0.start.grants.as_ref()).is_some_and(question)
    }

    /// The person whose engine it is.
    pub fn person(&self) -> shared_model::identity::PersonId {
        self.0.start.person
    }

    /// Runs a command. The rows and views change as soon as the engine has run it; whoever is in front of the page
    /// hears of a refusal.
    pub fn execute(&self, command: Command) {
        self.attempt(command, Callback::noop());
    }

    /// Runs a command; `ended` hears whether it is on disk, also when the page that gave it has been left by then.
    pub fn attempt(&self, command: Command, ended: Callback<bool>) {
        let command_id = fresh_id::command();
        let command = Box::new(command);
        self.tell(&ToEngine::Execute { command_id, command: command.clone() });
        let unanswered = Unanswered { command, at: clock::now(), ended };
        self.0.unanswered.borrow_mut().insert(command_id, unanswered);
        self.count_unanswered();
    }

    /// Sends now what waits, instead of when the engine thinks fit.
    pub fn sync_now(&self) {
        self.tell(&ToEngine::SyncNow);
    }

    /// Is the copy on this device the server's? What is not is put right.
    pub fn check_copy(&self) {
        self.tell(&ToEngine::CheckCopy);
    }

    /// The window heard that the network came or went.
    pub fn network_changed(&self, online: bool) {
        self.tell(&ToEngine::NetworkChanged { online });
    }

    /// Runs a refused command again.
    pub fn retry(&self, command_id: CommandId) {
        self.tell(&ToEngine::RetryAttention { command_id });
    }

    /// Lets a refused command go.
    pub fn discard(&self, command_id: CommandId) {
        self.tell(&ToEngine::DiscardAttention { command_id });
    }

    /// All unsent and refused work, as the text of a file. While no engine lives, it is what this tab alone has; what
    /// is stored is saved by the recovery page.
    pub fn export(&self, done: Callback<String>) {
        if self.0.sync.get().trouble.as_ref().is_some_and(|trouble| trouble.code == NO_ENGINE) {
            return done.emit(self.unanswered_work());
        }
        let request = fresh_id::request();
        self.0.exports.borrow_mut().insert(request, done);
        self.tell(&ToEngine::ExportUnsent { request });
    }

    /// Somebody signed in again, or the session ended.
    pub fn session_changed(&self, fresh: Option<&SignedIn>) {
        self.tell(&ToEngine::SessionChanged {
            signed_in: fresh.is_some(),
            grants: fresh.map(session::grants_of),
            session: fresh.map(session::kept),
        });
    }

    /// What the database is sealed under.
    pub fn keys(&self) -> Keys {
        self.0.keys.get()
    }

    /// Keeps another lock of the database.
    pub fn keep_lock(&self, lock: Lock) {
        *self.0.unkept.borrow_mut() = Some(lock.clone());
        self.tell(&ToEngine::KeepLock { lock });
    }

    /// Waits until it is on disk.
    pub async fn lock_kept(&self) {
        while self.0.unkept.borrow().is_some() {
            TimeoutFuture::new(UNSAVED_MS).await;
        }
    }

    /// Seals the database under other keys from now on, and what is stored anew. The lock they go with is stored, so they count at
    /// once, also for an engine that this tab starts before this one has heard.
    pub fn seal(&self, keys: Keys) {
        self.0.keys.set(keys);
        self.0.leader.set_keys(keys);
        self.tell(&ToEngine::Seal { keys });
    }

    /// Locks the database in every tab, each once all of its own is saved. The page is over then.
    pub fn lock(&self) {
        let engine = self.clone();
        self.when_all_is_saved(move || {
            // It counts before another tab hears of it.
            engine.0.farewell.emit(Farewell::Locked { here: true });
            let _ = engine.0.channel.post_message(&ToApp::Locked.encode().into());
            engine.stop();
        });
    }

    /// Ends every tab of this person, each once all of its own is saved.
    pub fn sign_out(&self) {
        let engine = self.clone();
        self.0.leaving.set(true);
        self.when_all_is_saved(move || {
            if !engine.0.leaving.replace(false) {
                return;
            }
            // It counts before another tab hears of it.
            engine.0.farewell.emit(Farewell::SignedOut { here: true });
            let _ = engine.0.channel.post_message(&ToApp::SignedOut.encode().into());
            engine.stop();
        });
    }

    /// Calls signing out off. No: it is over.
    pub fn stay(&self) -> bool {
        self.0.leaving.replace(false)
    }

    /// Another tab was locked or left. If that one ran the engine this one takes over and saves what it still has first.
    fn end_too(&self, farewell: Farewell) {
        let engine = self.clone();
        if self.0.ends_too.replace(true) {
            return;
        }
        self.when_all_is_saved(move || {
            engine.stop();
            engine.0.farewell.emit(farewell);
        });
    }

    fn when_all_is_saved(&self, then: impl FnOnce() + 'static) {
        browser::leave_field();
        let engine = self.clone();
        spawn_local(async move {
            while engine.has_unsaved() {
                TimeoutFuture::new(UNSAVED_MS).await;
            }
            then();
        });
    }

    /// Somebody works here; other tabs hear of it now and then.
    pub fn touched(&self) {
        let (now, before) = (clock::now(), self.0.touched_at.get());
        if now.millis_since(before) > TELL_TOUCHED_MS {
            let _ = self.0.channel.post_message(&ToApp::Touched.encode().into());
            self.0.touched_at.set(now);
        }
    }

    /// How long nobody has worked here.
    pub fn idle_ms(&self) -> i64 {
        clock::now().millis_since(self.0.touched_at.get())
    }

    /// Who hears the notices.
    pub fn on_notice(&self, notice: Callback<Notice>) {
        *self.0.notice.borrow_mut() = notice;
    }

    fn unanswered_work(&self) -> String {
        let unanswered = self.0.unanswered.borrow();
        let commands = unanswered
            .iter()
            .map(|(id, each)| UnsentCommand::not_saved(*id, each.at, &each.command))
            .collect();
        UnsentWork::new(&self.0.start, clock::now(), commands).to_text()
    }

    fn tell(&self, message: &ToEngine) {
        // A channel refuses only after it was closed, when the page is going away.
        let _ = self.0.channel.post_message(&message.encode().into());
    }

    /// Is there anything a person did that the device has not saved yet?
    pub fn has_unsaved(&self) -> bool {
        !self.0.unanswered.borrow().is_empty() || self.0.unkept.borrow().is_some()
    }

    fn count_unanswered(&self) {
        let unanswered = self.0.unanswered.borrow().len();
        self.0.sync.change(|sync| sync.unanswered = unanswered);
        self.0.sync.tell();
    }

    /// Stops taking part: another tab may run the engine.
    pub fn stop(&self) {
        self.0.leader.stop();
        self.0.channel.set_onmessage(None);
        self.0.channel.close();
    }
}

/// The engine of this page. Whoever has it is drawn again when the person's rights change.
#[hook]
pub fn use_engine() -> Engine {
    use_context::<rights::Rights>();
    use_context::<Engine>().expect("pages stand below the engine")
}
