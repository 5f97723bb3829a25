//! The way to the pages: who works here, are they signed in, is their data locked. None of it needs the network once
//! somebody has signed in.

use client_bridge::codec::Keys;
use client_bridge::lock::Lock;
use shared_model::account::SignedIn;
use wasm_bindgen_futures::spawn_local;

use super::obey::obey_for_all;
use super::profiles::{self, Profile};
use super::unlock_page::Opened;
use super::vault::{self, Vault};
use super::{api, before, leave, wiped};
use crate::browser;

/// How far it is.
#[derive(Clone, PartialEq)]
pub enum Stage {
    /// The device is being read.
    Opening,
    /// Several people have data here.
    Choosing(Vec<Profile>),
    /// Somebody signs in; anew, when they cannot unlock what they have here.
    SigningIn { is_anew: bool },
    /// A database is locked. `fresh`: they have signed in all the same.
    Locked { profile: Profile, lock: Lock, fresh: Option<SignedIn> },
    /// Their organisation wants a lock.
    ChoosingPin { profile: Profile, signed_in: SignedIn },
    /// At work.
    In { profile: Profile, signed_in: SignedIn, keys: Keys },
    /// This person's data was erased for an administrator.
    Wiped { handed_in: u64 },
}

/// The first stage of a page.
pub async fn begin() -> Stage {
    spawn_local(wiped::tell_server());
    spawn_local(api::end_unheard());
    spawn_local(leave::finish());
    spawn_local(obey_for_all());
    if let Some(signed_in) = before::session() {
        return self::signed_in(Stage::Opening, signed_in).await;
    }
    match profiles::current() {
        Some(profile) => enter(profile).await,
        None => who(),
    }
}

/// Asks who works here; only where somebody's work can be gone on with.
pub fn who() -> Stage {
    browser::keep_titles_private(false);
    api::set_device(None);
    spawn_local(leave::finish());
    let profiles = profiles::all();
    let can_go_on = profiles.iter().any(|profile| !profile.signed_out);
    if can_go_on { Stage::Choosing(profiles) } else { Stage::SigningIn { is_anew: false } }
}

/// Somebody goes on with what they have here.
pub async fn enter(profile: Profile) -> Stage {
    // They may have signed out in another tab since they were listed.
    let profile = profiles::of(profile.device).unwrap_or(profile);
    if profile.signed_out {
        return Stage::SigningIn { is_anew: false };
    }
    let vault = Vault::of(&profile).await;
    match (vault.open_keys(), vault.lock.clone()) {
        (None, Some(lock)) => Stage::Locked { profile, lock, fresh: None },
        (keys, _) => at_work(profile, &vault, keys.unwrap_or(Keys::BARE), None).await,
    }
}

/// Somebody has signed in, at the stage of before.
pub async fn signed_in(now: Stage, signed_in: SignedIn) -> Stage {
    let profile = profiles::remember(&signed_in);
    if let Stage::In { profile: known, keys, .. } = now
        && known.device == profile.device
    {
        return Stage::In { profile, signed_in, keys };
    }
    let vault = Vault::of(&profile).await;
    match (vault.open_keys(), vault.lock.clone()) {
        (None, Some(lock)) => Stage::Locked { profile, lock, fresh: Some(signed_in) },
        (keys, _) => at_work(profile, &vault, keys.unwrap_or(Keys::BARE), Some(signed_in)).await,
    }
}

/// A database is unlocked.
pub async fn unlocked(profile: Profile, opened: Opened, fresh: Option<SignedIn>) -> Stage {
    let vault = Vault::of(&profile).await;
    let keys = match opened {
        Opened::Key(key) => vault.keys(key),
        Opened::Elsewhere(keys) => keys,
    };
    at_work(profile, &vault, keys, fresh).await
}

async fn at_work(profile: Profile, vault: &Vault, keys: Keys, fresh: Option<SignedIn>) -> Stage {
    let is_fresh = fresh.is_some();
    // A database that does not open or is gone must hide nobody's work: the engine has a second copy of it.
    let signed_in = fresh.or_else(|| vault.session(&keys)).unwrap_or_else(|| profile.stand_in());
    if keys.seals.is_none() && signed_in.device_lock.is_some() && keys.before.is_none() {
        return Stage::ChoosingPin { profile, signed_in };
    }
    if is_fresh {
        return keep(profile, signed_in, keys).await;
    }
    profiles::set_current(Some(profile.device));
    Stage::In { profile, signed_in, keys }
}

/// Keeps what the server answered with the database, and goes to work.
pub async fn keep(profile: Profile, signed_in: SignedIn, keys: Keys) -> Stage {
    if let Err(error) = vault::keep_session(&profile, &keys, &signed_in).await {
        browser::log(&format!("Who signed in could not be stored: {error}"));
    }
    profiles::set_current(Some(profile.device));
    Stage::In { profile, signed_in, keys }
}
