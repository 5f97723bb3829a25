//! What versions before this one kept in the browser: one session, and installs by address. It is taken over once.

use serde::{Deserialize, Serialize};
use shared_model::account::{DeviceRegistration, SignedIn};
use shared_model::identity::DeviceId;

use crate::browser;

const SESSION: &str = "maintainpro.session";
const DEVICES: &str = "maintainpro.devices";
const WAITING: &str = "maintainpro.waiting";
const ENDED: &str = "maintainpro.session-ended";

#[derive(Clone, Serialize, Deserialize)]
struct Install {
    email: String,
    organisation: String,
    id: DeviceId,
    name: String,
    #[serde(default)]
    deposit_credential: Option<String>,
}

/// Who was signed in.
pub(super) fn session() -> Option<SignedIn> {
    let session = browser::stored(SESSION)?;
    [SESSION, WAITING, ENDED].into_iter().for_each(browser::forget);
    serde_json::from_slice(session.as_bytes()).ok()
}

/// An install of this address.
pub(super) fn registration(email: &str, organisation: Option<&str>) -> Option<DeviceRegistration> {
    let email = email.trim().to_lowercase();
    let is_of = |install: &Install| {
        install.email == email && organisation.is_none_or(|slug| slug == install.organisation)
    };
    let install = load().into_iter().find(is_of)?;
    let has_deposit_credential = install.deposit_credential.is_some();
    Some(DeviceRegistration { id: install.id, name: install.name, has_deposit_credential })
}

pub(super) fn credential(device: DeviceId) -> Option<String> {
    load().into_iter().find(|install| install.id == device)?.deposit_credential
}

/// It is kept elsewhere now.
pub(super) fn forget(device: DeviceId) {
    let installs = load();
    if installs.is_empty() {
        return;
    }
    let others: Vec<Install> = installs.into_iter().filter(|install| install.id != device).collect();
    if others.is_empty() {
        browser::forget(DEVICES);
    } else {
        browser::store(DEVICES, &serde_json::to_string(&others).unwrap_or_default());
    }
}

fn load() -> Vec<Install> {
    browser::stored(DEVICES).and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default()
}
