//! Whole items as Automerge adds them, in one batch under a fresh key.

use automerge::hydrate;

use super::AttachedChecklist;
use crate::document::item::{id_value, map};
use crate::features::checklist::Step;
use crate::features::work_order::{AssetLink, PartUsed};

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
