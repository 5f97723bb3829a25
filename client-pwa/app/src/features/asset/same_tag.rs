//! A tag two assets have: typed apart from each other, both are here, and somebody has to give one of them another.

use shared_model::document::DocumentKind;
use shared_model::identity::DocumentId;
use yew::prelude::*;
use yew_router::prelude::*;

use super::tree::asset;
use crate::locale::t;
use crate::route::Route;
use crate::row_store::use_rows;
use crate::widgets::icon_sized;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub tag: AttrValue,
    pub others: Vec<DocumentId>,
}

#[component]
pub fn SameTag(props: &Props) -> Html {
    let assets = use_rows(DocumentKind::Asset);
    if props.others.is_empty() {
        return html! {};
    }
    let other = |id: &DocumentId| {
        let row = assets.get(*id).and_then(|entry| asset(&entry.row))?;
        Some(
            html! { <Link<Route> key={id.to_string()} to={Route::Asset { id: *id }} classes="btn">{ t!("tag-twice-other", tag = row.tag.clone(), name = row.name.clone()) }</Link<Route>> },
        )
    };
    html! {
        <div class="banner" data-tone="amber" role="note" style="flex:none">
            { icon_sized("triangle-alert", 20) }
            <div class="stack grow">
                <p><b style="display:block">{ t!("tag-twice") }</b>{ t!("tag-twice-text", tag = props.tag.to_string()) }</p>
                <div class="row row--wrap">{ for props.others.iter().filter_map(other) }</div>
            </div>
        </div>
    }
}
