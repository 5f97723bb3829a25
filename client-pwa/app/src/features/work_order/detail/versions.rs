//! Fields of a work order with two versions: where each is shown, and how its values read.

use shared_model::document::{DocumentKind, FieldConflict, FieldValue};
use shared_model::features::work_order::{Priority, WorkOrder, WorkType};
use yew::prelude::*;

use crate::features::conflict::{ConflictNote, value_words};
use crate::features::work_order::{priority_label, type_label};
use crate::locale::{duration, t};

/// The note under a field, when it has two versions.
pub fn versions_of(order: &WorkOrder, field: &str) -> Html {
    order
        .conflicts
        .iter()
        .filter(|conflict| conflict.field == field)
        .map(|conflict| note(order, conflict))
        .collect()
}

/// Notes for fields that have no place of their own on the page.
pub fn other_versions(order: &WorkOrder) -> Html {
    const PLACED: [&str; 6] = ["title", "type", "priority", "due", "planned_start", "estimated_minutes"];
    let elsewhere = |field: &str| PLACED.contains(&field) || field.starts_with("checklists/");
    order
        .conflicts
        .iter()
        .filter(|conflict| !elsewhere(&conflict.field))
        .map(|conflict| note(order, conflict))
        .collect()
}

fn note(order: &WorkOrder, conflict: &FieldConflict) -> Html {
    let field = field_label(&conflict.field);
    html! {
        <ConflictNote key={conflict.field.clone()} document={order.id} kind={DocumentKind::WorkOrder}
            conflict={conflict.clone()} {field} words={conflict.values.iter().map(|value| words(&conflict.field, &value.value)).collect::<Vec<_>>()} />
    }
}

fn field_label(field: &str) -> AttrValue {
    match field.split('/').next().unwrap_or_default() {
        "title" => t!("field-title"),
        "type" => t!("field-type"),
        "priority" => t!("field-priority"),
        "due" => t!("field-due"),
        "planned_start" => t!("field-planned-start"),
        "estimated_minutes" => t!("field-estimate"),
        "site" | "location" => t!("field-location"),
        "people" | "teams" => t!("field-assignees"),
        "assets" => t!("assets"),
        "parts" => t!("parts-used"),
        "failure" => t!("field-failure"),
        "downtime_start" | "downtime_end" => t!("field-downtime"),
        _ => t!("field-other"),
    }
}

/// How a value of a field reads.
fn words(field: &str, value: &FieldValue) -> AttrValue {
    match (field, value) {
        ("priority", value) => code(value, |code| Priority::from_code(code).map(priority_label)),
        ("type", value) => code(value, |code| WorkType::from_code(code).map(type_label)),
        ("estimated_minutes", FieldValue::Int(minutes)) => duration(*minutes),
        (_, value) => value_words(value),
    }
}

fn code(value: &FieldValue, label: impl Fn(&str) -> Option<AttrValue>) -> AttrValue {
    match value {
        FieldValue::Str(text) => label(text).unwrap_or_else(|| text.clone().into()),
        other => value_words(other),
    }
}
