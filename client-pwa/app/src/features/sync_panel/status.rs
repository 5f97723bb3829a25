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
        (SyncStatus::Connecting, 0) => line("cloud", t!("sync-connecting"), None),
        (SyncStatus::Offline | SyncStatus::Unknown, 0) => line("cloud-off", t!("sync-offline"), None),
        (SyncStatus::Connecting | SyncStatus::Offline | SyncStatus::Unknown, _) => {
            line("cloud-off", t!("sync-offline-saved", count = unsent), None)
        }
    }
}

/// In the header of a phone.
#[component]
pub fn SyncBar() -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let open = use_state(|| false);
    let toggle = |value: bool| {
        let open = open.clone();
        move || open.set(value)
    };
    let onclick = {
        let show = toggle(true);
        Callback::from(move |_: MouseEvent| show())
    };
    let onclose = {
        let hide = toggle(false);
        Callback::from(move |()| hide())
    };
    let Line { icon: symbol, text, tone } = line(&sync);
    html! {
        <>
            <button type="button" class="syncbar" aria-haspopup="dialog" data-tone={tone} {onclick}>
                { icon_sized(symbol, 20) }<span class="grow" aria-live="polite">{ text }</span>{ icon_sized("chevron-right", 20) }
            </button>
            if *open { <SyncPanel {onclose} /> }
        </>
    }
}

/// At the foot of the rail.
#[component]
pub fn SyncEntry() -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let open = use_state(|| false);
    let toggle = |value: bool| {
        let open = open.clone();
        move || open.set(value)
    };
    let onclick = {
        let show = toggle(true);
        Callback::from(move |_: MouseEvent| show())
    };
    let onclose = {
        let hide = toggle(false);
        Callback::from(move |()| hide())
    };
    let Line { icon: symbol, text, tone } = line(&sync);
    html! {
        <>
            <button type="button" class="rail__entry" aria-haspopup="dialog" title={text.clone()} data-tone={tone} {onclick}>
                { icon(symbol) }<span class="clip" aria-live="polite">{ text }</span>
            </button>
            if *open { <SyncPanel {onclose} /> }
        </>
    }
}
