//! One part: where it lies, and how many are left in each place.

use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::identity::DocumentId;
use yew::prelude::*;

use super::stock::{StockPlace, places_of};
use crate::hooks::use_layout;
use crate::locale::{decimal, t};
use crate::row_store::use_rows;
use crate::widgets::{Sheet, icon, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: DocumentId,
    pub onclose: Callback<()>,
}

/// A drawer at a desk, a sheet on a phone.
#[component]
pub fn PartPanel(props: &Props) -> Html {
    let parts = use_rows(DocumentKind::Part);
    let rooms = use_rows(DocumentKind::Storeroom);
    let phone = use_layout().is_phone();
    let Some(Row::Part(part)) = parts.get(props.id).map(|entry| &entry.row) else { return html! {} };
    let places = places_of(&rooms, part.id);
    let facts = [
        (t!("part-category"), &part.category),
        (t!("asset-manufacturer"), &part.manufacturer),
        (t!("part-barcode"), &part.barcode),
    ];
    let body = html! {
        <div class="stack" style="padding:1rem;--gap:1.125rem">
            <dl class="kv">
                <dt>{ t!("part-unit") }</dt><dd>{ &part.unit }</dd>
                { for facts.into_iter().filter_map(|(label, value)| value.as_ref().map(|value| html! { <><dt>{ label }</dt><dd>{ value }</dd></> })) }
            </dl>
            <div><h3 style="margin-block-end:.25rem">{ t!("stock-by-storeroom") }</h3>
                <ul class="list" style="border-block:1px solid var(--line)">{ for places.iter().map(|place| line(place, &part.unit)) }</ul>
                if places.is_empty() { <p class="muted">{ t!("stock-not-kept") }</p> }
            </div>
        </div>
    };
    if phone {
        return html! { <Sheet title={part.name.clone()} subtitle={part.number.clone()} onclose={props.onclose.clone()}>{ body }</Sheet> };
    }
    let close = props.onclose.reform(|_: MouseEvent| ());
    html! {
        <aside class="drawer" aria-label={part.name.clone()}>
            <div class="drawer__head"><div class="grow"><h2 class="t-16 clip">{ &part.name }</h2><span class="id">{ &part.number }</span></div>
                <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("close")} onclick={close}>{ icon("x") }</button></div>
            <div class="scroll-y">{ body }</div>
        </aside>
    }
}

fn line(place: &StockPlace, unit: &str) -> Html {
    let limits = [
        place.min.map(|min| t!("min", value = decimal(min).to_string())),
        place.max.map(|max| t!("max", value = decimal(max).to_string())),
    ];
    let limits = limits.into_iter().flatten().map(|text| text.to_string()).collect::<Vec<_>>().join(" · ");
    html! {
        <li key={place.room.to_string()} class="row row--between" style="padding-block:.625rem">
            <span class="grow"><b class="w-med t-14 clip" style="display:block">{ &place.name }</b>
                <span class="id">{ place.bin.clone().map(|bin| t!("bin-named", bin = bin).to_string()).unwrap_or_default() }if !limits.is_empty() { { " " }{ limits } }</span></span>
            if place.low { <span class="tag" data-tone="amber">{ icon_sized("package-minus", 12) }{ t!("stock-reorder") }</span> }
            <b class="num t-14 nowrap">{ decimal(place.balance) }{ " " }{ unit }</b>
        </li>
    }
}
