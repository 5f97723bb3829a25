//! The frames between a device and the server, and the sans-IO session of both ends.
//!
//! # The protocol in prose
//!
//! A device opens a WebSocket with a one-time ticket and says [`DeviceFrame::Hello`] with its cursor: the epoch of
//! the feed, the last sequence number it has stored and the chain hash there. The server answers
//! [`ServerFrame::Welcome`] with a [`Plan`]:
//!
//! * [`Plan::Delta`] — the cursor is known: the feed continues from it.
//! * [`Plan::Packs`] — a load, of a device whose Hello says that it can: it fetches packs over HTTP, then the
//!   feed continues from the sequence number the load began at. A device loads when it holds nothing, when its
//!   rights have changed, and when its cursor is older than the horizon of the feed.
//! * [`Plan::Snapshots`] — first load of any other device: it pulls pages of snapshots with
//!   [`DeviceFrame::NextSnapshots`], then the feed continues from the sequence number the load began at.
//! * [`Plan::Diverged`] — the cursor belongs to another history (a backup was restored): the device keeps all
//!   it has, loads snapshots, and gives back what the server lacks ([`DeviceFrame::GiveBack`]).
//!
//! From then on the server sends [`ServerFrame::Feed`] frames; each covers a range of sequence numbers, of which
//! the device gets only what it may read. The device pushes commands ([`DeviceFrame::Push`]) and gets one
//! [`CommandResult`] each; it keeps a command until the feed that holds it is stored. Sending anything twice is harmless.
//!
//! # The sessions
//!
//! [`DeviceSession`] and [`NodeSession`] own all protocol state and do no IO: an event goes in with the time (and,
//! on the device, a random number), effects come out. A driver at each end opens sockets and runs transactions:
//! the browser engine and the headless device on one side, the server's WebSocket handler on the other. The
//! simulator drives both through every fault it can think of.
//!
//! # A load by packs
//!
//! A [`Pack`] is one answer to `GET /api/packs`, compressed as one stream. The first ones list every readable document
//! in order of id with its row ([`Listed`]): from then on lists and search work, and documents that no range names
//! are forgotten. The others bring documents: the person's own open ones, those of the sites and teams of their
//! rights, the rest ([`Urgency`]). Each names the next one with a [`PackToken`]; the device stores a pack with that
//! name, so a load that was interrupted goes on there. Rights are read for every pack, and one made under other
//! rights than the load began under is not stored. A document that changed since the rows were read brings its row
//! along; all later changes come with the feed, which follows as after any load.
//!
//! The session asks for packs with [`DeviceEffect::FetchPack`] and tries again with jitter. A device that gets
//! none, for whatever stands in between, connects anew without `packs` and loads by snapshots. A document that is
//! listed and not here yet is fetched by itself when somebody opens it ([`DeviceEvent::Wanted`]).
//!
//! # A load by snapshots
//!
//! Pages of snapshots come in order of document id; the device asks for each with
//! [`DeviceFrame::NextSnapshots`], stores it with its progress, and asks for the next. After the last one it says
//! [`DeviceFrame::Follow`] with the cursor the load began at: what changed meanwhile comes again, which is
//! harmless. A device whose rights changed loads again in the same way; documents that no page names are then
//! forgotten, once nothing of theirs waits in the outbox.
//!
//! # Schema
//!
//! Welcome says the newest schema step the server knows ([`crate::document::step`]). The device remembers it and
//! refuses, there and then, what would need a later one. A step travels like any change, with the first command
//! that needs it; a device older than the server takes it in, shows what it knows and leaves the rest as it is.
//!
//! # A check
//!
//! Once a day, and when a person asks, a device that is at rest compares its copy with the server's
//! ([`DeviceFrame::Check`]): a count and a sum of [`mark()`]s for each range of documents. The server answers with
//! [`ServerFrame::Checkpoint`], one round trip when they are equal; where a range differs, a [`Manifest`] names its
//! documents. The device compares one by one, leaves out what changed meanwhile, gives back what the server lacks of the
//! others, and takes the server's state in their place.
//!
//! # A deposit
//!
//! A device that hears 401 cannot tell a session that ended from a person who was disabled; the server can. So it offers
//! what waits in its outbox to `POST /api/deposits` ([`Deposit`]), with the credential of its registration. From
//! somebody who may sign in nothing is taken, and all waits as before. From anybody else it is held for a decision; the
//! device marks those commands and does not offer them again.
//!
//! # A refusal
//!
//! What was made upon a refused change can never be accepted: that branch of the document is dead. The session
//! waits until every command that touches the document is answered, fetches the server's state, and asks the
//! driver to rebuild: the server's state, then the intents of what was refused or never sent, done again under a
//! fresh actor. What cannot be done again waits under *needs attention*.

mod deposit;
mod device_session;
mod effect;
mod event;
mod feed_row;
mod frame;
mod give_back;
mod mark;
pub mod message;
mod node_session;
mod pack;
mod receipt;
mod standing;
mod visible;
mod weight;

pub use deposit::{DEPOSIT_SCHEME, Deposit, Deposited, DepositedCommand, MAX_DEPOSIT_COMMANDS};
pub use device_session::{DeviceIdentity, DeviceSession, Link, Status};
pub use effect::{DeviceEffect, Fate, NodeEffect};
pub use event::{
    CursorStanding, DepositFailure, DeviceEvent, Disconnect, NodeEvent, PackFailure, StoreReport,
};
pub use feed_row::{FeedRow, RowPayload, StoredDocument};
pub use frame::{FeedRows, Frame};
pub use give_back::{GivenActor, GivenBack, MAX_GIVEN_DOCUMENTS};
pub use mark::{MAX_RANGES, Manifest, RANGE_DOCUMENTS, RangeMark, StoredMark, mark};
pub use message::{
    CommandResult, Cursor, DeviceFrame, FeedBody, FeedItem, Plan, PushedCommand, PushedItem, ServerFrame,
    Snapshot, WireError,
};
pub use node_session::{NodeSession, Peer, fingerprint};
pub(crate) use pack::read_row;
pub use pack::{Listed, MAX_PACK_BYTES, Pack, PackPlace, PackToken, PackedDocument, Urgency};
pub use receipt::{Claim, Receipt, SnapshotReceipt, vouch};
pub use standing::{LoadProgress, OutboxEntry, PackProgress, Standing};
pub use visible::{Visible, visible, visible_snapshot};

use crate::gate::LIMITS;

/// Version of the frames; a server understands every version it ever spoke.
pub const PROTOCOL_VERSION: u16 = 1;
/// Most bytes of one frame of a device.
pub const MAX_FRAME_BYTES: usize = LIMITS.frame_bytes;
/// Most bytes of one frame of a server: a single document with a long history still fits.
pub const MAX_SERVER_FRAME_BYTES: usize = 16 * 1024 * 1024;
/// Most bytes of one command in a push.
pub const MAX_COMMAND_BYTES: usize = LIMITS.command_bytes;
