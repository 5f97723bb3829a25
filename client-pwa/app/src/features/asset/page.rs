//! The tree with the asset beside it at a desk; one after the other on a phone.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::View;
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use yew::prelude::*;
use yew_router::prelude::*;

use super::detail::{Details, overview};
use super::same_tag::same_tag;
use super::tree::{Tree, asset};
use super::tree_view::TreeView;
use super::versions::versions;
use crate::engine_client::{Shown, use_engine, use_view};
use crate::features;
use crate::features::cost::CostCard;
use crate::hooks::{Layout, Loadable, use_layout};
use crate::locale::t;
use crate::route::Route;
use crate::row_store::use_rows;
use crate::shell::{Coming, Page};
use crate::widgets::{Empty, Skeleton, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    #[prop_or_default]
    pub id: Option<DocumentId>,
}

#[component]
pub fn AssetPage(props: &Props) -> Html {
    let locations = use_rows(DocumentKind::Location);
    let assets = use_rows(DocumentKind::Asset);
    let layout = use_layout();
    let tree = {
        let (locations, assets) = (locations.clone(), assets.clone());
        use_memo((locations.revision, assets.revision), move |_| Tree::of(&locations, &assets))
    };
    let current = props.id.and_then(|id| assets.get(id)).and_then(|entry| asset(&entry.row));
    let title = current.map_or_else(|| t!("assets"), |asset| asset.tag.clone().into());
    let name_of = |id: &DocumentId| {
        locations.get(*id).or_else(|| assets.get(*id)).map(|entry| features::name(&entry.row))
    };
    let path: Vec<String> =
        props.id.map(|id| tree.path(id)).unwrap_or_default().iter().filter_map(name_of).collect();
    let same_tag = props.id.map(|id| tree.same_tag(id)).unwrap_or_default();
    let may = use_engine().may(Permission::AssetEdit);
    let actions = if may { actions(props.id, layout.is_phone()) } else { Html::default() };
    let tree_view = html! { <TreeView tree={tree.clone()} assets={assets.clone()} current={props.id} /> };
    match (layout, props.id) {
        (Layout::Phone, None) => html! { <Page {title} {actions} class="assetmain">{ tree_view }</Page> },
        (Layout::Phone, Some(id)) => html! {
            <Page {title} subtitle={AttrValue::from(above(&path))} back={Route::Assets} {actions} class="stack detail"><Body key={id.to_string()} {id} {same_tag} /></Page>
        },
        (Layout::Desk, id) => html! {
            <Page {title} heading={crumbs(&path)} {actions} columns="17rem minmax(0,1fr) 18.25rem" class="assetpage">
                <aside class="assetpage__tree" aria-label={t!("asset-tree")}>{ tree_view }</aside>
                if let Some(id) = id { <Body key={id.to_string()} {id} {same_tag} /> }
                else { <div style="grid-column:span 2"><Empty icon="boxes" title={t!("asset-choose")} text={t!("asset-choose-text")} /></div> }
            </Page>
        },
    }
}

fn above(path: &[String]) -> String {
    path.split_last().map_or_else(String::new, |(_, above)| above.join(" › "))
}

fn crumbs(path: &[String]) -> Html {
    let Some((last, above)) = path.split_last() else { return html! { <h1>{ t!("assets") }</h1> } };
    html! {
        <nav class="crumbs" aria-label={t!("where-this-is")}>
            { for above.iter().map(|name| html! { <><span>{ name }</span>{ icon_sized("chevron-right", 14) }</> }) }
            <span aria-current="page">{ last }</span>
        </nav>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BodyProps {
    id: DocumentId,
    /// Other assets with its tag.
    same_tag: Vec<DocumentId>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let engine = use_engine();
    let shown = use_view(props.id);
    let layout = use_layout();
    let (asset, costs) = match shown {
        Loadable::Ready(Shown { view: View::Asset(asset), costs, .. }) => (Rc::new(*asset), costs),
        Loadable::Loading => {
            return html! { <div style="padding:1rem"><Skeleton label={t!("loading")} /></div> };
        }
        Loadable::Coming => return html! { <Coming /> },
        Loadable::Missing | Loadable::Ready(_) => {
            return html! { <Empty icon="component" title={t!("asset-missing")} text={t!("asset-missing-text")} /> };
        }
    };
    let notes = html! {
        <>
            { same_tag(&asset.tag, &props.same_tag, engine.rows()) }
            { versions(&asset) }
        </>
    };
    match layout {
        Layout::Phone => {
            html! { <>{ notes }{ overview(&asset) }<Details {asset} /><CostCard sums={costs} /></> }
        }
        Layout::Desk => html! {
            <>
                <div class="scroll-y stack" style="padding:1rem 1.25rem;--gap:.875rem">{ notes }{ overview(&asset) }</div>
                <aside class="scroll-y assetpage__details" aria-label={t!("details")}><Details {asset} /><CostCard sums={costs} /></aside>
            </>
        },
    }
}

/// Change the asset that is shown; beside it, write down another one.
fn actions(id: Option<DocumentId>, phone: bool) -> Html {
    html! {
        <>
            if let Some(id) = id { <Link<Route> to={Route::EditAsset { id }} classes="btn">{ icon_sized("pencil", 18) }<span>{ t!("edit") }</span></Link<Route>> }
            if id.is_none() || !phone { <Link<Route> to={Route::NewAsset} classes="btn btn--primary new-link">{ icon_sized("plus", 20) }<span>{ t!("new-asset") }</span></Link<Route>> }
        </>
    }
}
