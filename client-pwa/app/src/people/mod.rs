//! Administering who works for the organisation. All of it is asked of the server: there is nothing to see here without
//! a network.

mod api;
mod factor_reset;
mod link_dialog;
mod list_page;
mod person_page;
mod privacy;
mod role_rows;
mod team_chips;

pub use list_page::PeoplePage;
pub use person_page::PersonPage;

use shared_model::permission::Permission;

use crate::session::Session;

/// May this person administer people? They belong to no site: only a right without a limit reaches them.
pub fn may_administer(session: &Session) -> bool {
    session.grants().allow(Permission::OrganisationAdmin, &[])
}
