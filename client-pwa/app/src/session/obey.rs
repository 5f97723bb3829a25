//! A locked device that is to be erased. Where everything was sent it goes at once, nobody has to unlock it for that; unsent
//! work is not thrown away unseen, and waits sealed until somebody does.

use client_bridge::database::{self, ATTENTION, OUTBOX, aside};
use js_sys::{Array, Function, Object, Promise, Reflect};
use rexie::Rexie;
use shared_model::account::DeviceOrders;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::api::ask_with_credential;
use super::profiles::{self, Profile};
use super::{vault, wiped};
use crate::{browser, row_store};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obeyed {
    /// Nobody wants it erased, or nobody can be asked.
    NotAsked,
    /// Everything of this person is gone.
    Erased,
    /// It has work that only unlocking can hand in.
    HasWork,
}

/// Asks the server, and does as it says. A database that another tab has open is that one's to hand in and erase.
pub(super) async fn obey(profile: &Profile) -> Obeyed {
    if !is_asked(profile).await.unwrap_or(false) || is_open(&profile.database()).await.unwrap_or(false) {
        return Obeyed::NotAsked;
    }
    // What cannot be read may be work.
    if !is_whole(&profile.database()).await.unwrap_or(false) {
        return Obeyed::HasWork;
    }
    match erase(&profile.database()).await {
        Ok(true) => {}
        Ok(false) => return Obeyed::HasWork,
        Err(error) => {
            browser::log(&format!("A database was not erased: {error}"));
            return Obeyed::NotAsked;
        }
    }
    let folder = database::journal_folder(profile.organisation, profile.person, profile.generation);
    if let Err(error) = remove_folder(&folder).await {
        // Where there were no journals there is no folder.
        browser::log(&format!("No journals were erased: {error:?}"));
    }
    Obeyed::Erased
}

/// Does as the server says for everybody who shares this browser and is not at work: nobody has to choose them for that.
pub(super) async fn obey_for_all() {
    let at_work = profiles::current().map(|profile| profile.device);
    let others = profiles::all().into_iter().filter(|profile| Some(profile.device) != at_work);
    for profile in others.filter(|profile| profile.lock.is_some()) {
        if obey(&profile).await == Obeyed::Erased {
            wiped::forget(profile.device, 0);
        }
    }
}

/// As the engine does it: emptied before it is deleted, and another one after it, which is when Chromium cleans its files up. No:
/// there is work after all.
async fn erase(database: &str) -> Result<bool, rexie::Error> {
    let aside = aside(database);
    // How many commands wait can be counted without reading one.
    if !row_store::empty_unless(database, &[OUTBOX, ATTENTION]).await? {
        return Ok(false);
    }
    for name in [&aside, database] {
        Rexie::delete(name).await?;
    }
    row_store::open(&aside).await?.close();
    Rexie::delete(&aside).await?;
    Ok(true)
}

/// Has a tab an engine for it? Whoever runs one holds the lock of its name.
async fn is_open(database: &str) -> Result<bool, JsValue> {
    let locks = Reflect::get(&browser::window().navigator(), &"locks".into())?;
    let found = call(&locks, "query", &[]).await?;
    let held: Array = Reflect::get(&found, &"held".into())?.dyn_into()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Ok(held.iter().any(|lock| name(lock).as_deref() == Some(database)))
}

async fn is_asked(profile: &Profile) -> Result<bool, JsValue> {
    let credential = profile.credential.as_deref().ok_or(JsValue::NULL)?;
    let answer = ask_with_credential(credential, "GET", "/api/device-orders", None).await?;
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    let orders = serde_json::from_slice::<DeviceOrders>(text.as_bytes()).ok();
    Ok(answer.ok() && orders.is_some_and(|orders| orders.wipe))
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
