//! Second factors: what a person has beside their password, and what the organisation asks for.
//!
//! A person with an authenticator app or a passkey is let in by a password only together with one of these, or with a recovery
//! code. A passkey opens a session alone: it is a key in somebody's hands that asks for their finger, face or PIN.

mod account_routes;
mod authenticator_app;
mod passkey_routes;
mod passkeys;
mod proof;
mod qr;
mod recovery_codes;
mod relying_party;
mod rule_routes;
mod rules;
mod second_step;
mod standing;

use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;

pub(crate) use self::proof::require_fresh;
pub use self::relying_party::RelyingParty;
pub(super) use self::rules::is_due;
pub(super) use self::second_step::{SECOND_FACTOR_NEEDED, ask};
pub(crate) use self::standing::{of_person, remove_all};

/// The routes of second factors and passkeys.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(second_step::router())
        .merge(proof::router())
        .merge(account_routes::router())
        .merge(passkey_routes::router())
        .merge(rule_routes::router())
}
