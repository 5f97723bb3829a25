//! Whole items as Automerge adds them, in one batch under a fresh key.

use std::collections::HashMap;

use automerge::hydrate;

use super::AttachedChecklist;
use crate::features::checklist::Step;
use crate::features::work_order::{AssetLink, PartUsed};

fn map(entries: impl IntoIterator<Item = (&'static str, hydrate::Value)>) -> hydrate::Value {
    hydrate::Value::from(entries.into_iter().collect::<HashMap<&str, hydrate::Value>>())
}

fn id_value(id: Option<impl std::fmt::Display>) -> hydrate::Value {
    id.map_or(hydrate::Value::Scalar(automerge::ScalarValue::Null), |id| id.to_string().as_str().into())
}

pub(super) fn asset_item(asset: &AssetLink) -> hydrate::Value {
    map([("tag", asset.tag.as_str().into()), ("name", asset.name.as_str().into())])
}

pub(super) fn checklist_item(checklist: &AttachedChecklist) -> hydrate::Value {
    map([
        ("template", id_value(checklist.template)),
        ("version", checklist.version.into()),
        ("title", checklist.title.as_str().into()),
        ("steps", Step::list_to_text(&checklist.steps).as_str().into()),
        ("answers", hydrate::Value::map()),
        ("remarks", hydrate::Value::map()),
    ])
}

pub(super) fn part_item(part: &PartUsed) -> hydrate::Value {
    map([
        ("part", id_value(part.part)),
        ("storeroom", id_value(part.storeroom)),
        ("movement", id_value(part.movement)),
        ("number", part.number.as_str().into()),
        ("name", part.name.as_str().into()),
        ("quantity", part.quantity.thousandths().into()),
        ("unit", part.unit.as_str().into()),
    ])
}
