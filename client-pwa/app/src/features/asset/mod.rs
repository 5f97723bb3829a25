//! Assets on screen: the tree of places and machines, and one asset with its work and readings.

mod detail;
mod form_page;
mod page;
mod places;
mod readings;
mod same_tag;
mod tree;
mod tree_view;
mod versions;
mod words;
mod work;

pub use form_page::AssetForm;
pub use page::AssetPage;

use shared_model::permission::Permission;

use super::{Feature, Navigation};
use crate::route::Route;

/// Places and machines.
pub const FEATURE: Feature = Feature {
    navigation: &[Navigation {
        route: Route::Assets,
        label: "assets",
        tab: Some("assets"),
        icon: "boxes",
        permission: Permission::AssetRead,
        plant: true,
    }],
};
