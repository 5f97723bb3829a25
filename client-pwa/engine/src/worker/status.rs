//! How things stand, for the sync chip and the sync panel.

use client_bridge::database::{META, meta};
use client_bridge::{SyncStatus, ToApp};
use gloo_timers::callback::Timeout;
use shared_model::directory::Directory;
use shared_model::sync_protocol::Link;

use super::{Input, Worker};
use crate::local_store::Batch;

/// Changes within this time after a telling are told together.
const REST_MS: u32 = 50;

/// What the tabs were told last.
#[derive(Default)]
pub struct Shown {
    last: Option<ToApp>,
    due: bool,
    /// They were told a moment ago.
    resting: Option<Timeout>,
}

impl Worker {
    /// Something the sync panel shows may have changed.
    pub(super) fn status_changed(&mut self) {
        if !std::mem::replace(&mut self.status.due, true) && self.status.resting.is_none() {
            let _ = self.inputs.unbounded_send(Input::StatusDue);
        }
    }

    /// The time for it has come, or the rest is over.
    pub(super) fn status_due(&mut self) {
        self.status.resting = None;
        if self.status.due {
            self.show_status();
        }
    }

    /// Somebody did something: it counts as waiting before its page shows that it is saved, and may be left. In a row of many
    /// the last ones are counted together.
    pub(super) fn show_deed(&mut self) {
        self.status_changed();
        if self.status.resting.is_none() {
            self.show_status();
        }
    }

    /// Tells the tabs what changed since they were told last.
    pub(super) fn show_status(&mut self) {
        self.status.due = false;
        let told = self.sync_message();
        if self.status.last.as_ref() != Some(&told) {
            self.channel.say(&told);
            self.status.last = Some(told);
            let inputs = self.inputs.clone();
            let rested = move || drop(inputs.unbounded_send(Input::StatusDue));
            self.status.resting = Some(Timeout::new(REST_MS, rested));
        }
    }

    /// Tells a tab that has just opened, and all others again.
    pub(super) fn greet(&mut self) {
        self.beat();
        self.channel.say(&ToApp::Directory { directory: self.people.all(), grants: self.grants.clone() });
        self.status.last = None;
        self.show_status();
        self.tell_trouble();
    }

    pub(super) fn tell_rights(&self) {
        self.channel.say(&ToApp::Directory { directory: Directory::default(), grants: self.grants.clone() });
    }

    /// Remembers when the server was heard, with whatever it said.
    pub(super) fn put_last_contact(&mut self, batch: &mut Batch) {
        self.last_contact = self.session.status().last_contact.or(self.last_contact);
        if let Some(at) = self.last_contact {
            batch.put(META, meta::LAST_CONTACT.to_owned(), at.as_millis().to_string().into_bytes());
        }
    }

    fn sync_message(&self) -> ToApp {
        let status = self.session.status();
        let told = self.outbox.told(&self.session.sending());
        ToApp::Sync {
            status: match status.link {
                Link::Offline { .. } => SyncStatus::Offline,
                Link::SignInNeeded => SyncStatus::SignedOut,
                Link::Connecting => SyncStatus::Connecting,
                Link::Loading { loaded, documents } => {
                    SyncStatus::Loading { done: loaded, total: Some(documents).filter(|total| *total > 0) }
                }
                Link::Live => SyncStatus::Live,
            },
            last_contact: status.last_contact.or(self.last_contact),
            pending: told.pending,
            beyond: told.beyond,
            unreadable: self.outbox.unreadable_entries(),
            checked: self.standing.checked,
            sealing: self.sealing.is_some(),
            wiping: self.wiping.is_some(),
        }
    }
}
