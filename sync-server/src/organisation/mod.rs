//! An organisation as a whole: what it says of itself to its people, and what whoever runs the installation does with it: shut it out and
//! let it in again, give it its data, delete it. The organisations themselves are rows of [`crate::database::organisations`].

pub(crate) mod checks;
pub mod export;
mod logo_routes;
pub mod overview;
pub mod removal;
pub(crate) mod settings;
mod settings_routes;
pub mod suspension;
pub mod tables;

use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;

/// The routes of what an organisation says of itself.
pub fn router() -> OpenApiRouter<AppState> {
    settings_routes::router().merge(logo_routes::router())
}
