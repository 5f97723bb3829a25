//! The connection that writes. rexie shows neither durability nor `versionchange`, so this one is the engine's
//! own; it is opened after rexie has created the stores, and must never upgrade anything itself.

use std::cell::Cell;
use std::rc::Rc;

use client_bridge::codec::{self, Keys};
use client_bridge::database::{META, VERSION, is_bare, meta};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction, WorkerGlobalScope};

use super::batch::{Batch, Write};
use super::error::StoreError;
use crate::clock;

/// When the browser says that a transaction is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// After it is on disk: whatever people typed.
    Strict,
    /// After the operating system has it: what the server has, too.
    Relaxed,
}

impl Durability {
    const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Relaxed => "relaxed",
        }
    }
}

/// An open connection.
pub struct Connection {
    database: IdbDatabase,
    lost: Rc<Cell<bool>>,
    keys: Cell<Keys>,
    _closing: Closure<dyn Fn()>,
}

impl Connection {
    /// Opens a database that exists in [`VERSION`]. `on_lost` hears when the browser closes it, or when somebody
    /// wants to delete it.
    pub async fn open(name: &str, keys: Keys, on_lost: impl Fn() + 'static) -> Result<Self, StoreError> {
        let factory = js_sys::global()
            .dyn_into::<WorkerGlobalScope>()
            .ok()
            .and_then(|scope| scope.indexed_db().ok().flatten())
            .ok_or_else(|| StoreError::Unavailable("no IndexedDB here".to_owned()))?;
        let request = factory.open_with_u32(name, VERSION).map_err(|error| StoreError::of_js(&error))?;
        let abort_upgrade = {
            let request = request.clone();
            Closure::<dyn Fn()>::new(move || {
                if let Some(transaction) = request.transaction() {
                    let _ = transaction.abort();
                }
            })
        };
        request.set_onupgradeneeded(Some(abort_upgrade.as_ref().unchecked_ref()));
        let database: IdbDatabase = finished(&request).await?.unchecked_into();
        let lost = Rc::new(Cell::new(false));
        let closing = {
            let (database, lost) = (database.clone(), lost.clone());
            Closure::<dyn Fn()>::new(move || {
                lost.set(true);
                database.close();
                on_lost();
            })
        };
        database.set_onversionchange(Some(closing.as_ref().unchecked_ref()));
        database.set_onclose(Some(closing.as_ref().unchecked_ref()));
        Ok(Self { database, lost, keys: Cell::new(keys), _closing: closing })
    }

    pub fn close(&self) {
        self.database.close();
    }

    /// From now on values are sealed under these.
    pub fn set_keys(&self, keys: Keys) {
        self.keys.set(keys);
    }

    /// Raises the fencing epoch to at least `floor`, writes `batch` with it, and returns the new epoch.
    pub async fn take_over(&self, batch: &Batch, floor: u64) -> Result<u64, StoreError> {
        let transaction = Transaction::begin(self, batch, Durability::Strict)?;
        // What is written in clear nobody finds again who opens the others.
        if transaction.keys.are_bare() && transaction.has(META, meta::LOCK).await? {
            let _ = transaction.transaction.abort();
            return Err(StoreError::Locked);
        }
        let epoch = transaction.epoch().await?.map_or(floor, |held| floor.max(held + 1));
        transaction.put(META, meta::EPOCH, &epoch.to_be_bytes())?;
        transaction.write(batch)?;
        transaction.complete().await?;
        Ok(epoch)
    }

    /// Writes `batch` in one transaction, unless another engine has raised the epoch.
    pub async fn commit(&self, batch: &Batch, durability: Durability, epoch: u64) -> Result<(), StoreError> {
        let transaction = Transaction::begin(self, batch, durability)?;
        if transaction.epoch().await? != Some(epoch) {
            let _ = transaction.transaction.abort();
            return Err(StoreError::Superseded);
        }
        transaction.write(batch)?;
        transaction.complete().await
    }
}

/// A transaction that is under way. Between two of its requests nothing but its own requests is awaited.
struct Transaction {
    transaction: IdbTransaction,
    keys: Keys,
    completion: JsFuture,
}

impl Transaction {
    fn begin(connection: &Connection, batch: &Batch, durability: Durability) -> Result<Self, StoreError> {
        if connection.lost.get() {
            return Err(StoreError::Unavailable("the browser closed the database".to_owned()));
        }
        let stores: Array = batch.stores().into_iter().map(JsValue::from_str).collect();
        let transaction =
            begin(&connection.database, &stores, durability).map_err(|error| StoreError::of_js(&error))?;
        let completion = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            transaction.set_onabort(Some(&reject));
        });
        Ok(Self { transaction, keys: connection.keys.get(), completion: completion.into() })
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, StoreError> {
        self.transaction.object_store(name).map_err(|error| StoreError::of_js(&error))
    }

    async fn has(&self, store: &str, key: &str) -> Result<bool, StoreError> {
        let request = self.store(store)?.get_key(&key.into()).map_err(|error| StoreError::of_js(&error))?;
        Ok(!finished(&request).await?.is_undefined())
    }

    async fn epoch(&self) -> Result<Option<u64>, StoreError> {
        let request =
            self.store(META)?.get(&meta::EPOCH.into()).map_err(|error| StoreError::of_js(&error))?;
        let value = finished(&request).await?;
        let bytes = value.is_object().then(|| Uint8Array::new(&value).to_vec());
        let bytes =
            bytes.and_then(|value| codec::open(&self.keys, &codec::about(META, meta::EPOCH), &value).ok());
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }

    fn put(&self, store: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let keys = if is_bare(store, key) { Keys::BARE } else { self.keys };
        let sealed = codec::seal(&keys, &codec::about(store, key), clock::nonce(), bytes);
        let value = Uint8Array::from(sealed.as_slice());
        let request = self.store(store)?.put_with_key(&value, &key.into());
        request.map(drop).map_err(|error| StoreError::of_js(&error))
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let outcome = batch.writes().iter().try_for_each(|write| self.write_one(write));
        if outcome.is_err() {
            let _ = self.transaction.abort();
        }
        outcome
    }

    fn write_one(&self, write: &Write) -> Result<(), StoreError> {
        match write {
            Write::Put { store, key, bytes } => return self.put(store, key, bytes),
            Write::Delete { store, key } => self.store(store)?.delete(&key.into()),
            Write::DeleteRange { store, range: (from, to) } => {
                let range = IdbKeyRange::bound(&from.into(), &to.into());
                self.store(store)?.delete(&range.map_err(|error| StoreError::of_js(&error))?.into())
            }
        }
        .map(drop)
        .map_err(|error| StoreError::of_js(&error))
    }

    async fn complete(self) -> Result<(), StoreError> {
        self.completion.await.map(drop).map_err(|event| StoreError::of_js(&event))
    }
}

/// `database.transaction(stores, "readwrite", { durability })`: the options are not in stable web-sys yet.
fn begin(database: &IdbDatabase, stores: &Array, durability: Durability) -> Result<IdbTransaction, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"durability".into(), &durability.name().into())?;
    let begin: Function = Reflect::get(database, &"transaction".into())?.dyn_into()?;
    begin.call3(database, stores, &"readwrite".into(), &options)?.dyn_into()
}

/// The result of a request.
async fn finished(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let outcome = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(outcome).await.map_err(|event| StoreError::of_js(&event))?;
    request.result().map_err(|error| StoreError::of_js(&error))
}
