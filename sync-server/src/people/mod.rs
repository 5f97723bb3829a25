//! Administering who works for an organisation: inviting people, changing what they may do, shutting them out, and teams.
//!
//! People belong to no site, so all of it is for whoever administers the whole organisation.

mod change;
mod checks;
mod history;
mod member_routes;
mod rows;
mod team_routes;

pub use history::roles_said;

use shared_model::permission::{Permission, Scope};
use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;
use crate::auth::Caller;
use crate::error::ApiResult;

/// Only a grant without a limit reaches what belongs nowhere.
const EVERYWHERE: &[Scope] = &[];

/// The routes of people and teams.
pub fn router() -> OpenApiRouter<AppState> {
    member_routes::router().merge(team_routes::router())
}

fn require_admin(caller: &Caller) -> ApiResult<()> {
    caller.require_on(Permission::OrganisationAdmin, EVERYWHERE)
}
