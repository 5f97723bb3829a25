//! A locked device that is to be erased. Where everything was sent it goes at once, nobody has to unlock it for that; unsent
//! work is not thrown away unseen, and waits sealed until somebody does.

use shared_model::account::DeviceOrders;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::api::ask_with_credential;
use super::erase::{Erasure, erase, is_there};
use super::profiles::{self, Profile};
use super::wiped;

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
    if !is_asked(profile).await.unwrap_or(false) {
        return Obeyed::NotAsked;
    }
    if profile.erased && !is_there(profile).await {
        return Obeyed::Erased;
    }
    match erase(profile).await {
        Erasure::Erased => Obeyed::Erased,
        Erasure::HasWork => Obeyed::HasWork,
        Erasure::InUse | Erasure::Failed => Obeyed::NotAsked,
    }
}

/// Does as the server says for everybody who shares this browser and is not at work: nobody has to choose them for that.
pub(super) async fn obey_for_all() {
    let at_work = profiles::current().map(|profile| profile.device);
    let others = profiles::all().into_iter().filter(|profile| Some(profile.device) != at_work);
    for profile in others.filter(|profile| profile.lock.is_some() || profile.signed_out) {
        if obey(&profile).await == Obeyed::Erased {
            wiped::forget(profile.device, 0);
        }
    }
}

async fn is_asked(profile: &Profile) -> Result<bool, JsValue> {
    let credential = profile.credential.as_deref().ok_or(JsValue::NULL)?;
    let answer = ask_with_credential(credential, "GET", "/api/device-orders", None).await?;
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    let orders = serde_json::from_slice::<DeviceOrders>(text.as_bytes()).ok();
    Ok(answer.ok() && orders.is_some_and(|orders| orders.wipe))
}
