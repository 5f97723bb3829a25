//! The state of sending in one line, always in sight; it opens the panel.

use client_bridge::SyncStatus;
use yew::prelude::*;

use super::panel::SyncPanel;
use crate::engine_client::{SyncState, use_engine};
use crate::hooks::use_watched;
use crate::locale::{integer, t};
use crate::widgets::{icon, icon_sized};

/// One line: icon, words, tone.
pub(super) struct Line {
    pub icon: &'static str,
    pub text: AttrValue,
    pub tone: Option<&'static str>,
}

/// The line for a state: what a person must act on first, then what is going on.
pub(super) fn line(sync: &SyncState) -> Line {
    let unsent = sync.unsent() + sync.unanswered;
    let line = |icon, text, tone| Line { icon, text, tone };
    if sync.trouble.is_some() {
        return line("shield-alert", t!("sync-trouble"), Some("red"));
    }
    if sync.attention() > 0 {
        return line("cloud-alert", t!("sync-attention", count = sync.attention()), Some("amber"));
    }
    if sync.held() > 0 && unsent == 0 {
        return line("users", t!("sync-held", count = sync.held()), None);
    }
    match (sync.status, unsent) {
        (SyncStatus::SignedOut, _) => line("cloud-off", t!("sync-signed-out", count = unsent), None),
        (SyncStatus::Loading { done, total: Some(total) }, _) => {
            let (done, total) = (integer(done as i64).to_string(), integer(total as i64).to_string());
            line("arrow-down-to-line", t!("sync-loading", done = done, total = total), Some("accent"))
        }
        (SyncStatus::Loading { .. }, _) => {
            line("arrow-down-to-line", t!("sync-loading-some"), Some("accent"))
        }
        (SyncStatus::Live, 0) => line("cloud-check", t!("sync-accepted"), Some("green")),
        (SyncStatus::Live, _) => line("cloud-upload", t!("sync-sending", count = unsent), Some("accent")),
        (SyncStatus::Connecting | SyncStatus::Offline | SyncStatus::Unknown, _) => match sync.unsent() {
            0 if sync.status == SyncStatus::Connecting => line("cloud", t!("sync-connecting"), None),
            0 => line("cloud-off", t!("sync-offline"), None),
            // Only what is on disk is saved.
            count => line("cloud-off", t!("sync-offline-saved", count = count), None),
        },
    }
}

/// Where the line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the header of a phone's main pages.
    Header,
    /// In the header of a phone's other pages, when this device cannot save.
    Trouble,
    /// At the foot of the rail.
    Rail,
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub place: Place,
}

#[component]
pub fn SyncLine(props: &Props) -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let open = use_state_eq(|| false);
    let onclick = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    if props.place == Place::Trouble && sync.trouble.is_none() && !*open {
        return html! {};
    }
    let onclose = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    let Line { icon: symbol, text, tone } = line(&sync);
    let rail = props.place == Place::Rail;
    let (class, inner) = if rail { ("rail__entry", "clip") } else { ("syncbar", "grow") };
    html! {
        <>
            <button type="button" {class} aria-haspopup="dialog" title={rail.then(|| text.clone())} data-tone={tone} {onclick}>
                { if rail { icon(symbol) } else { icon_sized(symbol, 20) } }
                <span class={inner} aria-live="polite">{ text }</span>
                if !rail { { icon_sized("chevron-right", 20) } }
            </button>
            if *open { <SyncPanel {onclose} /> }
        </>
    }
}
