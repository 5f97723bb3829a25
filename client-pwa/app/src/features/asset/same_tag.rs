//! A tag two assets have: typed apart from each other, both are here, and somebody has to give one of them another.

use shared_model::identity::DocumentId;
use yew::prelude::*;
use yew_router::prelude::*;

use super::tree::asset;
use crate::locale::t;
use crate::route::Route;
use crate::row_store::RowStore;
use crate::widgets::icon_sized;

/// Says so on the page of an asset, and leads to the others.
pub fn same_tag(tag: &str, others: &[DocumentId], rows: &RowStore) -> Html {
    if others.is_empty() {
        return html! {};
    }
    let other = |id: &DocumentId| {
        let entry = rows.find(*id)?;
        let row = asset(&entry.row)?;
        Some(
            html! { <Link<Route> key={id.to_string()} to={Route::Asset { id: *id }} classes="btn">{ format!("{} · {}", row.tag, row.name) }</Link<Route>> },
        )
    };
    html! {
        <div class="banner" data-tone="amber" role="note" style="flex:none">
            { icon_sized("triangle-alert", 20) }
            <div class="stack grow">
                <p><b style="display:block">{ t!("tag-twice") }</b>{ t!("tag-twice-text", tag = tag.to_owned()) }</p>
                <div class="row row--wrap">{ for others.iter().filter_map(other) }</div>
            </div>
        </div>
    }
}
