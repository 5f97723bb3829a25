//! Finding the asset a new work order is about.

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::asset::AssetSummary;
use yew::prelude::*;

use crate::locale::t;
use crate::row_store::{Entry, Search, use_rows};
use crate::widgets::{Choice, Finder, PickSheet};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onchoose: Callback<AssetSummary>,
    pub onclose: Callback<()>,
}

#[component]
pub fn AssetPicker(props: &Props) -> Html {
    let assets = use_rows(DocumentKind::Asset);
    let onchoose = {
        let (assets, chosen) = (assets.clone(), props.onchoose.clone());
        Callback::from(move |id: AttrValue| {
            let entry = id.parse().ok().and_then(|id| assets.get(id));
            if let Some(asset) = entry.and_then(|entry| asset(entry)) {
                chosen.emit(asset.clone());
            }
        })
    };
    let find = Callback::from(move |text: String| {
        let search = Search::new(&text);
        let found = assets.iter().filter(|entry| entry.matches(&search));
        Choice::sorted(found.filter_map(|entry| asset(entry).map(choice)).collect(), false)
    });
    let finder = Finder { label: t!("asset-search"), find, name: Callback::from(|id: AttrValue| id) };
    html! { <PickSheet title={t!("choose-asset")} {finder} {onchoose} onclose={props.onclose.clone()} /> }
}

fn asset(entry: &Entry) -> Option<&AssetSummary> {
    match &entry.row {
        Row::Asset(asset) => Some(asset),
        _ => None,
    }
}

fn choice(asset: &AssetSummary) -> Choice {
    Choice {
        value: asset.id.to_string().into(),
        title: asset.tag.clone().into(),
        detail: asset.name.clone().into(),
    }
}
