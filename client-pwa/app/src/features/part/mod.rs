//! Parts on screen: the catalogue with what lies in each storeroom, and one part with what moved.

mod detail;
mod form_page;
mod list_page;
mod move_stock;
mod movements;
mod stock;
mod words;

pub use form_page::PartForm;
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
