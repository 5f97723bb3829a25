//! The history of a document in words.

use shared_model::audit::Happening;
use shared_model::document::FieldValue;
use shared_model::instant::Timestamp;
use yew::AttrValue;

use crate::engine_client::Engine;
use crate::features;
use crate::locale::{self, capitalised, day_and_time, duration, t};

/// Fields that mean something to people, by the first part of their path.
const KNOWN: [&str; 75] = [
    "address",
    "assets",
    "balance",
    "barcode",
    "bin",
    "category",
    "checklists",
    "code",
    "counterpart",
    "criticality",
    "custom",
    "description",
    "downtime_end",
    "downtime_start",
    "due",
    "estimated_minutes",
    "external",
    "failure_cause",
    "failure_detection",
    "failure_impact",
    "failure_mechanism",
    "failure_mode",
    "from",
    "installed",
    "keeper",
    "kind",
    "level",
    "location",
    "manufacturer",
    "max",
    "meter",
    "meters",
    "min",
    "minutes",
    "model",
    "money",
    "name",
    "note",
    "number",
    "origin",
    "parent",
    "part",
    "parts",
    "people",
    "person",
    "planned_start",
    "priority",
    "published",
    "quantity",
    "reason",
    "reorder_point",
    "requester",
    "resolution",
    "retired",
    "serial",
    "site",
    "spares",
    "started",
    "status",
    "tag",
    "tags",
    "teams",
    "text",
    "time_zone",
    "timers",
    "title",
    "to",
    "type",
    "unit",
    "value",
    "van",
    "version",
    "versions",
    "warranty_until",
    "work_order",
];
/// Whole numbers that are points in time, where facts say them.
const TIMES: [&str; 2] = ["from", "started"];
/// Whole numbers that are thousandths.
const QUANTITIES: [&str; 6] = ["quantity", "balance", "value", "min", "max", "reorder_point"];

/// What a field is called; nothing for what only programs read.
pub(super) fn label(field: &str, engine: &Engine) -> Option<AttrValue> {
    let mut parts = field.split('/');
    let first = parts.next().unwrap_or_default();
    if !KNOWN.contains(&first) {
        return None;
    }
    let name = locale::text(&format!("told-{}", first.replace('_', "-")), None);
    // An item is named where it has a name: who was assigned, which asset was added.
    let item = parts.next().and_then(|item| named(item, engine));
    Some(item.map_or_else(|| name.clone(), |item| format!("{name}, {item}").into()))
}

/// How a value reads.
pub(super) fn value(field: &str, value: &FieldValue, engine: &Engine) -> AttrValue {
    let mut parts = field.split('/');
    let first = parts.next().unwrap_or_default();
    match value {
        FieldValue::Str(text) => features::code_words(first, text)
            .or_else(|| named(text, engine))
            .unwrap_or_else(|| text.clone().into()),
        FieldValue::Int(millis) if TIMES.contains(&first) => {
            capitalised(&day_and_time(Timestamp::from_millis(*millis)))
        }
        FieldValue::Int(thousandths) if QUANTITIES.contains(&first) => {
            locale::decimal(shared_model::units::Quantity::from_thousandths(*thousandths))
        }
        FieldValue::Int(minutes) if first == "minutes" || first == "estimated_minutes" => duration(*minutes),
        other => features::value_words(other),
    }
}

/// The id of a person, a team or a document reads as its name.
fn named(text: &str, engine: &Engine) -> Option<AttrValue> {
    let directory = engine.directory().get();
    let person = text.parse().ok().and_then(|id| directory.person_if_known(id));
    let team = || text.parse().ok().and_then(|id| directory.team_if_known(id));
    let row = || text.parse().ok().and_then(|id| engine.rows().find(id));
    person.or_else(team).or_else(|| row().map(|entry| features::name(&entry.row).into()))
}

/// What happened, in a word.
pub(super) fn title(what: &Happening) -> AttrValue {
    match what {
        Happening::Changed { .. } => t!("timeline-changed"),
        Happening::Stated { record } => record_title(&record.record_kind),
        Happening::Deleted => t!("timeline-deleted"),
        Happening::Restored => t!("timeline-restored"),
        Happening::BegunAnew => t!("timeline-begun-anew"),
        Happening::Erased => t!("timeline-erased"),
    }
}

/// What a kind of fact is called; its code where this version does not know it.
pub(super) fn record_title(code: &str) -> AttrValue {
    match shared_model::record::RecordKind::from_code(code) {
        Some(_) => locale::text(&format!("record-{}", code.replace('_', "-")), None),
        None => code.to_owned().into(),
    }
}

/// The icon of what happened and its tone.
pub(super) const fn symbol(what: &Happening) -> (&'static str, &'static str) {
    match what {
        Happening::Changed { .. } => ("pencil", "neutral"),
        Happening::Stated { .. } => ("message-square", "neutral"),
        Happening::Deleted => ("trash-2", "red"),
        Happening::Restored => ("rotate-ccw", "neutral"),
        Happening::BegunAnew | Happening::Erased => ("history", "amber"),
    }
}
