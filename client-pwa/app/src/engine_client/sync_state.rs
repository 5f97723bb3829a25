//! How synchronising stands, as the panel and the chips show it.

use std::collections::BTreeMap;

use client_bridge::{PendingCommand, PendingState, StorageTrouble, SyncStatus, UnreadableEntry};
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;

/// Everything known about sending.
#[derive(Clone, Debug, Default)]
pub struct SyncState {
    pub status: SyncStatus,
    pub last_contact: Option<Timestamp>,
    /// When the copy on this device was last found to be the server's.
    pub checked: Option<Timestamp>,
    /// Refused ones first, then the first unsent ones in order, then the last accepted ones, newest first.
    pub pending: Vec<PendingCommand>,
    /// How many more are unsent, by document.
    pub beyond: BTreeMap<DocumentId, usize>,
    /// The engine has said how things stand.
    pub is_told: bool,
    /// Stored commands that this version cannot read.
    pub unreadable: Vec<UnreadableEntry>,
    /// Handed to the engine and not on disk yet.
    pub unanswered: usize,
    pub trouble: Option<StorageTrouble>,
    /// The database is locked when nobody works.
    pub locks: bool,
    /// What was stored before the lock is being sealed, or opened again.
    pub sealing: bool,
    /// The device is to be erased once the server has what it can have.
    pub wiping: bool,
}

impl SyncState {
    /// Commands the server does not have yet.
    pub fn unsent(&self) -> usize {
        let unsent =
            |each: &&PendingCommand| matches!(each.state, PendingState::Saved | PendingState::Sending);
        self.pending.iter().filter(unsent).count() + self.unlisted()
    }

    /// Those of them that are only counted.
    pub fn unlisted(&self) -> usize {
        self.beyond.values().sum()
    }

    /// Commands the server keeps for somebody to decide about.
    pub fn held(&self) -> usize {
        self.pending.iter().filter(|each| each.state == PendingState::Held).count()
    }

    /// Commands the server refused, and those this version cannot read.
    pub fn attention(&self) -> usize {
        let refused = |each: &&PendingCommand| matches!(each.state, PendingState::Attention { .. });
        self.pending.iter().filter(refused).count() + self.unreadable.len()
    }

    /// Is the first load still on its way?
    pub fn is_loading(&self) -> bool {
        match self.status {
            SyncStatus::Loading { .. } => true,
            SyncStatus::Connecting => self.last_contact.is_none(),
            SyncStatus::Offline | SyncStatus::Live | SyncStatus::SignedOut | SyncStatus::Unknown => false,
        }
    }

    /// Is this device connected?
    pub fn is_live(&self) -> bool {
        self.status == SyncStatus::Live
    }

    /// Unsent and refused commands per document.
    pub fn waiting_by_document(&self) -> BTreeMap<DocumentId, Waiting> {
        let mut by_document: BTreeMap<DocumentId, Waiting> = BTreeMap::new();
        for each in &self.pending {
            let Some(document) = each.document else { continue };
            let waiting = by_document.entry(document).or_default();
            match each.state {
                PendingState::Attention { .. } => waiting.attention += 1,
                PendingState::Saved | PendingState::Sending | PendingState::Held => waiting.unsent += 1,
                PendingState::Accepted | PendingState::Unknown => {}
            }
        }
        for (document, count) in &self.beyond {
            by_document.entry(*document).or_default().unsent += count;
        }
        by_document
    }
}

/// What waits about one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub unsent: usize,
    pub attention: usize,
}
