//! Administering who works for the organisation, what roles let them do, and keys of programs. All of it is asked of the
//! server: there is nothing to see here without a network.

mod api;
mod draft;
mod factor_reset;
mod key_page;
mod keys_page;
mod list_page;
mod permission_list;
mod person_page;
mod privacy;
mod reach;
mod role_change;
mod role_fields;
mod role_page;
mod role_rows;
mod role_words;
mod roles_page;
mod secret_dialog;
mod team_chips;

pub(crate) use draft::change;
pub use key_page::KeyPage;
pub use keys_page::KeysPage;
pub use list_page::PeoplePage;
pub use person_page::PersonPage;
pub use role_page::RolePage;
pub use role_words::{field_name, permission_name};
pub use roles_page::RolesPage;
