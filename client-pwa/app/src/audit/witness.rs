//! This device as a witness: it keeps the last signed head of the trail, asks for proof that the next one continues it, and tells
//! its person when it does not. What it keeps is what `maintainpro audit verify --head` reads.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use serde::{Deserialize, Serialize};
use shared_model::audit::{Contradiction, HeadWithProof, Heard, Log, Witness};
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
/// Where something is missing, or otherwise than it was, a backup may have been restored a moment ago, and the new history not have
/// begun. So often it is looked again before anybody is told.
const DOUBTS: u8 = 3;

/// What this device keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    witness: Witness,
    /// When the server was last asked.
    heard_at: Timestamp,
    /// How often in a row something was not as it was.
    doubts: u8,
}

impl Kept {
    fn is_due(&self, now: Timestamp) -> bool {
        // A clock that was set back must not keep it from asking.
        self.doubts > 0 || !(0..EVERY_MS).contains(&now.millis_since(self.heard_at))
    }

    /// Takes the server's answer in: what there is to tell, if anything.
    fn hear(&mut self, said: HeadWithProof, now: Timestamp) -> Option<News> {
        self.heard_at = now;
        let mut witness = self.witness.clone();
        let heard = witness.hear(said);
        let may_pass = matches!(heard, Err(Contradiction::Shorter | Contradiction::Rewritten));
        if may_pass && self.doubts < DOUBTS {
            self.doubts += 1;
            return None;
        }
        (self.witness, self.doubts) = (witness, 0);
        match heard {
            Ok(Heard::Continues) => None,
            Ok(Heard::Begins) => Some(News::OtherHistory),
            Err(how) => {
                browser::log(&format!(
                    "the audit trail contradicts what this device has seen: {}",
                    how.code()
                ));
                Some(News::Contradiction)
            }
        }
    }
}

/// What a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// A backup was restored, they say.
    OtherHistory,
    /// The trail is not what it was.
    Contradiction,
}

thread_local! {
    /// Where the browser forbids storage, what is kept lasts as long as the page.
    static KEPT: RefCell<Option<(OrganisationId, Kept)>> = const { RefCell::new(None) };
}

fn place(organisation: OrganisationId) -> String {
    format!("{STORED}.{organisation}")
}

fn kept(organisation: OrganisationId) -> Kept {
    let stored = browser::stored(&place(organisation));
    let stored = stored.and_then(|json| serde_json::from_slice(json.as_bytes()).ok());
    let of_page = || KEPT.with(|kept| kept.borrow().clone().filter(|(of, _)| *of == organisation));
    stored.or_else(|| of_page().map(|(_, kept)| kept)).unwrap_or_default()
}

fn keep(organisation: OrganisationId, kept: Kept) {
    browser::store(&place(organisation), &serde_json::to_string(&kept).unwrap_or_default());
    KEPT.with(|place| *place.borrow_mut() = Some((organisation, kept)));
}

/// Asks for the newest head when it is time: what there is to tell.
async fn look(organisation: OrganisationId) -> Option<News> {
    let known = kept(organisation);
    if !known.is_due(clock::now()) {
        return known.witness.contradicted_by.is_some().then_some(News::Contradiction);
    }
    let seen = (known.witness.seen(Log::Entries), known.witness.seen(Log::Feed));
    // Without a network it is asked the next time.
    let said = api::head(seen).await.ok()?;
    let mut kept = kept(organisation);
    // Another tab was faster, or somebody of another organisation has signed in there: the answer is not for this.
    if kept.witness != known.witness || said.head.organisation != organisation {
        return None;
    }
    let news = kept.hear(said, clock::now());
    let is_contradicted = kept.witness.contradicted_by.is_some();
    keep(organisation, kept);
    news.or(is_contradicted.then_some(News::Contradiction))
}

/// Looks after the trail while any page is open.
#[component]
pub fn AuditWitness() -> Html {
    let session = use_session();
    let toaster = use_toast();
    let organisation = session.signed_in.organisation.id;
    use_effect_with(organisation, move |organisation| {
        let (organisation, told) = (*organisation, Rc::new(Cell::new(None)));
        let ask = move || {
            let (toaster, told) = (toaster.clone(), told.clone());
            spawn_local(async move {
                let news = look(organisation).await;
                if let Some(news) = news.filter(|news| told.replace(Some(*news)) != Some(*news)) {
                    toaster.show(toast(organisation, news));
                }
            });
        };
        ask();
        let ticking = Interval::new(LOOK_EVERY_MS, ask);
        move || drop(ticking)
    });
    Html::default()
}

fn toast(organisation: OrganisationId, news: News) -> Toast {
    let contradicts = news == News::Contradiction;
    let save = Callback::from(move |()| {
        let mut kept = kept(organisation);
        let json = serde_json::to_string_pretty(&kept.witness).unwrap_or_default();
        // Whoever has the file has what there is to show.
        if browser::save_file("maintainpro-audit-evidence.json", &json) && contradicts {
            kept.witness.go_on();
            keep(organisation, kept);
        }
    });
    let (icon, text) = match news {
        News::Contradiction => ("shield-alert", t!("audit-contradiction")),
        News::OtherHistory => ("history", t!("audit-other-history")),
    };
    Toast { icon, text, action: Some((t!("audit-save-evidence"), save)), lasting: true }
}
