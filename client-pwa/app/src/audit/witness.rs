//! This device as a witness: it keeps the last signed head of the trail, asks for proof that the next one continues it, and tells
//! its person when it does not. What it keeps is what `maintainpro audit verify --head` reads.

use gloo_timers::callback::Interval;
use serde::{Deserialize, Serialize};
use shared_model::audit::{Contradiction, HeadWithProof, Log, Witness};
use shared_model::identity::OrganisationId;
use shared_model::instant::{HOUR_MS, Timestamp};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use crate::locale::t;
use crate::session::use_session;
use crate::widgets::{Toast, use_toast};
use crate::{browser, clock};

const STORED: &str = "maintainpro.audit";
/// The head is asked for so often, however many pages are open.
const EVERY_MS: i64 = HOUR_MS;
const LOOK_EVERY_MS: u32 = 60_000;
/// Where something is missing a backup may have been restored a moment ago, and the new history not have begun. So often
/// it is looked again before anybody is told.
const DOUBTS: u8 = 3;

/// What this device keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    witness: Witness,
    /// When the server was last asked.
    heard_at: Timestamp,
    /// How often in a row something was missing.
    doubts: u8,
}

impl Kept {
    fn is_due(&self, now: Timestamp) -> bool {
        // A clock that was set back must not keep it from asking.
        self.doubts > 0 || !(0..EVERY_MS).contains(&now.millis_since(self.heard_at))
    }

    /// Takes the server's answer in; the contradiction to tell of, if there is one.
    fn hear(&mut self, said: HeadWithProof, now: Timestamp) -> Option<Contradiction> {
        self.heard_at = now;
        let mut witness = self.witness.clone();
        let heard = witness.hear(said);
        if heard == Err(Contradiction::Shorter) && self.doubts < DOUBTS {
            self.doubts += 1;
            return None;
        }
        (self.witness, self.doubts) = (witness, 0);
        heard.err()
    }
}

fn place(organisation: OrganisationId) -> String {
    format!("{STORED}.{organisation}")
}

fn kept(organisation: OrganisationId) -> Kept {
    let json = browser::stored(&place(organisation));
    json.and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default()
}

/// Asks for the newest head when it is time; true when what is kept contradicts it.
async fn look(organisation: OrganisationId) -> bool {
    let mut kept = kept(organisation);
    let now = clock::now();
    if kept.is_due(now) {
        let seen = (kept.witness.seen(Log::Entries), kept.witness.seen(Log::Feed));
        // Without a network it is asked the next time.
        let Ok(said) = api::head(seen).await else { return false };
        if let Some(how) = kept.hear(said, now) {
            browser::log(&format!("the audit trail contradicts what this device has seen: {}", how.code()));
        }
        browser::store(&place(organisation), &serde_json::to_string(&kept).unwrap_or_default());
    }
    kept.witness.contradicted_by.is_some()
}

/// Looks after the trail while any page is open.
#[component]
pub fn AuditWitness() -> Html {
    let session = use_session();
    let toaster = use_toast();
    let organisation = session.signed_in.organisation.id;
    use_effect_with(organisation, move |organisation| {
        let (organisation, told) = (*organisation, std::rc::Rc::new(std::cell::Cell::new(false)));
        let ask = move || {
            let (toaster, told) = (toaster.clone(), told.clone());
            spawn_local(async move {
                if look(organisation).await && !told.replace(true) {
                    toaster.show(alarm(organisation));
                }
            });
        };
        ask();
        let ticking = Interval::new(LOOK_EVERY_MS, ask);
        move || drop(ticking)
    });
    Html::default()
}

fn alarm(organisation: OrganisationId) -> Toast {
    let save = Callback::from(move |()| {
        let json = serde_json::to_string_pretty(&kept(organisation).witness).unwrap_or_default();
        browser::save_file("maintainpro-audit-evidence.json", &json);
    });
    let (icon, text) = ("shield-alert", t!("audit-contradiction"));
    Toast { icon, text, action: Some((t!("audit-save-evidence"), save)), lasting: true }
}
