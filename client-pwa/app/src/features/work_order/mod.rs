//! Work orders on screen: my work, the list, the order itself, a new one.

mod asset_picker;
mod assign_menu;
mod card;
mod commands;
mod detail;
mod due;
mod list_filter;
mod list_page;
mod list_table;
mod my_work;
mod my_work_page;
mod new_page;
mod now_bar;
mod rows;
mod steps;
mod words;

pub use assign_menu::{Candidate, assign_items, candidates};
pub use commands::{Assignee, assign, change_status};
pub use detail::DetailPage;
pub use due::{DueState, due_chip, due_state};
pub use list_page::ListPage;
pub use my_work_page::MyWorkPage;
pub use new_page::{NewPage, NewWorkOrderLink};
pub use rows::{order, orders, use_orders};
pub use steps::{ReasonDialog, needs_reason, step_label};
pub use words::{
    priority_chip, priority_label, status_attribute, status_chip, status_icon, status_label, type_label,
};

use shared_model::permission::Permission;

use super::{Feature, Navigation};
use crate::route::Route;

/// My work and the list of all work.
pub const FEATURE: Feature = Feature {
    navigation: &[
        Navigation {
            route: Route::MyWork,
            label: "my-work",
            tab: Some("tab-work"),
            icon: "clipboard-list",
            permission: Permission::WorkOrderRead,
            plant: false,
        },
        Navigation {
            route: Route::WorkOrders,
            label: "work-orders",
            tab: Some("tab-all"),
            icon: "rows-3",
            permission: Permission::WorkOrderRead,
            plant: false,
        },
    ],
};
