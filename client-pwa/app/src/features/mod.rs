//! The features on screen, one folder a noun. Each exports one [`Feature`]; the shell loops over [`ALL`] and never
//! spells a feature's name.

pub mod asset;
pub mod board;
pub mod checklist;
pub mod conflict;
pub mod cost;
pub mod part;
pub mod sync_panel;
pub mod work_order;

pub use self::conflict::value_words;

use shared_model::features::Row;
use shared_model::features::work_order::{Priority, Status, WorkType};
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use yew::AttrValue;

use crate::route::Route;

/// What a feature adds to the app.
pub struct Feature {
    /// Its entries in the rail and the tab bar.
    pub navigation: &'static [Navigation],
}

/// An entry of the rail.
pub struct Navigation {
    pub route: Route,
    /// Key of its label.
    pub label: &'static str,
    /// Key of its label under a tab, where it is one on a phone.
    pub tab: Option<&'static str>,
    pub icon: &'static str,
    /// Shown to whoever holds it.
    pub permission: Permission,
    /// Below the heading for the plant.
    pub plant: bool,
}

/// Every feature with a place of its own, in the order of the rail.
pub const ALL: [&Feature; 5] =
    [&work_order::FEATURE, &board::FEATURE, &sync_panel::FEATURE, &asset::FEATURE, &part::FEATURE];

/// Every entry of the navigation this person has.
pub fn navigation(may: impl Fn(Permission) -> bool) -> Vec<&'static Navigation> {
    ALL.iter().flat_map(|feature| feature.navigation).filter(|entry| may(entry.permission)).collect()
}

/// The page of a document, or of those of its kind.
pub fn route(row: &Row, id: DocumentId) -> Route {
    match row {
        Row::WorkOrder(_) => Route::WorkOrder { id },
        Row::Asset(_) => Route::Asset { id },
        Row::Part(_) => Route::Part { id },
        Row::Location(_) => Route::Assets,
        Row::Storeroom(_) | Row::ChecklistTemplate(_) => Route::More,
    }
}

/// How a code reads that a field holds, where it is one that people know.
pub fn code_words(field: &str, code: &str) -> Option<AttrValue> {
    match field {
        "priority" => Priority::from_code(code).map(work_order::priority_label),
        "type" => WorkType::from_code(code).map(work_order::type_label),
        "to" => Status::from_code(code).map(work_order::status_label),
        _ => None,
    }
}

/// What people call a document: its number, else its name.
pub fn name(row: &Row) -> String {
    match row {
        Row::WorkOrder(row) => row.number.clone(),
        Row::Asset(row) => row.tag.clone(),
        Row::Location(row) => row.name.clone(),
        Row::Part(row) => row.number.clone(),
        Row::Storeroom(row) => row.name.clone(),
        Row::ChecklistTemplate(row) => row.title.clone(),
    }
}
