//! One change of this device: what it does, how far it is, and what to do when it was refused.

use client_bridge::{FieldDifference, PendingCommand, PendingState};
use yew::prelude::*;

use super::panel::download;
use crate::engine_client::{rule_text, use_engine};
use crate::features;
use crate::locale::{self, capitalised, day_and_time, t};
use crate::widgets::{Dialog, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub change: PendingCommand,
}

#[component]
pub fn ChangeRow(props: &Props) -> Html {
    let engine = use_engine();
    let change = &props.change;
    let about = change.document.and_then(|id| engine.rows().find(id)).map(|entry| features::name(&entry.row));
    let title = command_text(&change.code);
    let details = html! {
        <span class="t-14 muted clip" style="display:block">
            if let Some(about) = about { <span>{ about }</span>{ " · " } }
            <time>{ capitalised(&day_and_time(change.at)) }</time>
        </span>
    };
    if let PendingState::Attention { code, detail, differences, .. } = &change.state {
        return html! {
            <li style="padding:.75rem var(--gutter);background:var(--amber-soft)">
                <span class="row row--between"><b class="t-16 clip">{ title }</b>{ chip(&change.state) }</span>
                { details }
                <p class="t-14 soft" style="line-height:1.4;margin-block-start:.25rem">{ rule_text(code, detail) }</p>
                { for differences.iter().map(difference) }
                <Answers change={change.clone()} />
            </li>
        };
    }
    html! {
        <li class="list__row" style="padding-block:.5rem;padding-inline:var(--gutter)">
            <span class="grow"><span class="t-16 w-med clip" style="display:block">{ title }</span>{ details }</span>
            { chip(&change.state) }
        </li>
    }
}

fn difference(difference: &FieldDifference) -> Html {
    let plain = |json: &str| json.trim_matches('"').to_owned();
    html! {
        <p class="t-14" key={difference.field.clone()}>
            { t!("sync-difference", mine = plain(&difference.mine), server = plain(&difference.server)) }
        </p>
    }
}

/// Try again, or save a copy and let it go.
#[component]
fn Answers(props: &Props) -> Html {
    let engine = use_engine();
    let asking = use_state(|| false);
    let command_id = props.change.command_id;
    let retry = {
        let engine = engine.clone();
        Callback::from(move |_: MouseEvent| engine.retry(command_id))
    };
    let ask = |value: bool| {
        let asking = asking.clone();
        move || asking.set(value)
    };
    let open = {
        let ask = ask(true);
        Callback::from(move |_: MouseEvent| ask())
    };
    let onclose = {
        let ask = ask(false);
        Callback::from(move |()| ask())
    };
    let discard = {
        let (engine, close) = (engine.clone(), ask(false));
        Callback::from(move |_: MouseEvent| {
            let again = engine.clone();
            // Without the copy the change stays.
            engine.export(Callback::from(move |json: String| {
                if download(&json) {
                    again.discard(command_id);
                }
            }));
            close();
        })
    };
    let keep = onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={keep}>{ t!("keep-it") }</button>
            <button type="button" class="btn btn--danger" onclick={discard}>{ t!("sync-copy-and-discard") }</button>
        </>
    };
    html! {
        <div class="row" style="margin-block-start:.625rem">
            <button type="button" class="btn btn--primary grow" onclick={retry}>{ icon("rotate-cw") }{ t!("sync-try-again") }</button>
            <button type="button" class="btn grow" onclick={open}>{ t!("sync-discard") }</button>
            if *asking {
                <Dialog title={t!("sync-discard-title")} {onclose} {actions}><p>{ t!("sync-discard-text") }</p></Dialog>
            }
        </div>
    }
}

fn chip(state: &PendingState) -> Html {
    let (sync, symbol, text) = match state {
        PendingState::Saved | PendingState::Unknown => ("saved", "smartphone", t!("saved-here")),
        PendingState::Sending => ("sending", "cloud-upload", t!("sending")),
        PendingState::Held => ("saved", "users", t!("held")),
        PendingState::Accepted => ("accepted", "cloud-check", t!("accepted")),
        PendingState::Attention { .. } => ("attention", "cloud-alert", t!("needs-attention")),
    };
    html! { <span class="sync is-sm" data-sync={sync}>{ icon(symbol) }{ text }</span> }
}

/// What a command does, in words; a command this version does not know is a change.
pub(super) fn command_text(code: &str) -> AttrValue {
    let key = format!("command-{}", code.replace('.', "-"));
    let text = locale::text(&key, None);
    if text == key { t!("command-other") } else { text }
}
