//! What an organisation says of itself and what a person chose for themselves: the pages to change it, and what it does to every
//! other page. Changing it is asked of the server; what it does holds without a network, too.

mod api;
mod appearance;
mod logo_field;
mod mark;
mod notification_list;
mod organisation_page;
mod personal_page;
mod time_zone_field;

pub use appearance::Appearance;
pub use mark::{Logo, mark, organisation_name};
pub use organisation_page::OrganisationPage;
pub use personal_page::PersonalPage;
