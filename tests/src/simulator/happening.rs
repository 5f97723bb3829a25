//! What can happen, and when.

use shared_model::identity::CommandId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{CommandResult, DeviceEvent, Disconnect, NodeEffect, PushedCommand};

use super::log::Judged;

/// Something that happens at a point of simulated time.
pub enum Happening {
    /// A device's timer.
    DeviceWakes { device: usize, start: u64 },
    /// A device's socket opens, or does not.
    Dialed { device: usize, start: u64, connection: u64 },
    /// A pack that a device asked for is made, or the way there fails.
    Packs { device: usize, start: u64, fetch: u64, next: Option<String> },
    /// A pack arrives, or does not.
    PackComes { device: usize, start: u64, event: DeviceEvent },
    /// A device carries out its next storing transaction.
    Stores { device: usize, start: u64 },
    /// A person does something.
    Acts { device: usize },
    /// A device that was off is switched on.
    SwitchedOn { device: usize },
    /// A device is in reach of the network again.
    InReach { device: usize },
    /// Bytes reach a node.
    ToNode { wire: u64, frame: Vec<u8> },
    /// Bytes reach a device.
    ToDevice { wire: u64, frame: Vec<u8> },
    /// A device learns that its socket is closed.
    WireGone { wire: u64, cause: Disconnect },
    /// A socket's timer on its node.
    NodeWakes { wire: u64 },
    /// A read of a node completes.
    Reads { wire: u64, effect: NodeEffect },
    /// A node judges the next command of a batch.
    Judges { batch: Batch },
    /// A node commits what it judged.
    Commits { batch: Batch, judged: Judged },
    /// A node tells a device what became of its commands.
    Acknowledges { batch: Batch },
    /// A node looks for news by itself.
    Polls { node: usize },
    /// A hint that the feed has grown reaches a socket.
    Hints { wire: u64, seq: u64 },
    /// Changed rights reach a socket.
    Rights { wire: u64, grants: Grants },
    /// A node that crashed is back.
    NodeBack { node: usize },
    /// Something goes wrong.
    Fault,
}

/// Commands of one push on their way through a node.
pub struct Batch {
    pub wire: u64,
    pub node: usize,
    /// The node's start; a crash ends everything of the start before.
    pub start: u64,
    pub number: u64,
    pub commands: std::collections::VecDeque<PushedCommand>,
    pub results: Vec<(CommandId, CommandResult)>,
}

impl Happening {
    /// A short name for the trace.
    pub fn name(&self) -> String {
        match self {
            Self::DeviceWakes { device, .. } => format!("device {device} wakes"),
            Self::Dialed { device, connection, .. } => format!("device {device} dialed {connection}"),
            Self::Packs { device, fetch, .. } => format!("device {device} asks for pack {fetch}"),
            Self::PackComes { device, .. } => format!("device {device} gets a pack"),
            Self::Stores { device, .. } => format!("device {device} stores"),
            Self::Acts { device } => format!("device {device} acts"),
            Self::SwitchedOn { device } => format!("device {device} on"),
            Self::InReach { device } => format!("device {device} in reach"),
            Self::ToNode { wire, frame } => format!("wire {wire} up {}", frame.len()),
            Self::ToDevice { wire, frame } => format!("wire {wire} down {}", frame.len()),
            Self::WireGone { wire, .. } => format!("wire {wire} gone"),
            Self::NodeWakes { wire } => format!("wire {wire} wakes"),
            Self::Reads { wire, .. } => format!("wire {wire} reads"),
            Self::Judges { batch } => format!("wire {} judges {}", batch.wire, batch.number),
            Self::Commits { batch, .. } => format!("wire {} commits {}", batch.wire, batch.number),
            Self::Acknowledges { batch } => format!("wire {} acknowledges {}", batch.wire, batch.number),
            Self::Polls { node } => format!("node {node} polls"),
            Self::Hints { wire, seq } => format!("wire {wire} hears {seq}"),
            Self::Rights { wire, .. } => format!("wire {wire} rights"),
            Self::NodeBack { node } => format!("node {node} back"),
            Self::Fault => "fault".to_owned(),
        }
    }
}
