//! The server's end of one socket.

use crate::identity::{DeviceId, PersonId};
use crate::instant::Timestamp;
use crate::permission::Grants;
use crate::sync_protocol::{NodeEffect, NodeEvent};

/// Who is at the other end, as the one-time ticket says.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
    /// The person's rights.
    pub grants: Grants,
}

/// The server's end of one socket.
#[derive(Debug)]
pub struct NodeSession {
    peer: Peer,
    wake_at: Timestamp,
}

impl NodeSession {
    /// The session of a socket that was just opened.
    pub fn new(now: Timestamp, peer: Peer) -> Self {
        Self { peer, wake_at: now }
    }

    /// Who is at the other end.
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// When to pass a [`NodeEvent::Tick`] at the latest.
    pub const fn wake_at(&self) -> Timestamp {
        self.wake_at
    }

    /// What to do about `event`.
    pub fn handle(&mut self, now: Timestamp, event: NodeEvent) -> Vec<NodeEffect> {
        let _ = (now, event);
        Vec::new()
    }
}
