//! Messages of the moment between the clients of one node: who is here, where somebody points. Nobody keeps them
//! and a slow client misses some, as the protocol has it.

use std::sync::Arc;

use shared_model::identity::{DocumentId, OrganisationId};
use tokio::sync::broadcast;

/// Messages a slow client may be behind with before it misses some.
const BACKLOG: usize = 64;
/// Most bytes of one.
const MAX_BYTES: usize = 16 * 1024;

/// A message of the moment.
#[derive(Debug)]
pub struct Whisper {
    pub organisation: OrganisationId,
    pub document: DocumentId,
    /// The connection it came on.
    pub connection: u64,
    pub peer: String,
    pub session: String,
    pub count: u64,
    pub data: Vec<u8>,
}

/// Where they pass through. Cheap to clone.
#[derive(Clone)]
pub struct Relay(broadcast::Sender<Arc<Whisper>>);

impl Default for Relay {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Relay {
    /// Hears of all that is passed on from now.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Whisper>> {
        self.0.subscribe()
    }

    /// Passes a message on to whoever listens.
    pub fn pass_on(&self, whisper: Whisper) -> Result<(), &'static str> {
        if whisper.data.len() > MAX_BYTES {
            return Err("an ephemeral message has at most 16 KiB");
        }
        // Nobody listens: nobody else is connected.
        let _ = self.0.send(Arc::new(whisper));
        Ok(())
    }
}
