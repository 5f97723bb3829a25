//! Fields of an asset with two versions, and how their values read.

use shared_model::document::{DocumentKind, FieldValue};
use shared_model::features::asset::{Asset, AssetStatus, Criticality, Level};
use yew::prelude::*;

use super::words::{level_label, status_label};
use crate::features::conflict::{ConflictNote, value_words};
use crate::locale::t;

/// A note for each of them.
pub fn versions(asset: &Asset) -> Html {
    let words = |field: &str, value: &FieldValue| match (field, value) {
        ("status", FieldValue::Str(code)) => AssetStatus::from_code(code).map(status_label),
        ("level", FieldValue::Str(code)) => Level::from_code(code).map(level_label),
        ("criticality", FieldValue::Str(code)) => {
            Criticality::from_code(code).map(|class| t!("criticality", class = class.code().to_uppercase()))
        }
        _ => None,
    };
    asset
        .conflicts
        .iter()
        .map(|conflict| {
            let field = conflict.field.as_str();
            let words: Vec<AttrValue> = conflict
                .values
                .iter()
                .map(|value| words(field, &value.value).unwrap_or_else(|| value_words(&value.value)))
                .collect();
            html! {
                <ConflictNote key={field.to_owned()} document={asset.id} kind={DocumentKind::Asset} conflict={conflict.clone()} field={field_label(field)} {words} />
            }
        })
        .collect()
}

fn field_label(field: &str) -> AttrValue {
    match field.split('/').next().unwrap_or_default() {
        "tag" => t!("asset-tag"),
        "name" => t!("field-name"),
        "type" => t!("field-type"),
        "level" => t!("asset-level"),
        "status" => t!("field-status"),
        "criticality" => t!("asset-criticality"),
        "parent" => t!("asset-parent"),
        "site" | "location" => t!("field-location"),
        "serial" => t!("asset-serial"),
        "manufacturer" => t!("asset-manufacturer"),
        "model" => t!("asset-model"),
        _ => t!("field-other"),
    }
}
