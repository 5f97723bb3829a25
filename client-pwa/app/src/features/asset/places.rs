//! Where an asset can stand, and of what it can be a part.

use std::rc::Rc;

use shared_model::features::Row;
use shared_model::identity::DocumentId;
use yew::prelude::*;

use super::tree::{Tree, asset};
use crate::features;
use crate::locale::t;
use crate::row_store::{Entry, Search, Table};
use crate::widgets::{Choice, Finder};

/// The rows of places and machines.
#[derive(Clone)]
pub struct Places {
    pub assets: Rc<Table>,
    pub locations: Rc<Table>,
}

impl Places {
    /// The site of a place: the root above it.
    pub fn site(&self, location: DocumentId) -> DocumentId {
        let path = Tree::of(&self.locations, &Table::default()).path(location);
        path.first().copied().unwrap_or(location)
    }

    /// Where a machine stands.
    pub fn of_asset(&self, id: DocumentId) -> Option<DocumentId> {
        let row = self.assets.get(id).and_then(|entry| asset(&entry.row))?;
        row.location.or(row.site)
    }

    fn named(&self, value: &str) -> AttrValue {
        let id: Option<DocumentId> = value.parse().ok();
        let entry = id.and_then(|id| self.locations.get(id).or_else(|| self.assets.get(id)));
        entry.map_or_else(|| t!("not-here"), |entry| title(&entry.row))
    }
}

fn title(row: &Row) -> AttrValue {
    match row {
        Row::Asset(row) => format!("{} · {}", row.tag, row.name).into(),
        other => features::name(other).into(),
    }
}

fn finder(label: AttrValue, places: &Places, find: impl Fn(&Search) -> Vec<Choice> + 'static) -> Finder {
    let places = places.clone();
    Finder {
        label,
        find: Callback::from(move |text: String| find(&Search::new(&text))),
        name: Callback::from(move |value: AttrValue| places.named(&value)),
    }
}

/// Places, each with the way to it.
pub fn place_finder(places: &Places) -> Finder {
    let (table, tree) = (places.locations.clone(), Tree::of(&places.locations, &Table::default()));
    finder(t!("place-search"), places, move |search| {
        let choice = |entry: &Rc<Entry>| {
            let names = tree.path(entry.id).into_iter().filter_map(|id| table.get(id));
            let path: Vec<String> = names.map(|entry| features::name(&entry.row)).collect();
            let (last, above) = path.split_last()?;
            Some(Choice {
                value: entry.id.to_string().into(),
                title: last.clone().into(),
                detail: above.join(" › ").into(),
            })
        };
        Choice::sorted(table.iter().filter(|entry| entry.matches(search)).filter_map(choice).collect(), true)
    })
}

/// Machines; not the one itself nor anything below it, which would close a circle.
pub fn asset_finder(places: &Places, me: Option<DocumentId>) -> Finder {
    let (table, tree) = (places.assets.clone(), Tree::of(&places.locations, &places.assets));
    finder(t!("asset-search"), places, move |search| {
        let below = |id: DocumentId| me.is_some_and(|me| tree.path(id).contains(&me));
        let found = table.iter().filter(|entry| entry.matches(search) && !below(entry.id));
        let choice = |entry: &Rc<Entry>| {
            let row = asset(&entry.row)?;
            let (title, detail) = (row.tag.clone().into(), row.name.clone().into());
            Some(Choice { value: entry.id.to_string().into(), title, detail })
        };
        Choice::sorted(found.filter_map(choice).collect(), false)
    })
}
