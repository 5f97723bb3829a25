//! The panel: every change of this device, then what the device holds.

use client_bridge::{PendingCommand, PendingState, StorageTrouble, SyncStatus, UnreadableEntry};
use yew::prelude::*;

use super::change_row::ChangeRow;
use super::status::line;
use super::storage::StorageFacts;
use crate::engine_client::{Engine, SyncState, use_engine};
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, t};
use crate::widgets::{Sheet, icon_sized};
use crate::{browser, clock};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onclose: Callback<()>,
}

fn said(symbol: &'static str, words: AttrValue) -> Html {
    html! {
        <p class="row" role="status" style="padding:.5rem var(--gutter);--gap:.375rem">{ icon_sized(symbol, 20) }<span>{ words }</span></p>
    }
}

#[component]
pub fn SyncPanel(props: &Props) -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let is_open = |each: &&PendingCommand| each.state != PendingState::Accepted;
    let subtitle = match (&sync.trouble, sync.status) {
        (Some(_), _) => t!("sync-trouble"),
        (None, SyncStatus::Live) => t!("sync-panel-live"),
        (None, SyncStatus::Loading { .. }) => t!("sync-panel-loading"),
        (None, SyncStatus::Connecting) => t!("sync-panel-connecting"),
        (None, SyncStatus::Offline | SyncStatus::SignedOut | SyncStatus::Unknown) => t!("sync-panel-safe"),
    };
    html! {
        <Sheet title={t!("sync-panel-title")} {subtitle} onclose={props.onclose.clone()} actions={actions(&engine, &sync)}>
            <Banner />
            if sync.wiping { { said("triangle-alert", t!("sync-wiping")) } }
            if sync.sealing { { said("lock", t!("lock-sealing")) } }
            <h2 class="grouphead" style="padding:.125rem var(--gutter) .25rem;font-size:var(--t-14)">{ t!("sync-changes") }</h2>
            <ul class="list rule" style="border-block-end:1px solid var(--line)" aria-label={t!("sync-changes")}>
                { for sync.unreadable.iter().map(unreadable_row) }
                { for sync.pending.iter().filter(is_open).map(change_row) }
                if sync.unlisted() > 0 {
                    <li class="list__row muted t-14">{ t!("sync-more-changes", count = sync.unlisted()) }</li>
                }
                { for sync.pending.iter().filter(|each| !is_open(each)).map(change_row) }
                if sync.pending.is_empty() { <li class="list__row muted t-14">{ t!("sync-no-changes") }</li> }
            </ul>
            <section class="stack" style="padding:.75rem var(--gutter) 1rem;--gap:.5rem" aria-label={t!("sync-on-device")}>
                <StorageFacts />
                <dl class="kv" style="grid-template-columns:1fr auto;gap:.25rem">
                    <dt>{ t!("sync-last-contact") }</dt>
                    <dd>{ sync.last_contact.map_or_else(|| t!("sync-never"), |at| capitalised(&day_and_time(at))) }</dd>
                    <dt>{ t!("sync-compared") }</dt>
                    <dd>{ sync.checked.map_or_else(|| t!("sync-never"), |at| capitalised(&day_and_time(at))) }</dd>
                </dl>
                <button type="button" class="btn" disabled={!sync.is_live()} onclick={compare(&engine)}>
                    { icon_sized("cloud-check", 20) }{ t!("sync-compare") }
                </button>
            </section>
        </Sheet>
    }
}

fn compare(engine: &Engine) -> Callback<MouseEvent> {
    let engine = engine.clone();
    Callback::from(move |_| engine.check_copy())
}

fn change_row(change: &PendingCommand) -> Html {
    html! { <ChangeRow key={change.command_id.to_string()} change={change.clone()} /> }
}

/// It waits for a version that can read it; meanwhile it can be taken away.
fn unreadable_row(entry: &UnreadableEntry) -> Html {
    html! {
        <li key={entry.key.clone()} class="list__row" style="padding-block:.5rem;padding-inline:var(--gutter)">
            <span class="grow">
                <span class="t-16 w-med" style="display:block">{ t!("sync-unreadable") }</span>
                <span class="t-14 muted" style="display:block">{ t!("sync-unreadable-text") }</span>
            </span>
            <span class="sync is-sm" data-sync="attention">{ icon_sized("cloud-alert", 16) }{ t!("sync-unreadable-chip") }</span>
        </li>
    }
}

#[component]
fn Banner() -> Html {
    let engine = use_engine();
    let sync = use_watched(engine.sync());
    let shown = line(&sync);
    let detail = sync.trouble.as_ref().map(|trouble| match trouble.code.as_str() {
        "quota" => t!("sync-trouble-quota"),
        "no_engine" => t!("sync-trouble-no-engine"),
        StorageTrouble::LOCKED => t!("sync-trouble-locked"),
        _ => t!("sync-trouble-unavailable"),
    });
    html! {
        <div style="padding:0 var(--gutter) .875rem">
            <div class="banner" data-tone={shown.tone.unwrap_or("neutral")} style="align-items:center;border-radius:14px">
                if shown.icon == "cloud-upload" { <span class="spinner" style="inline-size:1.25rem;block-size:1.25rem" aria-hidden="true"></span> }
                else { { icon_sized(shown.icon, 20) } }
                <p class="grow"><b>{ shown.text }</b>if let Some(detail) = detail {
                    <>{ " " }{ detail }{ " " }<a class="link" href="/recovery.html" target="_blank">{ t!("sync-recovery") }</a></>
                }</p>
            </div>
        </div>
    }
}

fn actions(engine: &Engine, sync: &SyncState) -> Html {
    let unsent = sync.unsent() + sync.attention();
    let exported = unsent + sync.held() + sync.unanswered;
    let export = {
        let engine = engine.clone();
        Callback::from(move |_: MouseEvent| {
            engine.export(Callback::from(|json: String| {
                // What it did not take stays where it is.
                let _ = download(&json);
            }));
        })
    };
    let retry = {
        let (engine, pending) = (engine.clone(), sync.pending.clone());
        Callback::from(move |_: MouseEvent| {
            let refused = pending.iter().filter(|each| matches!(each.state, PendingState::Attention { .. }));
            refused.for_each(|each| engine.retry(each.command_id));
            engine.sync_now();
        })
    };
    html! {
        <>
            <button type="button" class="btn btn--lg grow" style="min-block-size:3.25rem" onclick={export} disabled={exported == 0}>
                { icon_sized("download", 20) }{ t!("sync-export", count = exported) }
            </button>
            <button type="button" class="btn btn--lg btn--primary grow" style="min-block-size:3.25rem" onclick={retry}>
                { icon_sized("rotate-cw", 20) }{ if unsent > 0 { t!("sync-retry-all") } else { t!("sync-now") } }
            </button>
        </>
    }
}

/// Gives a text to the person as a file; false when the browser did not take it.
pub(super) fn download(json: &str) -> bool {
    browser::save_file(
        &format!("maintainpro-unsent-{}.json", clock::to_input(clock::now()).replace(':', "-")),
        json,
    )
}
