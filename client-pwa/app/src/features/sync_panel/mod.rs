//! Sending, honestly: where every change of this device stands, what the device holds, and what can be done.

mod change_row;
mod inbox_page;
mod panel;
mod status;
mod storage;

pub use inbox_page::InboxPage;
pub use status::{Place, SyncLine};

use shared_model::permission::Permission;

use super::{Feature, Navigation};
use crate::route::Route;

/// The inbox of those who decide about work that its authors cannot send.
pub const FEATURE: Feature = Feature {
    navigation: &[Navigation {
        route: Route::Inbox,
        label: "inbox",
        tab: None,
        icon: "inbox",
        permission: Permission::DECIDE_DEPOSITS,
        plant: false,
    }],
};
