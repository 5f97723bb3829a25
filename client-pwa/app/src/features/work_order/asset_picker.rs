//! Finding the asset a new work order is about.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::features::asset::AssetSummary;
use yew::prelude::*;

use crate::locale::t;
use crate::row_store::{Search as Query, use_rows};
use crate::widgets::{CardList, Search, Sheet, icon_with};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onchoose: Callback<AssetSummary>,
    pub onclose: Callback<()>,
}

#[component]
pub fn AssetPicker(props: &Props) -> Html {
    let assets = use_rows(DocumentKind::Asset);
    let search = use_state(String::new);
    let query = Query::new(&search);
    let mut found: Vec<_> = assets
        .iter()
        .filter(|entry| entry.matches(&query))
        .filter_map(|entry| match &entry.row {
            Row::Asset(asset) => Some(asset.clone()),
            _ => None,
        })
        .collect();
    found.sort_by(|a, b| a.tag.cmp(&b.tag));
    let count = found.len();
    let choose = props.onchoose.clone();
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let asset = found[index].clone();
        let (tag, name, key) = (asset.tag.clone(), asset.name.clone(), asset.id.to_string());
        let onclick = choose.reform(move |_: MouseEvent| asset.clone());
        html! {
            <button {key} type="button" class="list__row pick-row" {onclick}>
                <span class="grow"><span class="t-16 w-med clip" style="display:block">{ tag }</span><span class="t-14 muted clip" style="display:block">{ name }</span></span>
                { icon_with("chevron-right", 20, "muted") }
            </button>
        }
    });
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    html! {
        <Sheet title={t!("choose-asset")} onclose={props.onclose.clone()}>
            <div class="sheet__find"><Search label={t!("asset-search")} value={search.to_string()} {oninput} /></div>
            <div class="list">
                <CardList {count} {card} />
                if count == 0 { <p class="list__row muted">{ t!("nothing-found") }</p> }
            </div>
        </Sheet>
    }
}
