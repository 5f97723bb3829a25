//! One asset: how it does, its meters, its work, and the facts about it.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::asset::Asset;
use shared_model::identity::DocumentId;
use yew::prelude::*;

use super::readings::meters;
use super::words::{level_label, tags};
use super::work::AssetWork;
use crate::locale::{day, t};
use crate::row_store::{Table, use_rows};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub asset: Rc<Asset>,
}

/// What it is, how it does, and the work on it.
pub fn overview(asset: &Rc<Asset>) -> Html {
    let what = [&asset.asset_type, &asset.manufacturer, &asset.model]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>();
    html! {
        <>
            <section class="stack" style="--gap:.5rem;flex:none" aria-label={t!("summary")}>
                <h1 style="font-size:1.5rem">{ &asset.name }</h1>
                <p class="soft t-14">{ &asset.tag }if !what.is_empty() { { " · " }{ what.join(", ") } }</p>
                { tags(asset.status, asset.criticality) }
            </section>
            { meters(asset) }
            <AssetWork id={asset.id} />
        </>
    }
}

#[component]
pub fn Details(props: &Props) -> Html {
    let locations = use_rows(DocumentKind::Location);
    let asset = &props.asset;
    let place = |id: Option<DocumentId>| id.and_then(|id| location_name(&locations, id));
    let facts = [
        (t!("asset-level"), Some(level_label(asset.level).to_string())),
        (t!("field-location"), place(asset.location.or(asset.site))),
        (t!("asset-serial"), asset.serial.clone()),
        (t!("asset-manufacturer"), asset.manufacturer.clone()),
        (t!("asset-model"), asset.model.clone()),
        (t!("asset-installed"), asset.installed.map(|at| day(at).to_string())),
        (t!("asset-warranty"), asset.warranty_until.map(|at| day(at).to_string())),
        (t!("asset-code"), asset.code.clone()),
    ];
    let custom = asset.custom.iter().map(|(key, value)| (AttrValue::from(key.clone()), Some(value.clone())));
    let lines = facts.into_iter().chain(custom).filter_map(|(label, value)| Some((label, value?)));
    html! {
        <section class="stack" style="--gap:.75rem;flex:none">
            <h2>{ t!("details") }</h2>
            <dl class="kv">{ for lines.map(|(label, value)| html! { <><dt>{ label }</dt><dd>{ value }</dd></> }) }</dl>
            if !asset.description.is_empty() { <p class="prose soft">{ &asset.description }</p> }
        </section>
    }
}

fn location_name(locations: &Table, id: DocumentId) -> Option<String> {
    match &locations.get(id)?.row {
        Row::Location(location) => Some(location.name.clone()),
        _ => None,
    }
}
