//! Two versions of one field: both stay until somebody chooses. Each version names who wrote it, where and when.

use shared_model::document::{ConcurrentValue, DocumentKind, FieldConflict, FieldValue};
use shared_model::features::{Command, conflict};
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use yew::prelude::*;

use crate::engine_client::{Engine, use_engine};
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, in_sentence, integer, t};
use crate::row_store::RowStore;
use crate::widgets::icon;
use crate::{features, fresh_id};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub document: DocumentId,
    pub kind: DocumentKind,
    pub conflict: FieldConflict,
    /// What the field is called.
    pub field: AttrValue,
    /// How each of the values reads.
    pub words: Vec<AttrValue>,
}

/// The versions of a field with one button each.
#[component]
pub fn ConflictNote(props: &Props) -> Html {
    let engine = use_engine();
    let may = engine.may(Permission::ConflictResolve);
    let heading = t!("two-versions-of", field = in_sentence(&props.field));
    let words: Vec<AttrValue> = props.words.iter().map(|words| named(words, engine.rows())).collect();
    let versions = || props.conflict.values.iter().zip(&words);
    html! {
        <div class="conflict" role="group" aria-label={heading.clone()}>
            <div class="conflict__head">{ icon("git-compare-arrows") }{ heading }</div>
            <ul class="stack" style="--gap:.25rem">
                { for versions().map(|(value, words)| html! { <Version value={value.clone()} words={words.clone()} /> }) }
            </ul>
            <p class="t-14">{ t!("two-versions-kept") }</p>
            if may {
                <div class="row row--wrap">{ for versions().map(|(value, words)| keep_button(props, value, words, &engine)) }</div>
            }
        </div>
    }
}

fn keep_button(props: &Props, value: &ConcurrentValue, words: &AttrValue, engine: &Engine) -> Html {
    let words = words.to_string();
    let label =
        if value.shown { t!("keep-version", value = words) } else { t!("use-version", value = words) };
    let (engine, document, kind) = (engine.clone(), props.document, props.kind);
    let (field, value) = (props.conflict.field.clone(), value.value.clone());
    let onclick = Callback::from(move |_: MouseEvent| {
        engine.execute(Command::Conflict(conflict::Command::Settle {
            document,
            kind,
            field: field.clone(),
            value: value.clone(),
            decision: fresh_id::item_key(),
        }));
    });
    html! { <button type="button" class="btn grow" {onclick}>{ label }</button> }
}

#[derive(Clone, PartialEq, Properties)]
struct VersionProps {
    value: ConcurrentValue,
    words: AttrValue,
}

#[component]
fn Version(props: &VersionProps) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let (person, device) = directory.actor(props.value.actor);
    let at = day_and_time(props.value.at).to_string();
    let device = device.unwrap_or_else(|| t!("a-device")).to_string();
    let who = match person {
        Some(person) if person == engine.person() => t!("version-by-you", device = device, at = at),
        Some(person) => {
            t!("version-by", name = directory.person(person).to_string(), device = device, at = at)
        }
        None => t!("version-by-device", device = device, at = at),
    };
    html! { <li><b>{ props.words.clone() }</b>{ " · " }{ who }</li> }
}

/// The id of a document reads as its name.
fn named(words: &AttrValue, rows: &RowStore) -> AttrValue {
    let entry = words.parse().ok().and_then(|id| rows.find(id));
    entry.map_or_else(|| words.clone(), |entry| features::name(&entry.row).into())
}

/// How a value reads that means nothing more than what it is.
pub fn value_words(value: &FieldValue) -> AttrValue {
    match value {
        FieldValue::Null => t!("nothing"),
        FieldValue::Str(text) => text.clone().into(),
        FieldValue::Int(number) => integer(*number),
        FieldValue::Bool(true) => t!("yes"),
        FieldValue::Bool(false) => t!("no"),
        FieldValue::Timestamp(at) => capitalised(&day_and_time(*at)),
        FieldValue::Object => t!("a-whole-item"),
    }
}
