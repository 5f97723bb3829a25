//! The tree to click through, and the flat list of what a search finds.

use std::collections::BTreeSet;
use std::rc::Rc;

use shared_model::identity::DocumentId;
use yew::prelude::*;
use yew_router::prelude::*;

use super::tree::{Node, Tree, asset};
use crate::locale::t;
use crate::route::Route;
use crate::row_store::{Search as Query, Table};
use crate::sorting::sort_by;
use crate::widgets::{CardList, FilterChip, Search, icon, icon_sized};

#[derive(Clone, Properties)]
pub struct Props {
    pub tree: Rc<Tree>,
    pub assets: Rc<Table>,
    /// The asset that is shown.
    #[prop_or_default]
    pub current: Option<DocumentId>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.tree, &other.tree)
            && Rc::ptr_eq(&self.assets, &other.assets)
            && self.current == other.current
    }
}

#[component]
pub fn TreeView(props: &Props) -> Html {
    let search = use_state(String::new);
    let open = use_state(BTreeSet::<DocumentId>::new);
    {
        let open = open.clone();
        let path = props.current.map(|id| props.tree.path(id)).unwrap_or_default();
        use_effect_with(path, move |path| {
            let mut wider = (*open).clone();
            wider.extend(path.iter().copied());
            open.set(wider);
        });
    }
    let toggle = {
        let open = open.clone();
        Callback::from(move |id: DocumentId| {
            let mut next = (*open).clone();
            if !next.remove(&id) {
                next.insert(id);
            }
            open.set(next);
        })
    };
    let twice_only = use_state_eq(|| false);
    let flip = {
        let twice_only = twice_only.clone();
        Callback::from(move |()| twice_only.set(!*twice_only))
    };
    let query = Query::new(&search);
    let twice = props.tree.tags_twice();
    let oninput = {
        let search = search.clone();
        Callback::from(move |text| search.set(text))
    };
    // A single site stands open: a tree of one line helps nobody.
    let top = props.tree.children(None);
    let only = (top.len() == 1).then(|| top[0].id);
    let is_open = |id: DocumentId| open.contains(&id) != (only == Some(id));
    let body = if query.is_empty() && !(*twice_only && twice > 0) {
        let mut rows = Vec::new();
        rows_below(&props.tree, None, 0, &is_open, &mut rows);
        rows.into_iter()
            .map(|(node, depth)| row(&node, depth, is_open(node.id), props, &toggle))
            .collect::<Html>()
    } else {
        found(props, &query, *twice_only && twice > 0)
    };
    html! {
        <div class="treeview">
            <div class="stack">
                <Search label={t!("asset-search")} value={search.to_string()} {oninput} />
                if twice > 0 { <div><FilterChip label={t!("tag-twice")} pressed={*twice_only} onclick={flip} icon="triangle-alert" count={twice} tone="amber" /></div> }
            </div>
            <nav class="tree scroll-y" aria-label={t!("asset-tree")}>{ body }</nav>
        </div>
    }
}

fn rows_below(
    tree: &Tree,
    of: Option<DocumentId>,
    depth: usize,
    is_open: &impl Fn(DocumentId) -> bool,
    rows: &mut Vec<(Node, usize)>,
) {
    for node in tree.children(of) {
        rows.push((node.clone(), depth));
        if is_open(node.id) {
            rows_below(tree, Some(node.id), depth + 1, is_open, rows);
        }
    }
}

fn row(node: &Node, depth: usize, open: bool, props: &Props, toggle: &Callback<DocumentId>) -> Html {
    let has_children = !props.tree.children(Some(node.id)).is_empty();
    let id = node.id;
    let style = format!("--d:{depth}");
    let onclick = toggle.reform(move |_: MouseEvent| id);
    let chevron = icon(if open { "chevron-down" } else { "chevron-right" });
    if node.is_asset {
        html! {
            <div key={id.to_string()} class="tree__row" {style}>
                if has_children { <button type="button" class="tree__fold" aria-expanded={open.to_string()} aria-label={t!("fold", name = node.name.clone())} {onclick}>{ chevron }</button> }
                <AssetLink {id} name={node.name.clone()} current={props.current == Some(id)} twice={node.tag_twice} />
            </div>
        }
    } else {
        html! {
            <button key={id.to_string()} type="button" class="tree__place" {style} aria-expanded={open.to_string()} {onclick}>
                { chevron }
                if depth == 0 { { icon("factory") } }
                <span class="clip">{ &node.name }</span>
                if node.assets_below > 0 { <span class="push t-12 muted">{ node.assets_below }</span> }
            </button>
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LinkProps {
    id: DocumentId,
    name: AttrValue,
    current: bool,
    /// Another asset has its tag.
    twice: bool,
}

#[component]
fn AssetLink(props: &LinkProps) -> Html {
    let navigator = use_navigator();
    let route = Route::Asset { id: props.id };
    let onclick = Callback::from(move |event: MouseEvent| {
        if let Some(navigator) = &navigator {
            event.prevent_default();
            navigator.push(&route);
        }
    });
    html! { <a href={route.to_path()} {onclick} aria-current={props.current.then_some("true")}><span class="clip">{ props.name.clone() }</span>if props.twice { <span class="push tone" data-tone="amber" title={t!("tag-twice")}>{ icon_sized("triangle-alert", 14) }<span class="sr">{ t!("tag-twice") }</span></span> }</a> }
}

fn found(props: &Props, query: &Query, twice_only: bool) -> Html {
    let mut found: Vec<_> = props
        .assets
        .iter()
        .filter(|entry| entry.matches(query) && (!twice_only || props.tree.shares_tag(entry.id)))
        .filter_map(|entry| asset(&entry.row).cloned())
        .collect();
    sort_by(&mut found, |a, b| a.tag.cmp(&b.tag));
    if found.is_empty() {
        return html! { <p class="muted" style="padding:.5rem">{ t!("nothing-found") }</p> };
    }
    let count = found.len();
    let (current, tree) = (props.current, props.tree.clone());
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let asset = &found[index];
        let twice = tree.shares_tag(asset.id);
        html! { <AssetLink key={asset.id.to_string()} id={asset.id} name={format!("{} {}", asset.tag, asset.name)} current={current == Some(asset.id)} {twice} /> }
    });
    html! { <CardList {count} {card} /> }
}
