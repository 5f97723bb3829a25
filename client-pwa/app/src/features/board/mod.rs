//! The live board: all open work by status, as it changes, and what has just happened.

mod activity;
mod activity_feed;
mod card;
mod column;
mod columns;
mod load;
mod move_card;
mod page;
mod picture;

pub use page::BoardPage;

use shared_model::permission::Permission;

use super::{Feature, Navigation};
use crate::route::Route;

/// The live board.
pub const FEATURE: Feature = Feature {
    navigation: &[Navigation {
        route: Route::Board,
        label: "live-board",
        tab: None,
        icon: "square-kanban",
        permission: Permission::WorkOrderAssign,
        plant: false,
    }],
};
