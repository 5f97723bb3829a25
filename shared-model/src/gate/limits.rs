//! Every limit of the gate, in one table.

use crate::input::MAX_TEXT_CHARS;

/// How much of anything one peer may send at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one frame on a socket.
    pub frame_bytes: usize,
    /// Most bytes of one encoded command: its intent, changes and records together.
    pub command_bytes: usize,
    /// Most that the operations of one command weigh ([`change_weight`](super::change_weight)), all its changes
    /// together, and of the commands that are judged at once for one socket. A deletion takes no byte when it follows
    /// another, so that bytes alone bound nothing. The longest honest command writes a long text anew: 60,000.
    pub command_weight: usize,
    /// Most changes of one command: each costs a look at the whole document. The longest honest one has about forty.
    pub command_changes: usize,
    /// Most documents of one command: each is loaded whole before anything is judged.
    pub command_documents: usize,
    /// Most bytes of one encoded record.
    pub record_bytes: usize,
    /// Most bytes of one change; no string inside it can be longer.
    pub change_bytes: usize,
    /// Most dependencies of one change.
    pub dependencies: usize,
    /// Most bytes of a change's message.
    pub message_bytes: usize,
    /// Most rows that the runs of any one column add up to, and so most operations of one change.
    pub operations: usize,
    /// Farthest a device's clock may stand from 1970, in seconds: the range of dates in a browser.
    pub clock_seconds: u64,
}

/// The limits in force.
pub const LIMITS: Limits = Limits {
    frame_bytes: 1024 * 1024,
    command_bytes: 256 * 1024,
    command_weight: 64_000,
    command_changes: 256,
    command_documents: 64,
    record_bytes: 68 * 1024,
    change_bytes: 64 * 1024,
    dependencies: 256,
    message_bytes: 256,
    operations: 5_000,
    clock_seconds: 8_640_000_000_000,
};

/// A long text goes and another comes in one command, and there is room for the rest of it.
const _: () = assert!(3 * MAX_TEXT_CHARS + 4_000 <= LIMITS.command_weight);
