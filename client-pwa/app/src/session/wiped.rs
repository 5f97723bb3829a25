//! After this person's data was erased for an administrator: what the screen says, and telling the server, which may take
//! several attempts.

use serde::{Deserialize, Serialize};
use shared_model::account::DeviceWiped;
use shared_model::identity::DeviceId;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::ask_with_credential;
use super::frame::frame;
use super::profiles;
use crate::browser;
use crate::locale::t;
use crate::widgets::icon;

const STORED: &str = "maintainpro.wiped";

/// The server does not know yet.
#[derive(Clone, Serialize, Deserialize)]
struct Untold {
    credential: String,
    handed_in: u64,
}

/// Forgets what the browser keeps of an install that is erased, and tells the server.
pub fn forget(device: DeviceId, handed_in: u64) {
    let Some(profile) = profiles::forget(device) else { return };
    if let Some(credential) = profile.credential {
        let mut untold = load();
        untold.push(Untold { credential, handed_in });
        store(&untold);
    }
    spawn_local(tell_server());
}

/// Tells what it does not know yet. What cannot be told now is told at the next start.
pub(super) async fn tell_server() {
    for each in load() {
        if tell(&each).await.unwrap_or(false) {
            let untold: Vec<Untold> =
                load().into_iter().filter(|other| other.credential != each.credential).collect();
            store(&untold);
        }
    }
}

/// Did it hear, or does it know this device no more?
async fn tell(untold: &Untold) -> Result<bool, JsValue> {
    let told = DeviceWiped { handed_in: u32::try_from(untold.handed_in).unwrap_or(u32::MAX) };
    let told = serde_json::to_string(&told).unwrap_or_default();
    let answer =
        ask_with_credential(&untold.credential, "POST", "/api/device-orders/wiped", Some(told)).await?;
    Ok(answer.ok() || [401, 409].contains(&answer.status()))
}

fn load() -> Vec<Untold> {
    browser::stored(STORED).and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default()
}

fn store(untold: &[Untold]) {
    if untold.is_empty() {
        browser::forget(STORED);
    } else {
        browser::store(STORED, &serde_json::to_string(untold).unwrap_or_default());
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub handed_in: u64,
    pub ongo: Callback<()>,
}

#[component]
pub fn WipedPage(props: &Props) -> Html {
    use_effect_with((), |()| browser::document().set_title(&t!("wiped-document-title")));
    let go = props.ongo.reform(|_: MouseEvent| ());
    frame(html! {
        <>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("wiped-title") }</h1>
            <p>{ t!("wiped-text") }</p>
            if props.handed_in > 0 {
                <div class="banner" data-tone="neutral" style="border-radius:12px">
                    { icon("check-check") }<p>{ t!("wiped-handed-in", count = props.handed_in) }</p>
                </div>
            }
            <div><button type="button" class="btn" onclick={go}>{ t!("sign-in") }</button></div>
        </>
    })
}
