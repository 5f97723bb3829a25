//! The tree of sites, locations and assets, from their rows.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::features::Row;
use shared_model::features::asset::{AssetSummary, duplicate_tags};
use shared_model::features::location::LocationSummary;
use shared_model::identity::DocumentId;

use crate::row_store::Table;
use crate::sorting::sort_by;

/// One place or machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub id: DocumentId,
    pub name: String,
    pub is_asset: bool,
    /// Assets below it.
    pub assets_below: usize,
    /// Another asset has its tag.
    pub tag_twice: bool,
}

/// The tree: children by parent, in order of name.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    children: BTreeMap<Option<DocumentId>, Vec<Node>>,
    parents: BTreeMap<DocumentId, Option<DocumentId>>,
    /// Groups of assets that have one tag.
    same_tag: Vec<Vec<DocumentId>>,
}

/// The asset of a row.
pub fn asset(row: &Row) -> Option<&AssetSummary> {
    match row {
        Row::Asset(asset) => Some(asset),
        _ => None,
    }
}

fn location(row: &Row) -> Option<&LocationSummary> {
    match row {
        Row::Location(location) => Some(location),
        _ => None,
    }
}

impl Tree {
    pub fn of(locations: &Table, assets: &Table) -> Self {
        let same_tag = duplicate_tags(assets.iter().filter_map(|entry| asset(&entry.row)));
        let mut tree = Self { same_tag, ..Self::default() };
        let mut nodes = Vec::new();
        for row in locations.iter().filter_map(|entry| location(&entry.row)) {
            tree.parents.insert(row.id, row.parent.filter(|parent| locations.get(*parent).is_some()));
            let name = row.name.clone();
            nodes.push(Node { id: row.id, name, is_asset: false, assets_below: 0, tag_twice: false });
        }
        for row in assets.iter().filter_map(|entry| asset(&entry.row)) {
            let above = row.parent.filter(|parent| assets.get(*parent).is_some());
            let place = row.location.or(row.site).filter(|place| locations.get(*place).is_some());
            tree.parents.insert(row.id, above.or(place));
            nodes.push(Node {
                id: row.id,
                name: format!("{} {}", row.tag, row.name),
                is_asset: true,
                assets_below: 0,
                tag_twice: tree.shares_tag(row.id),
            });
        }
        let mut below: BTreeMap<DocumentId, usize> = BTreeMap::new();
        for node in nodes.iter().filter(|node| node.is_asset) {
            for above in tree.path(node.id).into_iter().filter(|id| *id != node.id) {
                *below.entry(above).or_default() += 1;
            }
        }
        for mut node in nodes {
            node.assets_below = below.get(&node.id).copied().unwrap_or(0);
            tree.children.entry(tree.parents[&node.id]).or_default().push(node);
        }
        for children in tree.children.values_mut() {
            sort_by(children, |a, b| (a.is_asset, &a.name).cmp(&(b.is_asset, &b.name)));
        }
        tree
    }

    /// Does another asset have its tag?
    pub fn shares_tag(&self, id: DocumentId) -> bool {
        self.same_tag.iter().flatten().any(|other| *other == id)
    }

    /// The other assets with the tag of this one.
    pub fn same_tag(&self, id: DocumentId) -> Vec<DocumentId> {
        let group = self.same_tag.iter().find(|group| group.contains(&id));
        group.into_iter().flatten().copied().filter(|other| *other != id).collect()
    }

    /// How many assets have a tag that another one has too.
    pub fn tags_twice(&self) -> usize {
        self.same_tag.iter().map(Vec::len).sum()
    }

    /// What lies directly below; `None`: the top.
    pub fn children(&self, of: Option<DocumentId>) -> &[Node] {
        self.children.get(&of).map_or(&[], Vec::as_slice)
    }

    /// From the top down to this one. A circle, which two people can make at once, is cut.
    pub fn path(&self, id: DocumentId) -> Vec<DocumentId> {
        let mut path = Vec::new();
        let mut seen = BTreeSet::new();
        let mut at = Some(id);
        while let Some(here) = at.filter(|here| seen.insert(*here)) {
            path.push(here);
            at = self.parents.get(&here).copied().flatten();
        }
        path.reverse();
        path
    }
}
