//! The database on the device. rexie creates it and reads; writes go through a connection of the engine's own,
//! where every transaction checks that this engine is still the one ([`connection`]); only [`compact`], before any
//! engine has it, copies without.
//!
//! `documents`, `records`, `outbox` and `attention` are precious; `rows` and `directory` can be made again.

mod batch;
mod compact;
mod connection;
mod error;
pub mod values;

use std::future::poll_fn;
use std::task::Poll;

use client_bridge::codec::{self, Keys};
use client_bridge::database::{STORES, VERSION, is_bare};
use js_sys::Uint8Array;
use rexie::{KeyRange, ObjectStore, Rexie, Store, Transaction, TransactionMode};
use wasm_bindgen::JsValue;

pub use batch::Batch;
#[cfg(test)]
pub use batch::Write;
pub use compact::erase;
pub use connection::Durability;
pub use error::StoreError;

use connection::Connection;

/// How a sealed database is made anew before it is opened.
pub struct Anew<'a> {
    /// It is begun, and not only gone on with: nobody has the database open.
    pub begins: bool,
    /// Called while it takes its time.
    pub alive: &'a dyn Fn(),
    /// Called when it is full again: whoever read it meanwhile may have found less.
    pub made: &'a dyn Fn(),
}

/// The open database of one engine.
pub struct LocalStore {
    /// Not there any more once the database is closed.
    reader: Option<Rexie>,
    writer: Connection,
    epoch: u64,
    keys: Keys,
}

impl LocalStore {
    /// Opens the database, creating it when it is not there, and takes it over: `first` is written together
    /// with the raised epoch, which is at least `floor`.
    pub async fn take_over(
        name: &str,
        keys: Keys,
        first: &Batch,
        floor: u64,
        anew: &Anew<'_>,
        on_lost: impl Fn() + 'static,
    ) -> Result<Self, StoreError> {
        if keys.seals.is_some() {
            compact::finish(name, keys, anew).await?;
        }
        let (reader, writer) = connect(name, keys, on_lost).await?;
        // From here on whatever fails closes both.
        let mut store = Self { reader: Some(reader), writer, epoch: 0, keys };
        store.epoch = store.writer.take_over(first, floor).await?;
        Ok(store)
    }

    /// Closes both connections; everything fails from now on.
    pub fn close(&mut self) {
        self.writer.close();
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
    }

    fn read(&self, store: &str) -> Result<(Transaction, Store), StoreError> {
        let closed = || StoreError::Unavailable("the database is closed".to_owned());
        let reader = self.reader.as_ref().ok_or_else(closed)?;
        let transaction = reader.transaction(&[store], TransactionMode::ReadOnly)?;
        let source = transaction.store(store)?;
        Ok((transaction, source))
    }

    /// The fencing epoch of this engine.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Writes all of `batch` or nothing.
    pub async fn commit(&self, batch: &Batch, durability: Durability) -> Result<(), StoreError> {
        self.writer.commit(batch, durability, self.epoch).await
    }

    /// One value.
    pub async fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        let value = source.get(key.into()).await?;
        Ok(value.and_then(|value| self.open(store, key, &value)))
    }

    /// Several values of one store, in the order of the keys; what is not there is `None`.
    pub async fn get_many(&self, store: &str, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        let values = all_of(keys.iter().map(|key| source.get(key.into()))).await;
        let named = keys.iter().zip(values);
        named.map(|(key, value)| Ok(value?.and_then(|value| self.open(store, key, &value)))).collect()
    }

    /// The values of several ranges of keys of one store, range by range.
    pub async fn get_ranges(
        &self,
        store: &str,
        ranges: &[(String, String)],
    ) -> Result<Vec<Vec<Vec<u8>>>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        let bounds = || ranges.iter().map(key_range).collect::<Result<Vec<_>, _>>();
        // What is not sealed opens without the name it is bound to.
        let named = if self.keys.are_bare() { Vec::new() } else { bounds()? };
        let keys = all_of(named.into_iter().map(|range| source.get_all_keys(Some(range), None))).await;
        let found = all_of(bounds()?.into_iter().map(|range| source.get_all(Some(range), None))).await;
        let keys = keys.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        found
            .into_iter()
            .zip(keys)
            .map(|(values, keys)| Ok(self.open_all(store, &keys.transpose()?, &values?)))
            .collect()
    }

    /// The first keys after this one with their values, at most so many. What cannot be opened is `None`.
    pub async fn entries_after(
        &self,
        store: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, StoreError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let sealed = self.sealed_after(store, after, limit).await?.into_iter();
        let opened = sealed.map(|(key, value)| {
            let value = self.opened(store, &key, &value);
            (key, value)
        });
        Ok(opened.collect())
    }

    /// All keys and values of a store.
    pub async fn entries(&self, store: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let sealed = self.sealed_entries(store).await?.into_iter();
        let opened = sealed.filter_map(|(key, value)| {
            let value = self.opened(store, &key, &value)?;
            Some((key, value))
        });
        Ok(opened.collect())
    }

    /// All keys and values of a store as they are on disk: whoever must not lose one opens them.
    pub async fn sealed_entries(&self, store: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        let keys = keys_of(&source, None).await?;
        let values = source.get_all(None, None).await?;
        Ok(keys.into_iter().zip(values.iter().map(|value| Uint8Array::new(value).to_vec())).collect())
    }

    /// The first keys after this one with their values as they are on disk, at most so many.
    pub async fn sealed_after(
        &self,
        store: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        sealed_after(&source, after, limit).await
    }

    /// What values are sealed under.
    pub const fn keys_held(&self) -> Keys {
        self.keys
    }

    /// From now on values are sealed under these.
    pub fn set_keys(&mut self, keys: Keys) {
        self.keys = keys;
        self.writer.set_keys(keys);
    }

    /// The keys between two keys, both included.
    pub async fn keys(&self, store: &str, range: &(String, String)) -> Result<Vec<String>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        keys_of(&source, Some(key_range(range)?)).await
    }

    /// Those of these keys that are there; each is asked for by itself.
    pub async fn keys_among(&self, store: &str, keys: Vec<String>) -> Result<Vec<String>, StoreError> {
        let (_transaction, source) = self.read(store)?;
        let counts = all_of(keys.iter().map(|key| source.key_exists(key.as_str().into()))).await;
        let mut found = Vec::new();
        for (key, count) in keys.into_iter().zip(counts) {
            if count? {
                found.push(key);
            }
        }
        Ok(found)
    }

    /// A value that cannot be opened counts as absent: what is precious is fetched again, the rest is rebuilt.
    fn open(&self, store: &str, key: &str, value: &JsValue) -> Option<Vec<u8>> {
        self.opened(store, key, &Uint8Array::new(value).to_vec())
    }

    fn open_all(&self, store: &str, keys: &Option<Vec<JsValue>>, values: &[JsValue]) -> Vec<Vec<u8>> {
        let key = |at: usize| keys.as_ref().and_then(|keys| keys.get(at)?.as_string()).unwrap_or_default();
        values.iter().enumerate().filter_map(|(at, value)| self.open(store, &key(at), value)).collect()
    }

    fn opened(&self, store: &str, key: &str, value: &[u8]) -> Option<Vec<u8>> {
        if is_bare(store, key) {
            return codec::open_bare(value).map(<[u8]>::to_vec);
        }
        let opened = codec::open(&self.keys, &codec::about(store, key), value);
        opened.inspect_err(|error| crate::console::warn(&format!("{store}: {error}"))).ok()
    }
}

impl Drop for LocalStore {
    fn drop(&mut self) {
        self.close();
    }
}

async fn connect(
    name: &str,
    keys: Keys,
    on_lost: impl Fn() + 'static,
) -> Result<(Rexie, Connection), StoreError> {
    let reader = reading(name).await?;
    let writer = Connection::open(name, keys, on_lost).await?;
    Ok((reader, writer))
}

/// Awaits requests that are all under way at once. `join_all` would bring a scheduler of its own for each kind of
/// request; these few hundred are simply asked again.
async fn all_of<F: Future>(requests: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = requests.map(|request| (Box::pin(request), None)).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (request, outcome) in waiting.iter_mut().filter(|(_, outcome)| outcome.is_none()) {
            match request.as_mut().poll(context) {
                Poll::Ready(value) => *outcome = Some(value),
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    waiting.into_iter().filter_map(|(_, outcome)| outcome).collect()
}

async fn sealed_after(source: &Store, after: &str, limit: u32) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let range = || {
        let range = KeyRange::lower_bound(&after.into(), Some(true));
        range.map_err(|error| StoreError::Unavailable(error.to_string()))
    };
    let keys = source.get_all_keys(Some(range()?), Some(limit)).await?;
    let values = source.get_all(Some(range()?), Some(limit)).await?;
    let named = keys.iter().zip(&values);
    Ok(named.filter_map(|(key, value)| Some((key.as_string()?, Uint8Array::new(value).to_vec()))).collect())
}

async fn reading(name: &str) -> Result<Rexie, StoreError> {
    let builder = STORES.iter().fold(Rexie::builder(name).version(VERSION), |builder, store| {
        builder.add_object_store(ObjectStore::new(store))
    });
    Ok(builder.build().await?)
}

async fn keys_of(store: &Store, range: Option<KeyRange>) -> Result<Vec<String>, StoreError> {
    let keys = store.get_all_keys(range, None).await?;
    Ok(keys.iter().filter_map(JsValue::as_string).collect())
}

fn key_range((from, to): &(String, String)) -> Result<KeyRange, StoreError> {
    KeyRange::bound(&from.into(), &to.into(), None, None)
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}
