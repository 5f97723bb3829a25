//! Making a sealed database anew. A browser's files go on holding what was overwritten, for weeks if nobody writes much; it
//! lets go of that when a whole database is deleted. So the sealed values are copied aside, the database is deleted and
//! filled again, and what stood aside is deleted in turn.
//!
//! It is done before an engine opens the database, and goes on after a crash: what stands aside counts once it is marked
//! whole, and until then the database does.

use client_bridge::codec::{self, Keys};
use client_bridge::database::{META, STORES, aside, meta};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use rexie::{Rexie, TransactionMode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::batch::Batch;
use super::connection::Connection;
use super::error::StoreError;
use super::{Anew, reading, sealed_after};
use crate::console;

/// Values copied in one transaction.
const CHUNK: u32 = 200;

/// Makes the database anew if it is sealed whole and was not since, or if that was begun. A device without room for two more
/// of it goes on as it is, and is asked again at the next start. An engine that has the database open begins nothing.
pub async fn finish(name: &str, keys: Keys, anew: &Anew<'_>) -> Result<(), StoreError> {
    // Where a browser does not tell its databases it is never begun.
    let Some(there) = names().await? else { return Ok(()) };
    let aside = aside(name);
    if !there.contains(&aside) {
        let is_there = anew.begins && there.iter().any(|each| each == name);
        if !is_there || !is_due(name).await? || !has_room().await {
            return Ok(());
        }
        if let Err(error) = set_aside(name, &aside, keys, anew.alive).await {
            console::warn(&format!("a sealed database was not made anew: {error}"));
            // Should it be whole after all it is no copy any more once work goes on.
            return Ok(Rexie::delete(&aside).await?);
        }
    } else if !is_whole(&aside).await? {
        Rexie::delete(&aside).await?;
        return Box::pin(finish(name, keys, anew)).await;
    }
    delete(name).await?;
    copy(&aside, name, anew.alive).await?;
    mark(name, keys, meta::SEALED, meta::COMPACTED).await?;
    (anew.made)();
    Ok(Rexie::delete(&aside).await?)
}

/// Deletes a database, and has the browser clean up behind it. Chromium answers at once and leaves the bytes in its files
/// until the next database goes, so one is made for that.
pub async fn erase(name: &str) -> Result<(), StoreError> {
    let aside = aside(name);
    Rexie::delete(&aside).await?;
    delete(name).await?;
    reading(&aside).await?.close();
    Ok(Rexie::delete(&aside).await?)
}

/// Deletes a database that is emptied before: what is deleted full, Chromium may never look for where it lies deepest.
async fn delete(name: &str) -> Result<(), StoreError> {
    if let Err(error) = empty(name).await {
        console::warn(&format!("a database is deleted with all it holds: {error}"));
    }
    Ok(Rexie::delete(name).await?)
}

async fn empty(name: &str) -> Result<(), StoreError> {
    let database = reading(name).await?;
    let emptied = async {
        let transaction = database.transaction(&STORES, TransactionMode::ReadWrite)?;
        for store in STORES {
            transaction.store(store)?.clear().await?;
        }
        transaction.done().await
    };
    let emptied = emptied.await;
    database.close();
    Ok(emptied.map(drop)?)
}

async fn set_aside(name: &str, aside: &str, keys: Keys, alive: &dyn Fn()) -> Result<(), StoreError> {
    copy(name, aside, alive).await?;
    mark(aside, keys, meta::WHOLE, &[]).await
}

/// Is there room for all that is stored here twice more? What is deleted in between need not be free at once. Who cannot
/// tell has it.
async fn has_room() -> bool {
    let Ok(estimate) = estimated().await else { return true };
    let number = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    match (number("usage"), number("quota")) {
        (Some(usage), Some(quota)) => quota - usage >= 2.0 * usage,
        _ => true,
    }
}

async fn estimated() -> Result<JsValue, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    let estimate: Function = Reflect::get(&storage, &"estimate".into())?.dyn_into()?;
    JsFuture::from(estimate.call0(&storage)?.dyn_into::<Promise>()?).await
}

async fn is_due(name: &str) -> Result<bool, StoreError> {
    let sealed = value(name, meta::SEALED).await?;
    Ok(sealed.is_some_and(|value| codec::open_bare(&value) != Some(meta::COMPACTED)))
}

async fn is_whole(aside: &str) -> Result<bool, StoreError> {
    Ok(value(aside, meta::WHOLE).await?.is_some())
}

async fn value(name: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let database = reading(name).await?;
    let value = async {
        let transaction = database.transaction(&[META], TransactionMode::ReadOnly)?;
        transaction.store(META)?.get(key.into()).await
    };
    let value = value.await;
    database.close();
    Ok(value?.map(|value| Uint8Array::new(&value).to_vec()))
}

/// Copies values as they are, what says how they are sealed first.
async fn copy(from: &str, to: &str, alive: &dyn Fn()) -> Result<(), StoreError> {
    let (from, to) = (reading(from).await?, reading(to).await?);
    let mut copied = Ok(());
    for store in STORES {
        copied = copied.and(copy_store(&from, &to, store, alive).await);
    }
    from.close();
    to.close();
    copied
}

async fn copy_store(from: &Rexie, to: &Rexie, store: &str, alive: &dyn Fn()) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        alive();
        let source = from.transaction(&[store], TransactionMode::ReadOnly)?;
        let values = sealed_after(&source.store(store)?, &after, CHUNK).await?;
        let Some((last, _)) = values.last() else { return Ok(()) };
        after.clone_from(last);
        let target = to.transaction(&[store], TransactionMode::ReadWrite)?;
        let place = target.store(store)?;
        for (key, value) in values.iter().filter(|(key, _)| store != META || key != meta::WHOLE) {
            place.put(&Uint8Array::from(&value[..]), Some(&key.into())).await?;
        }
        target.done().await?;
    }
}

/// Writes a mark that is on disk, with everything before it, when this returns.
async fn mark(name: &str, keys: Keys, key: &str, value: &[u8]) -> Result<(), StoreError> {
    let connection = Connection::open(name, keys, || {}).await?;
    let mut batch = Batch::default();
    batch.put(META, key.to_owned(), value.to_vec());
    let marked = connection.take_over(&batch, 0).await;
    connection.close();
    marked.map(drop)
}

/// The databases there are; `None` from a browser that does not tell.
async fn names() -> Result<Option<Vec<String>>, StoreError> {
    listed().await.map_err(|error| StoreError::of_js(&error))
}

async fn listed() -> Result<Option<Vec<String>>, JsValue> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into())?;
    let Some(list) = Reflect::get(&factory, &"databases".into())?.dyn_into::<Function>().ok() else {
        return Ok(None);
    };
    let found: Array = JsFuture::from(list.call0(&factory)?.dyn_into::<Promise>()?).await?.dyn_into()?;
    let name = |each: JsValue| Ok(Reflect::get(&each, &"name".into())?.as_string().unwrap_or_default());
    found.iter().map(name).collect::<Result<_, JsValue>>().map(Some)
}
