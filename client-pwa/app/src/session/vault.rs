//! What of a database says who it belongs to and how it is locked, read and written before any engine has it.

use client_bridge::codec::{self, DataKey, Keys};
use client_bridge::database::{META, aside, meta};
use client_bridge::lock::{Lock, Random};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use rexie::{Rexie, TransactionMode};
use shared_model::account::SignedIn;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::profiles::{self, Profile};
use crate::{browser, clock, fresh_id, row_store};

/// The first key of a database.
const FIRST_KEY: u8 = 1;

/// A profile as it stands on the device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vault {
    /// How it is locked; `None`: it is not.
    pub lock: Option<Lock>,
    /// Every value is sealed.
    is_sealed: bool,
    session: Option<Vec<u8>>,
    /// Something is stored here already.
    is_in_use: bool,
}

impl Vault {
    /// Reads it. A database that the browser lost has its lock in a second copy, because journals outlive databases.
    pub async fn of(profile: &Profile) -> Self {
        let found = Self::known(profile).await.unwrap_or_else(|error| {
            browser::log(&format!("The database could not be read: {error}"));
            Self::default()
        });
        // Taking a lock off takes the copy away first.
        let lock = found.lock.clone().or_else(|| profile.lock.clone());
        Self { lock, ..found }
    }

    /// The same, for whoever must not take what cannot be read for nothing.
    async fn known(profile: &Profile) -> Result<Self, NotPut> {
        let names = names().await.map_err(|_| NotPut::Unreadable)?;
        for name in [profile.database(), aside(&profile.database())] {
            if names.contains(&name) {
                let found = read(&name).await.map_err(NotPut::Storage)?;
                if found.is_in_use || found.lock.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(Self::default())
    }

    /// The keys of a database that no PIN is needed for.
    pub fn open_keys(&self) -> Option<Keys> {
        match &self.lock {
            None => Some(Keys::BARE),
            // The lock is being taken off.
            Some(lock) => lock.open_key().map(|key| Keys { seals: None, before: Some(key), bare: true }),
        }
    }

    /// The keys that go with an unlocked data key.
    pub fn keys(&self, key: DataKey) -> Keys {
        Keys { bare: !self.is_sealed, ..Keys::sealed(key) }
    }

    /// Who signed in last with this database.
    pub fn session(&self, keys: &Keys) -> Option<SignedIn> {
        let bytes = codec::open(keys, &codec::about(META, meta::SESSION), self.session.as_deref()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Puts a lock on it that this PIN opens. Nothing has to be sealed anew where nothing is stored yet. One that is locked
    /// already keeps its lock: what is sealed would open with no other.
    pub async fn lock_with(profile: &Profile, pin: &str, idle_minutes: u32) -> Result<Keys, NotPut> {
        let vault = Self::known(profile).await?;
        if vault.lock.is_some() {
            return Err(NotPut::Locked);
        }
        let key = DataKey::new(FIRST_KEY, fresh_id::bytes());
        let mut lock = Lock::with_pin(pin, &key, random());
        lock.idle_minutes = idle_minutes;
        let sealed = (!vault.is_in_use).then_some(meta::COMPACTED);
        put_first(profile, &lock, sealed).await?;
        Ok(Keys { bare: vault.is_in_use, ..Keys::sealed(key) })
    }
}

/// Why there is no new lock.
#[derive(Debug)]
pub enum NotPut {
    /// Another tab was first.
    Locked,
    /// The browser does not say what is stored here.
    Unreadable,
    /// It could not be stored.
    Storage(rexie::Error),
}

impl std::fmt::Display for NotPut {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Locked => out.write_str("it is locked already"),
            Self::Unreadable => out.write_str("the browser does not say what is stored"),
            Self::Storage(error) => write!(out, "{error}"),
        }
    }
}

impl From<rexie::Error> for NotPut {
    fn from(error: rexie::Error) -> Self {
        Self::Storage(error)
    }
}

/// Random bytes for wrapping a key.
pub fn random() -> Random {
    Random { salt: fresh_id::bytes(), nonce: fresh_id::bytes() }
}

/// Tries a PIN. The attempt counts before anybody hears of it.
pub async fn try_pin(
    profile: &Profile,
    pin: &str,
) -> Result<(Lock, DataKey), Option<client_bridge::lock::Shut>> {
    let mut lock = Vault::of(profile).await.lock.ok_or(None)?;
    let outcome = lock.open_with_pin(pin, clock::now());
    if let Err(error) = write(profile, &lock).await {
        browser::log(&format!("The attempt could not be noted: {error}"));
    }
    outcome.map(|key| (lock, key)).map_err(Some)
}

/// Keeps who has signed in with this database; an engine that runs is told instead.
pub async fn keep_session(profile: &Profile, keys: &Keys, signed_in: &SignedIn) -> Result<(), NotPut> {
    let about = codec::about(META, meta::SESSION);
    let value = codec::seal(keys, &about, fresh_id::bytes(), super::kept(signed_in).as_bytes());
    put(profile, &[(meta::SESSION, value)], false).await
}

/// Keeps the second copy of a lock; one that lies open needs none.
pub fn keep_copy(profile: &Profile, lock: &Lock) {
    profiles::change(profile.device, |kept| {
        kept.lock = Some(lock.clone()).filter(|lock| lock.open_key().is_none());
    });
}

async fn write(profile: &Profile, lock: &Lock) -> Result<(), NotPut> {
    keep_copy(profile, lock);
    put(profile, &lock_values(lock, None), false).await
}

/// Stores the lock that was opened where the database has none: it came from the second copy.
pub async fn put_back(profile: &Profile, lock: &Lock) {
    match put_first(profile, lock, None).await {
        Ok(()) | Err(NotPut::Locked) => {}
        Err(error) => browser::log(&format!("The lock could not be put back: {error}")),
    }
}

/// Stores a lock where there is none, in one transaction: of two tabs one is first.
async fn put_first(profile: &Profile, lock: &Lock, sealed: Option<&[u8]>) -> Result<(), NotPut> {
    put(profile, &lock_values(lock, sealed), true).await?;
    keep_copy(profile, lock);
    Ok(())
}

fn lock_values(lock: &Lock, sealed: Option<&[u8]>) -> Vec<(&'static str, Vec<u8>)> {
    let bare = |bytes: &[u8]| codec::seal(&Keys::BARE, "", [0; 24], bytes);
    let mut values = vec![(meta::LOCK, bare(&lock.to_bytes()))];
    values.extend(sealed.map(|sealed| (meta::SEALED, bare(sealed))));
    values
}

async fn put(profile: &Profile, values: &[(&str, Vec<u8>)], is_first: bool) -> Result<(), NotPut> {
    let database = row_store::open(&profile.database()).await?;
    let written = async {
        let transaction = database.transaction(&[META], TransactionMode::ReadWrite)?;
        let store = transaction.store(META)?;
        if is_first && store.get(meta::LOCK.into()).await?.is_some() {
            return Err(NotPut::Locked);
        }
        for (key, value) in values {
            store.put(&Uint8Array::from(&value[..]), Some(&(*key).into())).await?;
        }
        Ok(transaction.done().await.map(drop)?)
    };
    let written = written.await;
    database.close();
    written
}

async fn read(name: &str) -> Result<Vault, rexie::Error> {
    let database = row_store::open(name).await?;
    let vault = read_from(&database).await;
    database.close();
    vault
}

async fn read_from(database: &Rexie) -> Result<Vault, rexie::Error> {
    let transaction = database.transaction(&[META], TransactionMode::ReadOnly)?;
    let store = transaction.store(META)?;
    let mut values = Vec::new();
    for key in [meta::LOCK, meta::SEALED, meta::SESSION, meta::EPOCH] {
        let value = store.get(key.into()).await?;
        values.push(value.map(|value| Uint8Array::new(&value).to_vec()));
    }
    let [lock, sealed, session, epoch] = <[_; 4]>::try_from(values).unwrap_or_default();
    let lock = lock.and_then(|value| Lock::read(&value));
    let is_in_use = epoch.is_some() || session.is_some();
    Ok(Vault { lock, is_sealed: sealed.is_some(), session, is_in_use })
}

/// The databases there are; none is made by asking.
pub(super) async fn names() -> Result<Vec<String>, JsValue> {
    let factory = Reflect::get(&browser::window(), &"indexedDB".into())?;
    let list: Function = Reflect::get(&factory, &"databases".into())?.dyn_into()?;
    let found: Array = JsFuture::from(list.call0(&factory)?.dyn_into::<Promise>()?).await?.dyn_into()?;
    found
        .iter()
        .map(|each| Ok(Reflect::get(&each, &"name".into())?.as_string().unwrap_or_default()))
        .collect()
}
