//! One entry.

use shared_model::audit::{Change, ListedEntry, Said};
use yew::prelude::*;

use super::words;
use crate::engine_client::Directory;
use crate::locale::{clock_time, t};
use crate::widgets::icon_sized;

pub(super) fn row(listed: &ListedEntry, directory: &Directory) -> Html {
    let entry = &listed.entry;
    let (symbol, tone) = words::symbol(&entry.action);
    let device = entry.by.device.and_then(|device| directory.device(device));
    let place = device.map(|device| html! { <>{ " · " }{ device }</> });
    // What the line says already is not said again.
    let shown = entry.changes.iter().filter(|change| change.field != "person");
    html! {
        <li key={listed.seq.to_string()} class="list__row" style="align-items:flex-start">
            <span class="tone" data-tone={tone} style="padding-block-start:.125rem">{ icon_sized(symbol, 20) }</span>
            <span class="grow" style="min-inline-size:0">
                <span class="t-16 w-med" style="display:block">
                    { words::action(&entry.action) }
                    if let Some(subject) = words::subject(entry, directory) { { ": " }{ subject } }
                </span>
                <span class="t-14 muted" style="display:block">{ words::doer(entry, directory) }{ place }</span>
                { for shown.map(|change| line(change, directory)) }
            </span>
            <span class="t-14 muted nowrap" style="text-align:end">
                <time style="display:block">{ clock_time(entry.received_at) }</time>
                <span class="t-12" style="display:block" title={t!("audit-number-hint")}>{ format!("#{}", listed.seq) }</span>
            </span>
        </li>
    }
}

fn line(change: &Change, directory: &Directory) -> Html {
    let value = |value: &Option<Said>| value.as_ref().map(|value| words::value(value, directory));
    let text = match (value(&change.before), value(&change.after)) {
        (Some(before), Some(after)) => {
            html! { <><s class="muted">{ before }</s>{ " → " }{ after }</> }
        }
        (None, Some(after)) => html! { after },
        (Some(before), None) => html! { <s class="muted">{ before }</s> },
        (None, None) => html! { t!("audit-changed") },
    };
    html! {
        <span class="t-14" style="display:block;overflow-wrap:anywhere">
            <span class="muted">{ words::field(change) }{ ": " }</span>{ text }
        </span>
    }
}
