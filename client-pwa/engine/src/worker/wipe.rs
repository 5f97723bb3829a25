//! Erasing this device for an administrator: first the server gets what it can have, by push or as a deposit, then
//! everything of this person goes. Until then work goes on as ever, and whatever interrupts this, it goes on later: the
//! server says at each contact that it wants it.

use client_bridge::ToApp;

use super::Worker;
use crate::console;
use crate::journal::remove_folder;
use crate::local_store::{Batch, Durability, erase};

/// What is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wiping {
    handed_in: u64,
}

impl Worker {
    pub(super) fn wipe_asked(&mut self) {
        self.wiping.get_or_insert_default();
        self.status_changed();
    }

    /// The server has so many commands more.
    pub(super) fn handed_in(&mut self, commands: usize) {
        if let Some(wiping) = &mut self.wiping {
            wiping.handed_in += commands as u64;
        }
    }

    /// Is there nothing left that the server has not seen? What it refused it keeps in quarantine; what it holds, it holds.
    /// A database that cannot be read at the moment may have more.
    pub(super) fn may_erase(&self) -> bool {
        self.wiping.is_some()
            && self.trouble.is_none()
            && self.effects.is_empty()
            && self.unsaved.is_empty()
            // What a newer version wrote, or what another key opens, may be work.
            && self.outbox.unreadable().is_empty()
            && self.outbox.entries().all(|stored| stored.entry.held || stored.entry.refused)
    }

    /// Erases database and journals. The tabs forget the rest, and tell the server.
    pub(super) async fn erase(&mut self) {
        let Some(Wiping { handed_in }) = self.wiping else { return };
        // An engine that slept has another one behind it, which may know of more.
        if self.commit(&Batch::default(), Durability::Strict).await.is_err() {
            return;
        }
        self.line.close();
        self.journal.close();
        self.store.close();
        // No other engine may begin with what is half gone.
        self.superseded = true;
        let name = self.start.database();
        if let Err(error) = erase(&name).await {
            // The next engine is asked again; until then nobody is told that it is gone.
            console::warn(&format!("a database was not erased: {error}"));
            return;
        }
        remove_folder(&self.start.journal_folder()).await;
        self.channel.say(&ToApp::Wiped { handed_in });
    }
}
