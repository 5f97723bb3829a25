//! The frames between a device and the server, and the sans-IO session of both ends.
//!
//! # The protocol in prose
//!
//! A device opens a WebSocket with a one-time ticket and says [`DeviceFrame::Hello`] with its cursor: the epoch of
//! the feed, the last sequence number it has stored and the chain hash there. The server answers
//! [`ServerFrame::Welcome`] with a [`Plan`]:
//!
//! * [`Plan::Delta`] — the cursor is known: the feed continues from it.
//! * [`Plan::Snapshots`] — first load: the device pulls pages of snapshots with
//!   [`DeviceFrame::NextSnapshots`], then the feed continues from the sequence number the load began at.
//! * [`Plan::Diverged`] — the cursor belongs to another history (a backup was restored): the device keeps all
//!   it has, loads snapshots, and pushes what the server lacks.
//!
//! From then on the server sends [`ServerFrame::Feed`] frames; each covers a range of sequence numbers, of which
//! the device gets only what it may read. The device pushes commands ([`DeviceFrame::Push`]) and gets one
//! [`CommandResult`] each. Sending anything twice is harmless.

pub mod message;

pub use message::{
    CommandResult, Cursor, DeviceFrame, FeedBody, FeedItem, Plan, PushedCommand, PushedItem, ServerFrame, Snapshot,
    WireError,
};

/// Version of the frames; a server understands every version it ever spoke.
pub const PROTOCOL_VERSION: u16 = 1;
/// Most bytes of one frame.
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;
/// Most bytes of one command in a push.
pub const MAX_COMMAND_BYTES: usize = 256 * 1024;
