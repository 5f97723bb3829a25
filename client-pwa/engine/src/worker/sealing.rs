//! Sealing anew what is stored, when a lock is put on or taken off: in pieces, whenever there is nothing else to do. Each
//! value says what it is sealed under, so work goes on meanwhile, and a start after a crash goes on where this was.

use client_bridge::ToApp;
use client_bridge::codec::{self, DataKey, Keys};
use client_bridge::database::{META, STORES, is_bare, meta};
use client_bridge::lock::Lock;

use super::Worker;
use crate::local_store::{Batch, Durability, LocalStore, StoreError};

/// Values in one transaction.
const CHUNK: u32 = 100;

/// How far it has come towards a key (0: none): the store, and the last key of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    towards: u8,
    store: usize,
    after: String,
}

impl Sealing {
    fn beginning(keys: &Keys) -> Self {
        Self { towards: keys.seals.map_or(0, DataKey::id), store: 0, after: String::new() }
    }

    fn to_bytes(&self) -> Vec<u8> {
        format!("{}/{}/{}", self.towards, self.store, self.after).into_bytes()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(bytes).ok()?.splitn(3, '/');
        let (towards, store) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { towards, store, after: parts.next()?.to_owned() })
    }

    /// What an earlier engine left; `None`: every value is under the key.
    pub async fn left(store: &LocalStore) -> Result<Option<Self>, StoreError> {
        let keys = store.keys_held();
        if keys.before.is_none() && (keys.seals.is_none() || !keys.bare) {
            return Ok(None);
        }
        let beginning = Self::beginning(&keys);
        let through = store.get(META, meta::SEALED_THROUGH).await?.and_then(|bytes| Self::parse(&bytes));
        // Whoever takes a lock off while it is put on turns round: what that one has been through is still to be done.
        Ok(Some(through.filter(|through| through.towards == beginning.towards).unwrap_or(beginning)))
    }
}

impl Worker {
    /// Is there anything to seal anew, and does the database take it?
    pub(super) const fn is_sealing(&self) -> bool {
        self.sealing.is_some() && self.trouble.is_none()
    }

    /// Other keys from now on. The app has stored how they are wrapped; that is on disk when this is.
    pub(super) async fn change_keys(&mut self, keys: Keys) {
        if keys == self.store.keys_held() {
            return;
        }
        let mut batch = Batch::default();
        batch.delete(META, meta::SEALED.to_owned());
        batch.delete(META, meta::SEALED_THROUGH.to_owned());
        self.start.keys = keys;
        if self.commit(&batch, Durability::Strict).await.is_err() {
            return;
        }
        self.use_keys(keys);
        self.sealing = Some(Sealing::beginning(&keys));
        self.status_changed();
    }

    /// Another PIN, passkey or time. Should it not be written now, the next opening of the database does it; a tab that hears
    /// nothing asks the next engine.
    pub(super) async fn keep_lock(&mut self, lock: Lock) {
        let mut batch = Batch::default();
        batch.put(META, meta::LOCK.to_owned(), lock.to_bytes());
        self.start.lock = Some(lock);
        if self.commit(&batch, Durability::Strict).await.is_ok()
            && let Some(lock) = self.start.lock.take()
        {
            self.channel.say(&ToApp::LockKept { lock });
        }
    }

    fn use_keys(&mut self, keys: Keys) {
        self.start.keys = keys;
        self.store.set_keys(keys);
        self.journal.set_keys(keys, &self.outbox);
        self.tell_keys();
    }

    pub(super) fn tell_keys(&self) {
        let (keys, locked_before) = (self.start.keys, self.start.locked_before);
        self.channel.say(&ToApp::Unlocked { keys, locked_before });
    }

    /// Seals some values more.
    pub(super) async fn seal_some(&mut self) {
        let Some(at) = self.sealing.take() else { return };
        let outcome = self.seal_chunk(&at).await;
        match self.noted(outcome) {
            Ok(Some(next)) => self.sealing = Some(next),
            Ok(None) => self.sealed_whole().await,
            // Opening the database anew finds where it was.
            Err(_) => {}
        }
    }

    async fn seal_chunk(&mut self, at: &Sealing) -> Result<Option<Sealing>, StoreError> {
        let Some(store) = STORES.get(at.store) else { return Ok(None) };
        let keys = self.store.keys_held();
        let values = self.store.sealed_after(store, &at.after, CHUNK).await?;
        let next = match values.last() {
            Some((last, _)) => Sealing { after: last.clone(), ..at.clone() },
            None => Sealing { store: at.store + 1, after: String::new(), ..at.clone() },
        };
        let mut batch = Batch::default();
        for (key, value) in values.iter().filter(|(key, value)| !is_bare(store, key) && !keys.are_of(value)) {
            // What cannot be opened stays as it is; whoever reads it says so.
            if let Ok(bytes) = codec::open(&keys, &codec::about(store, key), value) {
                batch.put(store, key.clone(), bytes);
            }
        }
        batch.put(META, meta::SEALED_THROUGH.to_owned(), next.to_bytes());
        self.store.commit(&batch, Durability::Relaxed).await?;
        Ok(Some(next))
    }

    /// Every value is under the key. A locked database is opened once more, which makes its files anew; one whose lock was
    /// taken off forgets that there was one.
    async fn sealed_whole(&mut self) {
        let mut batch = Batch::default();
        batch.delete(META, meta::SEALED_THROUGH.to_owned());
        let keys = match self.store.keys_held().seals {
            Some(key) => {
                batch.put(META, meta::SEALED.to_owned(), Vec::new());
                Keys::sealed(key)
            }
            None => {
                batch.delete(META, meta::LOCK.to_owned());
                self.start.lock = None;
                Keys::BARE
            }
        };
        if self.commit(&batch, Durability::Strict).await.is_err() {
            return;
        }
        self.use_keys(keys);
        self.status_changed();
        if keys.seals.is_some() {
            self.open_anew().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_was_is_read_again() {
        let at = Sealing { towards: 2, store: 3, after: "work_order/07".to_owned() };
        assert_eq!(Sealing::parse(&at.to_bytes()), Some(at));
        assert_eq!(Sealing::parse(b"x"), None);
        assert_eq!(Sealing::parse(b"3/work_order/07"), None, "it did not say towards what");
    }
}
