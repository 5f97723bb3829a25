//! The device's end: connection, load, feed, outbox.

use crate::identity::{ActorId, DeviceId, DocumentId};
use crate::instant::Timestamp;
use crate::sync_protocol::{DeviceEffect, DeviceEvent, OutboxEntry, Standing};

/// Who the device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceIdentity {
    /// The device.
    pub device: DeviceId,
    /// The actor of this engine start.
    pub actor: ActorId,
}

/// How the device is connected, for the sync panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Not connected; the next attempt, if one is planned.
    Offline {
        /// When.
        retry_at: Option<Timestamp>,
    },
    /// Not connected until somebody signs in.
    SignInNeeded,
    /// On the way.
    Connecting,
    /// A load is under way.
    Loading {
        /// Documents stored.
        loaded: u64,
        /// About how many there are.
        documents: u64,
    },
    /// Connected; the feed comes as it grows.
    Live,
}

/// What the sync panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// How the device is connected.
    pub link: Link,
    /// Commands that wait for an answer.
    pub waiting: usize,
    /// Of these, commands on their way.
    pub sending: usize,
    /// When the server last said anything.
    pub last_contact: Option<Timestamp>,
}

/// The device's end of the protocol.
#[derive(Debug)]
pub struct DeviceSession {
    identity: DeviceIdentity,
    standing: Standing,
    outbox: Vec<OutboxEntry>,
    wanted: Vec<DocumentId>,
}

impl DeviceSession {
    /// A session over what the store holds: where the copy stands, the outbox in order, and the documents to
    /// fetch whole. It does nothing until the first event ([`DeviceEvent::Online`] to connect).
    pub fn new(
        identity: DeviceIdentity,
        standing: Standing,
        outbox: Vec<OutboxEntry>,
        wanted: Vec<DocumentId>,
    ) -> Self {
        Self { identity, standing, outbox, wanted }
    }

    /// What to do about `event`. `now` is the device's clock, which may jump; `random` is a fresh random number.
    pub fn handle(&mut self, now: Timestamp, random: u64, event: DeviceEvent) -> Vec<DeviceEffect> {
        let _ = (now, random, event, self.identity, &self.standing, &self.wanted);
        Vec::new()
    }

    /// When to pass a [`DeviceEvent::Tick`] at the latest; `None`: not at all.
    pub const fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    /// What the sync panel shows.
    pub fn status(&self) -> Status {
        Status {
            link: Link::Offline { retry_at: None },
            waiting: self.outbox.len(),
            sending: 0,
            last_contact: None,
        }
    }

    /// The commands that were sent and not yet answered.
    pub fn is_sending(&self, id: crate::identity::CommandId) -> bool {
        let _ = id;
        false
    }
}
