//! Parts on screen: the catalogue with what lies in each storeroom.

mod list_page;
mod panel;
mod stock;

pub use list_page::ListPage;
pub use stock::{StockPlace, places_of};

use shared_model::permission::Permission;

use super::{Feature, Navigation};
use crate::route::Route;

/// The catalogue and the stock.
pub const FEATURE: Feature = Feature {
    navigation: &[Navigation {
        route: Route::Parts,
        label: "parts",
        tab: Some("parts"),
        icon: "package",
        permission: Permission::PartRead,
        plant: true,
    }],
};
