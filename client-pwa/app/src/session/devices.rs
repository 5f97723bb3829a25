//! The installs of this browser: one id per person, kept over sign-ins, with the credential that can hand in
//! work after the person lost access.

use serde::{Deserialize, Serialize};
use shared_model::account::{DeviceRegistration, SignedIn};
use shared_model::identity::DeviceId;

use crate::{browser, fresh_id};

const STORED: &str = "maintainpro.devices";

#[derive(Clone, Serialize, Deserialize)]
struct Install {
    email: String,
    /// Short name of the organisation.
    organisation: String,
    id: DeviceId,
    name: String,
    #[serde(default)]
    deposit_credential: Option<String>,
}

impl Install {
    fn registration(self) -> DeviceRegistration {
        let has_deposit_credential = self.deposit_credential.is_some();
        DeviceRegistration { id: self.id, name: self.name, has_deposit_credential }
    }
}

/// The install to sign in with.
pub(super) fn registration(email: &str, organisation: Option<&str>) -> DeviceRegistration {
    let known = load().into_iter().find(|install| is_of(install, email, organisation));
    known.map_or_else(fresh, Install::registration)
}

/// Every install, the one used last first.
pub(super) fn registrations() -> Vec<DeviceRegistration> {
    load().into_iter().map(Install::registration).collect()
}

/// What the registration of an install gave.
pub fn deposit_credential(device: DeviceId) -> Option<String> {
    load().into_iter().find(|install| install.id == device)?.deposit_credential
}

/// An install that is new here.
pub(super) fn fresh() -> DeviceRegistration {
    DeviceRegistration { id: fresh_id::device(), name: browser::device_name(), has_deposit_credential: false }
}

/// Keeps the install the server confirmed.
pub(super) fn remember(email: &str, organisation: Option<&str>, signed_in: &SignedIn) {
    let slug = signed_in.organisation.slug.as_str();
    let mut installs = load();
    let before = installs.iter().find(|install| is_of(install, email, organisation.or(Some(slug))));
    let credential = before.and_then(|install| install.deposit_credential.clone());
    let install = Install {
        email: normalised(email),
        organisation: slug.to_owned(),
        id: signed_in.device.id,
        name: signed_in.device.name.clone(),
        deposit_credential: signed_in.device.deposit_credential.clone().or(credential),
    };
    installs.retain(|other| !is_of(other, email, Some(slug)));
    installs.insert(0, install);
    browser::store(STORED, &serde_json::to_string(&installs).unwrap_or_default());
}

fn is_of(install: &Install, email: &str, organisation: Option<&str>) -> bool {
    install.email == normalised(email) && organisation.is_none_or(|slug| slug == install.organisation)
}

fn normalised(email: &str) -> String {
    email.trim().to_lowercase()
}

fn load() -> Vec<Install> {
    browser::stored(STORED).and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default()
}
