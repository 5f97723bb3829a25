//! Work of people and devices that are shut out. A device hands it in with the one credential that still works
//! ([`hand_in`]); it is held as it is, and somebody who may verify such work takes it over or declines it ([`inbox`]).

mod hand_in;
mod inbox;
mod queries;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;

/// The routes of deposits.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(hand_in::deposit, inbox::list))
        .routes(routes!(inbox::accept))
        .routes(routes!(inbox::decline))
}
