//! What the browser lets this device hold, and whether it keeps it when space runs out.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::browser;
use crate::locale::t;
use crate::widgets::icon;

#[derive(Clone, Copy, PartialEq)]
struct Facts {
    used: f64,
    quota: f64,
    kept: bool,
}

#[component]
pub fn StorageFacts() -> Html {
    let facts = use_state(|| None::<Facts>);
    {
        let facts = facts.setter();
        use_effect_with((), move |()| spawn_local(async move { facts.set(read().await) }));
    }
    let Some(Facts { used, quota, kept }) = *facts else { return html! {} };
    let share = if quota > 0.0 { (used / quota * 100.0).clamp(0.5, 100.0) } else { 0.0 };
    let (symbol, answer) = if kept { ("check", t!("yes")) } else { ("minus", t!("not-promised")) };
    html! {
        <>
            <div class="row row--between">
                <h2 class="t-16">{ t!("sync-on-device") }</h2>
                <span class="t-14 soft num">{ t!("sync-used", used = size(used), quota = size(quota)) }</span>
            </div>
            <span class="bar bar--lg" style={format!("--v:{share}%")} aria-hidden="true"><i></i></span>
            <dl class="kv" style="grid-template-columns:1fr auto;gap:.25rem">
                <dt>{ t!("sync-kept") }</dt>
                <dd class="row" style="--gap:.25rem;justify-content:flex-end">{ icon(symbol) }{ answer }</dd>
            </dl>
        </>
    }
}

async fn read() -> Option<Facts> {
    let storage = browser::window().navigator().storage();
    let estimate = JsFuture::from(storage.estimate().ok()?).await.ok()?;
    let estimate: web_sys::StorageEstimate = estimate.unchecked_into();
    let kept = JsFuture::from(storage.persisted().ok()?).await.ok()?.as_bool().unwrap_or(false);
    Some(Facts {
        used: estimate.get_usage().unwrap_or(0.0),
        quota: estimate.get_quota().unwrap_or(0.0),
        kept,
    })
}

fn size(bytes: f64) -> String {
    let megabytes = bytes / 1_000_000.0;
    if megabytes >= 1_000.0 { format!("{:.1} GB", megabytes / 1_000.0) } else { format!("{megabytes:.1} MB") }
}
