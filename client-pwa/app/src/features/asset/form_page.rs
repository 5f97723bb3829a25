//! Writing an asset down, and changing one, with or without a network.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::asset::{
    Asset, AssetStatus, AssetSummary, Command, Criticality, FieldEdit, Level, NewAsset, is_same_tag,
};
use shared_model::features::{Command as AnyCommand, View};
use shared_model::identity::DocumentId;
use shared_model::input::{MAX_CODE_BYTES, MAX_LABEL_BYTES, MAX_NAME_BYTES, MAX_TEXT_CHARS};
use yew::prelude::*;

use super::places::{Places, asset_finder, place_finder};
use super::tree::asset;
use super::words::{level_label, status_label};
use crate::engine_client::{use_attempt, use_engine, use_views};
use crate::fresh_id;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::row_store::{Table, use_rows};
use crate::shell::form_page;
use crate::widgets::{FormField, Input, Values};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The asset to change; none: a new one.
    #[prop_or_default]
    pub id: Option<DocumentId>,
}

/// An asset, new or as it is.
#[component]
pub fn AssetForm(props: &Props) -> Html {
    let (attempt, engine) = (use_attempt(), use_engine());
    let layout = use_layout();
    let goes = use_replace();
    let assets = use_rows(DocumentKind::Asset);
    let locations = use_rows(DocumentKind::Location);
    let places = Places { assets, locations };
    let views = use_views(props.id.as_slice());
    let asset: Option<Rc<Asset>> = match views.first() {
        Some(View::Asset(asset)) => Some(Rc::new((**asset).clone())),
        _ if props.id.is_some() => return html! {},
        _ => None,
    };
    let back = props.id.map_or(Route::Assets, |id| Route::Asset { id });
    let title =
        asset.as_ref().map_or_else(|| t!("new-asset"), |asset| t!("edit-named", name = asset.tag.clone()));
    let mut fields = fields(asset.as_deref(), &places);
    fields.retain(|field| engine.may_fill_in(DocumentKind::Asset, field.name, asset.is_none()));
    let onsubmit = Callback::from(move |values: Values| {
        let id = asset.as_ref().map_or_else(fresh_id::document, |asset| asset.id);
        let commands = match &asset {
            Some(asset) => changes(asset, &values, &places),
            None => vec![create(id, &values, &places)],
        };
        let commands = commands.into_iter().map(AnyCommand::Asset).collect();
        attempt.run(commands, goes.reform(move |()| Route::Asset { id }));
    });
    form_page(layout, title, back, fields, onsubmit)
}

fn fields(asset: Option<&Asset>, places: &Places) -> Vec<FormField> {
    let text = |name, label, value: Option<&String>| {
        FormField::text(name, label, value.cloned().unwrap_or_default())
    };
    let short = |field: FormField| {
        field.checked(|text| if text.len() > MAX_LABEL_BYTES { t!("too-long") } else { AttrValue::default() })
    };
    let id = asset.map(|asset| asset.id);
    let (tag, name) = asset.map_or_else(Default::default, |asset| (asset.tag.clone(), asset.name.clone()));
    let place = |id: Option<DocumentId>| id.map(|id| id.to_string()).unwrap_or_default();
    let taken = places.assets.clone();
    vec![
        FormField::text("tag", t!("asset-tag"), tag)
            .checked(|text| needed(text, MAX_CODE_BYTES, &t!("asset-tag-needed")))
            .warned(move |text| tag_taken(&taken, id, text)),
        FormField::text("name", t!("field-name"), name)
            .checked(|text| needed(text, MAX_NAME_BYTES, &t!("asset-name-needed"))),
        text("type", t!("field-type"), asset.and_then(|asset| asset.asset_type.as_ref()))
            .checked(|text| if text.len() > MAX_CODE_BYTES { t!("too-long") } else { AttrValue::default() }),
        FormField::text(
            "level",
            t!("asset-level"),
            asset.map_or(Level::EquipmentUnit, |asset| asset.level).code(),
        )
        .taking(Input::One(Level::ALL.iter().map(|each| (each.code().into(), level_label(*each))).collect())),
        FormField::text(
            "status",
            t!("field-status"),
            asset.map_or(AssetStatus::Operating, |asset| asset.status).code(),
        )
        .taking(Input::One(
            AssetStatus::ALL.iter().map(|each| (each.code().into(), status_label(*each))).collect(),
        )),
        FormField::text(
            "criticality",
            t!("asset-criticality"),
            asset.and_then(|asset| asset.criticality).map_or("", Criticality::code),
        )
        .taking(Input::One(criticalities())),
        FormField::text(
            "location",
            t!("field-location"),
            place(asset.and_then(|asset| asset.location.or(asset.site))),
        )
        .taking(Input::Found(place_finder(places))),
        FormField::text("parent", t!("asset-parent"), place(asset.and_then(|asset| asset.parent)))
            .taking(Input::Found(asset_finder(places, id))),
        short(text(
            "manufacturer",
            t!("asset-manufacturer"),
            asset.and_then(|asset| asset.manufacturer.as_ref()),
        )),
        short(text("model", t!("asset-model"), asset.and_then(|asset| asset.model.as_ref()))),
        text("serial", t!("asset-serial"), asset.and_then(|asset| asset.serial.as_ref()))
            .checked(|text| if text.len() > MAX_CODE_BYTES { t!("too-long") } else { AttrValue::default() }),
        FormField::text(
            "description",
            t!("description"),
            asset.map(|asset| asset.description.clone()).unwrap_or_default(),
        )
        .taking(Input::Lines)
        .of_at_most(MAX_TEXT_CHARS),
    ]
}

fn criticalities() -> Vec<(AttrValue, AttrValue)> {
    let none = (AttrValue::default(), t!("criticality-none"));
    let classes = Criticality::ALL
        .iter()
        .map(|each| (each.code().into(), t!("criticality", class = each.code().to_uppercase())));
    std::iter::once(none).chain(classes).collect()
}

fn needed(text: &str, most: usize, missing: &AttrValue) -> AttrValue {
    match text.trim().len() {
        0 => missing.clone(),
        length if length > most => t!("too-long"),
        _ => AttrValue::default(),
    }
}

/// Another asset on this device has the tag. It is taken all the same: two plates may really say it.
fn tag_taken(assets: &Table, me: Option<DocumentId>, tag: &str) -> AttrValue {
    let other =
        |row: &&AssetSummary| Some(row.id) != me && !tag.trim().is_empty() && is_same_tag(&row.tag, tag);
    let other = assets.iter().filter_map(|entry| asset(&entry.row)).find(other);
    other.map_or_else(AttrValue::default, |row| t!("asset-tag-taken", name = row.name.clone()))
}

/// The fields that can be left empty, as edits; `wanted` says which of them.
fn edits(values: &Values, wanted: impl Fn(&str) -> bool) -> Vec<FieldEdit> {
    let edit = |name: &'static str| -> Option<FieldEdit> {
        let text = || values.text(name);
        Some(match name {
            "tag" => FieldEdit::Tag(values.get(name).to_owned()),
            "name" => FieldEdit::Name(values.get(name).to_owned()),
            "type" => FieldEdit::Type(text()),
            "level" => FieldEdit::Level(Level::from_code(values.get(name))?),
            "status" => FieldEdit::Status(AssetStatus::from_code(values.get(name))?),
            "criticality" => FieldEdit::Criticality(Criticality::from_code(values.get(name))),
            "manufacturer" => FieldEdit::Manufacturer(text()),
            "model" => FieldEdit::Model(text()),
            "serial" => FieldEdit::Serial(text()),
            _ => FieldEdit::Description(values.edit(name)),
        })
    };
    const NAMES: [&str; 10] = [
        "tag",
        "name",
        "type",
        "level",
        "status",
        "criticality",
        "manufacturer",
        "model",
        "serial",
        "description",
    ];
    NAMES.into_iter().filter(|name| wanted(name)).filter_map(edit).collect()
}

/// Parent, site and location: a part of something stands where that stands, unless somebody says otherwise.
fn whereabouts(
    values: &Values,
    places: &Places,
) -> (Option<DocumentId>, Option<DocumentId>, Option<DocumentId>) {
    let parent = values.get("parent").parse().ok();
    let location =
        values.get("location").parse().ok().or_else(|| parent.and_then(|parent| places.of_asset(parent)));
    let site = location.map(|location| places.site(location));
    (parent, site, location)
}

fn create(id: DocumentId, values: &Values, places: &Places) -> Command {
    let (parent, site, location) = whereabouts(values, places);
    let further = |name: &str| !matches!(name, "tag" | "name") && !values.get(name).is_empty();
    Command::Create(Box::new(NewAsset {
        id,
        tag: values.get("tag").to_owned(),
        name: values.get("name").to_owned(),
        parent,
        site,
        location,
        fields: edits(values, further),
    }))
}

fn changes(asset: &Asset, values: &Values, places: &Places) -> Vec<Command> {
    let mut commands = Vec::new();
    let edits = edits(values, |name| values.has_changed(name));
    if !edits.is_empty() {
        commands.push(Command::Edit { id: asset.id, edits });
    }
    if values.has_changed("parent") || values.has_changed("location") {
        let (parent, site, location) = whereabouts(values, places);
        commands.push(Command::Move { id: asset.id, parent, site, location });
    }
    commands
}
