//! The messages between tabs and the engine, as JSON texts on one `BroadcastChannel` per database (its name is
//! [`crate::database::name`]). Tabs and engine hear everything: each side parses only what is meant for it.
//!
//! # Rules a tab follows
//!
//! * Rows: listen first, then read all pages of the `rows` store, then apply the [`ToApp::Rows`] that came
//!   meanwhile. Read all pages anew on [`ToApp::RowsReset`].
//! * Commands: keep each [`ToEngine::Execute`] until [`ToApp::Saved`] or [`ToApp::Refused`] answers it, and send it
//!   again when the [`ToApp::Heartbeat`]'s epoch changes or a [`ToApp::StorageTrouble`] is over. The engine runs a
//!   command id once. Command ids are UUIDs version 7: the engine forgets finished ones by their time.
//! * Views: [`ToEngine::Open`] asks for a document and for every later state of it, until [`ToEngine::Close`]; open
//!   it again when the epoch changes.
//! * A new tab says [`ToEngine::Hello`] and hears status and directory. A tab that becomes visible says
//!   [`ToEngine::SyncNow`]; every tab passes on its window's `online` and `offline` events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared_model::directory::Directory;
use shared_model::features::{Command, Row};
use shared_model::identity::{CommandId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::workspace::Refusal;

use crate::codec::Keys;
use crate::lenient;
use crate::lock::Lock;
use crate::pending::{PendingCommand, UnreadableEntry};

/// What a tab asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum ToEngine {
    /// A tab has opened: say how things stand.
    Hello,
    /// Run a command.
    Execute {
        /// Fresh per command; the answer names it.
        command_id: CommandId,
        /// The command.
        command: Box<Command>,
    },
    /// Show a document and keep showing it.
    Open {
        /// Drawn at random by the tab; the answers name it.
        request: u64,
        /// The document.
        document: DocumentId,
    },
    /// The view of this request is no longer on a screen.
    Close {
        /// From [`ToEngine::Open`].
        request: u64,
    },
    /// Connect and send now.
    SyncNow,
    /// Is the copy on this device the server's? The answer is in [`ToApp::Sync`].
    CheckCopy,
    /// The tab's window heard that the network came or went. Workers of some browsers do not hear it themselves.
    NetworkChanged {
        /// Is there a network?
        online: bool,
    },
    /// Run a refused command again under the present state.
    RetryAttention {
        /// The command.
        command_id: CommandId,
    },
    /// A person decided to let a refused command go.
    DiscardAttention {
        /// The command.
        command_id: CommandId,
    },
    /// Give all unsent and refused work as a file.
    ExportUnsent {
        /// Drawn at random by the tab; the answer names it.
        request: u64,
    },
    /// The database is to be sealed under these keys from now on, and what is stored sealed anew.
    Seal {
        /// The keys.
        keys: Keys,
    },
    /// The lock of the database, changed while it is open. Only the engine writes then: it may be making the database anew.
    KeepLock {
        /// The lock.
        lock: Lock,
    },
    /// A tab whose database is locked asks whether it is open elsewhere: [`ToApp::Unlocked`].
    KeysWanted,
    /// Somebody signed in again, or a session ended.
    SessionChanged {
        /// Is there a session now?
        signed_in: bool,
        /// The rights the server answered with, when somebody signed in.
        #[serde(default)]
        grants: Option<Grants>,
        /// What the server answered, to be kept with the database: JSON of [`shared_model::account::SignedIn`].
        #[serde(default)]
        session: Option<String>,
    },
    /// Something a newer tab says.
    #[serde(other)]
    Unknown,
}

shared_model::tagged!(ToEngine, "ask");

/// What the engine tells every tab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum ToApp {
    /// Said by the *tab* that has just got the lock, before it starts the worker, and by an engine that takes its time
    /// to start: others wait [`crate::STARTING_MS`] for the first heartbeat.
    Starting,
    /// The engine lives. Every [`crate::HEARTBEAT_MS`].
    Heartbeat {
        /// The fencing epoch of this engine; another one means: another engine.
        epoch: u64,
    },
    /// The command is on this device's disk.
    Saved {
        /// The command.
        command_id: CommandId,
    },
    /// The command was refused by a rule; nothing has changed.
    Refused {
        /// The command.
        command_id: CommandId,
        /// Why.
        refusal: Refusal,
    },
    /// The command could not be written down; the tab keeps it and says so.
    NotSaved {
        /// The command.
        command_id: CommandId,
        /// What the browser said.
        detail: String,
    },
    /// Rows new or changed, and rows gone.
    Rows {
        /// By document.
        #[serde(default, deserialize_with = "lenient::rows")]
        changed: BTreeMap<DocumentId, Row>,
        /// Documents no longer here.
        #[serde(default)]
        removed: Vec<DocumentId>,
    },
    /// All rows changed: read the pages again.
    RowsReset,
    /// The document of a view, as it is now.
    View {
        /// From [`ToEngine::Open`].
        request: u64,
        /// The document.
        document: DocumentId,
        /// JSON of [`shared_model::features::View`]; `None`: the document is not on this device.
        view: Option<String>,
        /// The document is listed and on its way: a later message brings it.
        #[serde(default)]
        coming: bool,
        /// JSON of [`shared_model::features::CostSum`]s, when this device holds any cost of the document.
        #[serde(default)]
        costs: Option<String>,
        /// Commands about it that the server does not have yet.
        #[serde(default)]
        pending: Vec<CommandId>,
    },
    /// How synchronising stands.
    Sync {
        /// The connection.
        status: SyncStatus,
        /// When the server was last heard.
        #[serde(default)]
        last_contact: Option<Timestamp>,
        /// Commands of this device: refused ones first, then the first unsent ones in order, then the
        /// last accepted ones, newest first.
        #[serde(default)]
        pending: Vec<PendingCommand>,
        /// How many more are unsent, by the document they are about: a season of work is too long to be told each time.
        #[serde(default)]
        beyond: BTreeMap<DocumentId, usize>,
        /// Commands of this device that cannot be read.
        #[serde(default)]
        unreadable: Vec<UnreadableEntry>,
        /// When the copy was last found to be the server's.
        #[serde(default)]
        checked: Option<Timestamp>,
        /// What was stored before the lock is being sealed.
        #[serde(default)]
        sealing: bool,
        /// The device is to be erased, as soon as the server has what it can have.
        #[serde(default)]
        wiping: bool,
    },
    /// People, teams, devices and actors, new or changed; everything after [`ToEngine::Hello`].
    Directory {
        /// The change.
        directory: Directory,
        /// The rights of the person on this device, as far as known.
        #[serde(default)]
        grants: Option<Grants>,
    },
    /// The answer to [`ToEngine::ExportUnsent`].
    Export {
        /// From the question.
        request: u64,
        /// The file's text.
        json: String,
    },
    /// This device cannot store work right now.
    StorageTrouble {
        /// What is wrong; `None`: it is over.
        trouble: Option<StorageTrouble>,
    },
    /// The database is open, under these keys. They go from memory to memory and are written nowhere.
    Unlocked {
        /// The keys.
        keys: Keys,
        /// From [`crate::EngineStart`]: an engine that saves what its tab still has opens no tab that was locked since.
        #[serde(default)]
        locked_before: u64,
    },
    /// The answer to [`ToEngine::KeepLock`]: it is on disk.
    LockKept {
        /// The lock.
        lock: Lock,
    },
    /// Said by a *tab*: the database is locked. Every tab ends its engine and forgets what it holds.
    Locked,
    /// Said by a *tab*: its person signed out. Every tab ends its engine.
    SignedOut,
    /// Said by a *tab*: somebody works on this device, so it does not lock itself yet.
    Touched,
    /// An administrator asked for it, and what could be handed in is with the server: nothing of this person is on this
    /// device any more.
    Wiped {
        /// Commands that were handed in since the device was told.
        handed_in: u64,
    },
    /// This engine has ended; whoever holds the lock starts another unless it was superseded.
    Stopped {
        /// The epoch it had.
        epoch: u64,
        /// Why.
        reason: Stopped,
    },
    /// Something a newer engine says.
    #[serde(other)]
    Unknown,
}

shared_model::tagged!(ToApp, "tell");

/// The connection to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum SyncStatus {
    /// No server in reach; work goes on.
    Offline,
    /// On the way to the server, or the engine has not said anything yet.
    #[default]
    Connecting,
    /// The first load.
    Loading {
        /// Documents that have arrived.
        done: u64,
        /// All documents, when the server said how many.
        #[serde(default)]
        total: Option<u64>,
    },
    /// Every change arrives as it happens.
    Live,
    /// The session has ended: sending waits until somebody signs in. Nothing is lost.
    SignedOut,
    /// Something a newer engine says.
    #[serde(other)]
    Unknown,
}

shared_model::tagged!(SyncStatus, "status");

/// Why nothing can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageTrouble {
    /// `quota` (the device is full), `unavailable` (the browser refuses) or [`Self::LOCKED`].
    pub code: String,
    /// What the browser said.
    pub detail: String,
}

impl StorageTrouble {
    /// Another tab locked the database, and whoever started this engine did not hear of it.
    pub const LOCKED: &str = "locked";
}

/// Why an engine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// Another engine took over.
    Superseded,
    /// It met a defect.
    Failed,
    /// Something a newer engine says.
    #[serde(other)]
    Unknown,
}

macro_rules! message {
    ($name:ident) => {
        impl $name {
            /// The text for the channel.
            pub fn encode(&self) -> String {
                serde_json::to_string(self).unwrap_or_default()
            }

            /// Reads a text from the channel; `None` when it is meant for the other side or not understood.
            pub fn parse(text: &str) -> Option<Self> {
                serde_json::from_slice(text.as_bytes())
                    .ok()
                    .filter(|message| !matches!(message, Self::Unknown))
            }
        }
    };
}
message!(ToEngine);
message!(ToApp);

/// The id of a command that this version cannot read, because the tab is newer: it is refused, so that the tab
/// does not wait for an answer that never comes.
pub fn unreadable_command(text: &str) -> Option<CommandId> {
    #[derive(Deserialize)]
    struct Asked {
        ask: String,
        command_id: CommandId,
    }
    let asked: Asked = serde_json::from_slice(text.as_bytes()).ok()?;
    (asked.ask == "execute" && ToEngine::parse(text).is_none()).then_some(asked.command_id)
}

#[cfg(test)]
mod tests {
    use shared_model::document::DocumentKind;
    use shared_model::features::work_order;
    use shared_model::workspace::Aggregate;

    use super::*;

    fn command_id() -> CommandId {
        CommandId::from_bytes([4; 16])
    }

    fn id() -> DocumentId {
        DocumentId::from_bytes([5; 16])
    }

    #[test]
    fn each_side_hears_only_what_is_meant_for_it() {
        let command = Box::new(Command::WorkOrder(work_order::Command::StartTimer { id: id() }));
        let execute = ToEngine::Execute { command_id: command_id(), command };
        assert_eq!(ToEngine::parse(&execute.encode()), Some(execute.clone()));
        assert_eq!(ToApp::parse(&execute.encode()), None);
        let saved = ToApp::Saved { command_id: command_id() };
        assert_eq!(ToApp::parse(&saved.encode()), Some(saved.clone()));
        assert_eq!(ToEngine::parse(&saved.encode()), None);
    }

    #[test]
    fn messages_of_other_versions_are_ignored_or_understood_in_part() {
        assert_eq!(ToApp::parse(r#"{"tell":"fireworks","colour":"red"}"#), None);
        assert_eq!(ToEngine::parse(r#"{"ask":"dance"}"#), None);
        assert_eq!(ToEngine::parse("nonsense"), None);
        assert_eq!(
            ToApp::parse(r#"{"tell":"heartbeat","epoch":3,"mood":"good"}"#),
            Some(ToApp::Heartbeat { epoch: 3 })
        );
        let sync = ToApp::parse(r#"{"tell":"sync","status":{"status":"by_pigeon"}}"#);
        let status = SyncStatus::Unknown;
        let (pending, beyond, unreadable) = (Vec::new(), BTreeMap::new(), Vec::new());
        assert_eq!(
            sync,
            Some(ToApp::Sync {
                status,
                last_contact: None,
                pending,
                beyond,
                unreadable,
                checked: None,
                sealing: false,
                wiping: false
            })
        );
    }

    #[test]
    fn rows_of_an_unknown_kind_do_not_hide_the_others() {
        let row = Row::WorkOrder(work_order::summarise(&Aggregate::new(id(), DocumentKind::WorkOrder)));
        let rows = ToApp::Rows { changed: BTreeMap::from([(id(), row)]), removed: vec![id()] };
        assert_eq!(ToApp::parse(&rows.encode()), Some(rows.clone()));
        let unknown = r#""09090909-0909-0909-0909-090909090909":{"kind":"drone","height":3},"#;
        let newer = rows.encode().replacen(r#""changed":{"#, &format!(r#""changed":{{{unknown}"#), 1);
        assert_eq!(ToApp::parse(&newer), Some(rows));
    }

    #[test]
    fn a_command_of_a_newer_tab_is_known_by_its_id() {
        let newer = r#"{"ask":"execute","command_id":"04040404-0404-0404-0404-040404040404","command":{"on":"drone"}}"#;
        assert_eq!(unreadable_command(newer), Some(command_id()));
        let command = Box::new(Command::WorkOrder(work_order::Command::StartTimer { id: id() }));
        let known = ToEngine::Execute { command_id: command_id(), command };
        assert_eq!(unreadable_command(&known.encode()), None);
        assert_eq!(unreadable_command(&ToApp::Saved { command_id: command_id() }.encode()), None);
    }

    #[test]
    fn refusals_travel_whole() {
        let refusal = Refusal::rule("transition_not_allowed", "new to closed");
        let refused = ToApp::Refused { command_id: command_id(), refusal };
        assert_eq!(ToApp::parse(&refused.encode()), Some(refused));
    }
}
