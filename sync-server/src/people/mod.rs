//! Administering who works for an organisation: inviting people, changing what they may do, shutting them out, roles, teams, and
//! keys for programs. And what people choose for themselves.
//!
//! People belong to no site, so all but the last is for whoever administers the whole organisation.

mod change;
mod checks;
mod guard;
mod history;
mod key_routes;
mod member_routes;
mod own_settings;
mod own_settings_routes;
mod privacy;
mod privacy_routes;
mod role_routes;
mod role_rows;
mod rows;
mod team_routes;

pub(crate) use checks::name as checked_name;
pub use history::roles_said;

use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;

/// The routes of people, roles, teams, keys, and what people chose for themselves.
pub fn router() -> OpenApiRouter<AppState> {
    member_routes::router()
        .merge(privacy_routes::router())
        .merge(role_routes::router())
        .merge(team_routes::router())
        .merge(key_routes::router())
        .merge(own_settings_routes::router())
}
