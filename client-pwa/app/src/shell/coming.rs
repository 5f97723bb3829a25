//! Where something will stand that is listed here and still on its way.

use client_bridge::SyncStatus;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::hooks::use_watched;
use crate::locale::t;
use crate::widgets::{Empty, Skeleton};

/// The shape of it; without a connection, words about when it comes.
#[component]
pub fn Coming() -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    match sync.status {
        SyncStatus::Offline | SyncStatus::SignedOut => {
            html! { <Empty icon="cloud-off" title={t!("not-here-yet")} text={t!("not-here-yet-text")} /> }
        }
        _ => html! { <Skeleton label={t!("loading")} /> },
    }
}
