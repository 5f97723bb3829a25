//! Erasing what somebody has in this browser, without unlocking it: nothing that was not sent is thrown away.

use std::cell::Cell;
use std::rc::Rc;

use client_bridge::database::{self, ATTENTION, META, OUTBOX, aside, meta, tabs};
use js_sys::{Function, Object, Promise, Reflect};
use rexie::Rexie;
use shared_model::identity::DeviceId;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::profiles::{self, Profile};
use super::vault;
use crate::{browser, row_store};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Erasure {
    /// Everything of this person is gone.
    Erased,
    /// Something was not sent, or may not have been; nothing has changed.
    HasWork,
    /// A tab has an engine for it.
    InUse,
    /// The browser refused.
    Failed,
}

/// Erases database and journals, if no tab has it open, not even one that sleeps. No engine begins meanwhile: they wait for the lock
/// of its name.
pub(super) async fn erase(profile: &Profile) -> Erasure {
    let (name, profile) = (profile.database(), profile.clone());
    let tabs = tabs(&name);
    when_free(&name, async move { when_free(&tabs, async move { erase_alone(&profile).await }).await }).await
}

/// Notes that nothing of somebody is here any more, unless they have signed in again.
pub(super) fn note_erased(device: DeviceId) {
    profiles::change(device, |profile| {
        if profile.signed_out {
            profile.empty();
        }
    });
}

/// Erases while holding a lock, unless somebody else does.
async fn when_free(name: &str, erasing: impl Future<Output = Erasure> + 'static) -> Erasure {
    let outcome = Rc::new(Cell::new(Erasure::InUse));
    let found = Rc::clone(&outcome);
    let granted = Closure::once_into_js(move |lock: JsValue| -> Promise {
        if lock.is_null() {
            return Promise::resolve(&JsValue::NULL);
        }
        future_to_promise(async move {
            found.set(erasing.await);
            Ok(JsValue::NULL)
        })
    });
    match request(name, granted).await {
        Ok(_) => outcome.get(),
        Err(error) => failed(&error),
    }
}

async fn request(name: &str, granted: JsValue) -> Result<JsValue, JsValue> {
    let locks = Reflect::get(&browser::window().navigator(), &"locks".into())?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into())?;
    call(&locks, "request", &[name.into(), options.into(), granted]).await
}

/// Goes on where an erasing was cut off: what was emptied has no work.
async fn erase_alone(profile: &Profile) -> Erasure {
    let name = profile.database();
    if !profiles::of(profile.device).is_some_and(|profile| profile.erasing) {
        // What cannot be read may be work.
        if !is_whole(&name).await.unwrap_or(false) {
            return Erasure::HasWork;
        }
        // How many commands wait can be counted without reading one. Without an epoch no engine has read the journals.
        match row_store::empty_unless(&name, &[OUTBOX, ATTENTION], (META, meta::EPOCH)).await {
            Ok(true) => profiles::change(profile.device, |profile| profile.erasing = true),
            Ok(false) => return Erasure::HasWork,
            Err(error) => return failed(&error.to_string().into()),
        }
    }
    let folder = database::journal_folder(profile.organisation, profile.person, profile.generation);
    match remove_folder(&folder).await {
        Ok(()) => {}
        // Where there were no journals there is no folder.
        Err(error) if is_named(&error, "NotFoundError") => {}
        // A worker that was ended a moment ago has its journal open still.
        Err(error) if is_named(&error, "NoModificationAllowedError") => return Erasure::InUse,
        Err(error) => return failed(&error),
    }
    match delete(&name).await {
        Ok(()) => Erasure::Erased,
        Err(error) => failed(&error.to_string().into()),
    }
}

/// Is there a database of this person at all?
pub(super) async fn is_there(profile: &Profile) -> bool {
    vault::names().await.is_ok_and(|names| names.contains(&profile.database()))
}

fn is_named(error: &JsValue, name: &str) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|found| found == name)
}

fn failed(error: &JsValue) -> Erasure {
    browser::log(&format!("A database was not erased: {error:?}"));
    Erasure::Failed
}

/// As the engine does it: what is emptied is deleted, and another one after it, which is when Chromium cleans its files up.
async fn delete(database: &str) -> Result<(), rexie::Error> {
    let aside = aside(database);
    for name in [&aside, database] {
        Rexie::delete(name).await?;
    }
    row_store::open(&aside).await?.close();
    Rexie::delete(&aside).await
}

/// A database that the browser lost has its work in journals, and one that is being made anew has it aside.
async fn is_whole(database: &str) -> Result<bool, JsValue> {
    let names = vault::names().await?;
    Ok(names.iter().any(|name| name == database) && !names.contains(&aside(database)))
}

async fn remove_folder(name: &str) -> Result<(), JsValue> {
    let storage = browser::window().navigator().storage();
    let root = call(&storage, "getDirectory", &[]).await?;
    let options = Object::new();
    Reflect::set(&options, &"recursive".into(), &true.into())?;
    call(&root, "removeEntry", &[name.into(), options.into()]).await.map(drop)
}

async fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    let promise = function.apply(object, &arguments.iter().collect())?;
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}
