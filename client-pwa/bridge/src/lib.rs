//! What the app (every tab) and the engine (one worker per database) agree on: the messages between them, the
//! layout of the database on the device, and the codec every stored value goes through.
//!
//! Pure: nothing here touches the browser, so all of it is tested natively. To add a message, add a variant to
//! [`ToEngine`] or [`ToApp`] with every field beyond the first version `#[serde(default)]`: an old tab may talk to
//! a newer engine and the reverse.

pub mod codec;
pub mod database;
mod engine_lock;
mod lenient;
pub mod lock;
mod message;
mod pending;
pub mod rows;
mod unsent_work;

pub use engine_lock::{EngineStart, EngineWatch, HEARTBEAT_MS, MISSED_MS, OWN_MISSED_MS, STARTING_MS, Whose};
pub use message::{Stopped, StorageTrouble, SyncStatus, ToApp, ToEngine, unreadable_command};
pub use pending::{FieldDifference, PendingCommand, PendingState, UnreadableEntry, command_code};
pub use unsent_work::{UnsentCommand, UnsentItem, UnsentValue, UnsentWork};
