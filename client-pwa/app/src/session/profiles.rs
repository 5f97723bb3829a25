//! The people who have data in this browser: an install, a database and a lock each. What stands here is readable while
//! everything is locked, so it holds ids, initials and counts, and neither names nor addresses.

use client_bridge::database;
use client_bridge::lock::Lock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared_model::account::{DeviceRegistration, OrganisationName, SignedIn, SignedInDevice, SignedInPerson};
use shared_model::hex;
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{Grant, Role};

use super::before;
use crate::widgets::initials;
use crate::{browser, clock, fresh_id};

const STORED: &str = "maintainpro.people";
const CURRENT: &str = "maintainpro.current";

/// Somebody with data here. Whoever forgot how to unlock it begins anew, and is here twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub organisation: OrganisationId,
    pub person: PersonId,
    /// The install: one for each profile.
    pub device: DeviceId,
    #[serde(default)]
    pub generation: u32,
    pub device_name: String,
    /// What hands work in for somebody who may not sign in any more, and asks what to do when nobody is signed in.
    #[serde(default)]
    pub credential: Option<String>,
    /// Fingerprints of the address they sign in with, alone and with the organisation's short name.
    account: [String; 2],
    pub initials: String,
    /// What they may do, as codes and ids: work goes on also when the database does not say it.
    #[serde(default)]
    grants: Vec<Grant>,
    #[serde(default)]
    roles: Vec<Role>,
    /// Changes that the server did not have when the app was last open.
    #[serde(default)]
    pub waiting: usize,
    #[serde(default)]
    pub used_at: Timestamp,
    /// They signed out: opening it takes a password.
    #[serde(default)]
    pub signed_out: bool,
    /// The server has not heard of that yet.
    #[serde(default)]
    pub unheard: bool,
    /// Nothing of theirs is here any more.
    #[serde(default)]
    pub erased: bool,
    /// Its database was emptied, and goes with its journals.
    #[serde(default)]
    pub erasing: bool,
    /// How often its database was locked.
    #[serde(default)]
    pub locked: u64,
    /// A second copy, should the browser lose the database with the first.
    #[serde(default)]
    pub lock: Option<Lock>,
}

impl Profile {
    /// The name of its database.
    pub fn database(&self) -> String {
        database::name(self.organisation, self.person, self.generation)
    }

    /// What is known of who is signed in when their database does not say it. The server does, once it is reached.
    pub(super) fn stand_in(&self) -> SignedIn {
        SignedIn {
            person: SignedInPerson {
                id: self.person,
                display_name: self.initials.clone(),
                email: String::new(),
                language: None,
                time_zone: None,
            },
            organisation: OrganisationName {
                id: self.organisation,
                slug: String::new(),
                name: String::new(),
            },
            roles: self.roles.clone(),
            grants: self.grants.clone(),
            device: SignedInDevice {
                id: self.device,
                name: self.device_name.clone(),
                deposit_credential: None,
            },
            custom_role: None,
            device_lock: None,
            second_factor_due: false,
            expires_at: Timestamp::default(),
        }
    }

    /// Their database is gone, and what opened it.
    pub(super) fn empty(&mut self) {
        (self.erased, self.erasing) = (true, false);
        self.waiting = 0;
        self.lock = None;
        self.grants.clear();
        self.roles.clear();
    }

    fn is_of(&self, email: &str, organisation: Option<&str>) -> bool {
        let [alone, there] = fingerprints(self.device, email, organisation.unwrap_or_default());
        if organisation.is_some() { there == self.account[1] } else { alone == self.account[0] }
    }

    fn registration(&self) -> DeviceRegistration {
        DeviceRegistration {
            id: self.device,
            name: self.device_name.clone(),
            has_deposit_credential: self.credential.is_some(),
        }
    }
}

/// Salted with the install's id, so that nobody looks addresses up in a table.
fn fingerprints(device: DeviceId, email: &str, organisation: &str) -> [String; 2] {
    let email = email.trim().to_lowercase();
    let of = |text: String| hex::encode(&Sha256::digest(text.as_bytes())[..16]);
    [of(format!("{device} {email}")), of(format!("{device} {email} {organisation}"))]
}

/// Everybody, last used first.
pub fn all() -> Vec<Profile> {
    let stored = browser::stored(STORED);
    stored.and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default()
}

fn store(profiles: &[Profile]) {
    browser::store(STORED, &serde_json::to_string(profiles).unwrap_or_default());
}

/// Whoever has this install.
pub fn of(device: DeviceId) -> Option<Profile> {
    all().into_iter().find(|profile| profile.device == device)
}

/// Who is at work in this browser; `None`: it asks.
pub fn current() -> Option<Profile> {
    let device = browser::stored(CURRENT)?;
    all().into_iter().find(|profile| profile.device.to_string() == device)
}

/// This one is at work from now on; nobody: the next start asks.
pub fn set_current(device: Option<DeviceId>) {
    match device {
        Some(device) => {
            browser::store(CURRENT, &device.to_string());
            // Whatever is there from now on is theirs, and new.
            change(device, |profile| (profile.used_at, profile.erasing) = (clock::now(), false));
        }
        None => browser::forget(CURRENT),
    }
}

/// They signed out: the next start asks, unless somebody else is at work by then. The server has not heard of it yet.
pub fn sign_out(device: DeviceId) {
    change(device, |profile| (profile.signed_out, profile.unheard) = (true, true));
    if browser::stored(CURRENT).is_some_and(|current| current == device.to_string()) {
        browser::forget(CURRENT);
    }
}

/// Changes what is kept of an install.
pub fn change(device: DeviceId, change: impl FnOnce(&mut Profile)) {
    let mut profiles = all();
    if let Some(profile) = profiles.iter_mut().find(|profile| profile.device == device) {
        change(profile);
        profiles.sort_by_key(|profile| std::cmp::Reverse(profile.used_at));
        store(&profiles);
    }
}

/// Notes the rights that the server has answered with.
pub fn note_rights(signed_in: &SignedIn) {
    change(signed_in.device.id, |profile| {
        profile.grants.clone_from(&signed_in.grants);
        profile.roles.clone_from(&signed_in.roles);
    });
}

/// Forgets an install whose data is gone. Returns what was kept.
pub fn forget(device: DeviceId) -> Option<Profile> {
    let mut profiles = all();
    let at = profiles.iter().position(|profile| profile.device == device)?;
    let forgotten = profiles.remove(at);
    store(&profiles);
    if browser::stored(CURRENT).is_some_and(|current| current == device.to_string()) {
        browser::forget(CURRENT);
    }
    Some(forgotten)
}

/// The install to sign in with: the newest that this address has here.
pub(super) fn registration(email: &str, organisation: Option<&str>) -> DeviceRegistration {
    let known = all().into_iter().filter(|profile| profile.is_of(email, organisation));
    let newest = known.max_by_key(|profile| profile.generation);
    let registration = newest.map(|profile| profile.registration());
    registration.or_else(|| before::registration(email, organisation)).unwrap_or_else(fresh)
}

/// The registration of an install that is here.
pub(super) fn registration_of(device: DeviceId) -> Option<DeviceRegistration> {
    of(device).as_ref().map(Profile::registration)
}

/// Every install, the one used last first.
pub(super) fn registrations() -> Vec<DeviceRegistration> {
    all().iter().map(Profile::registration).collect()
}

/// An install that is new here.
pub(super) fn fresh() -> DeviceRegistration {
    DeviceRegistration { id: fresh_id::device(), name: browser::device_name(), has_deposit_credential: false }
}

/// Keeps the install that the server confirmed, as whoever is at work.
pub fn remember(signed_in: &SignedIn) -> Profile {
    let mut profiles = all();
    let known = profiles.iter().position(|profile| {
        profile.device == signed_in.device.id
            && profile.person == signed_in.person.id
            && profile.organisation == signed_in.organisation.id
    });
    let before = known.map(|at| profiles.remove(at));
    let same = |profile: &&Profile| {
        profile.person == signed_in.person.id && profile.organisation == signed_in.organisation.id
    };
    // Another install of the same person has a database that this one does not open.
    let next = profiles.iter().filter(same).map(|profile| profile.generation + 1).max();
    let (email, slug) = (&signed_in.person.email, &signed_in.organisation.slug);
    let kept = before.as_ref();
    let profile = Profile {
        organisation: signed_in.organisation.id,
        person: signed_in.person.id,
        device: signed_in.device.id,
        generation: kept.map_or(next.unwrap_or_default(), |profile| profile.generation),
        device_name: signed_in.device.name.clone(),
        credential: signed_in
            .device
            .deposit_credential
            .clone()
            .or_else(|| kept.and_then(|profile| profile.credential.clone()))
            .or_else(|| before::credential(signed_in.device.id)),
        account: fingerprints(signed_in.device.id, email, slug),
        initials: initials(&signed_in.person.display_name),
        grants: signed_in.grants.clone(),
        roles: signed_in.roles.clone(),
        waiting: kept.map_or(0, |profile| profile.waiting),
        used_at: clock::now(),
        signed_out: false,
        unheard: false,
        erased: false,
        erasing: false,
        locked: kept.map_or(0, |profile| profile.locked),
        lock: kept.and_then(|profile| profile.lock.clone()),
    };
    profiles.insert(0, profile.clone());
    store(&profiles);
    browser::store(CURRENT, &profile.device.to_string());
    before::forget(signed_in.device.id);
    profile
}
