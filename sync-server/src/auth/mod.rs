//! Who is calling: passwords, second factors, sessions in cookies, registered devices, and one-time tickets for sockets.
//!
//! A handler takes a [`Caller`]: somebody with a session, or a program with a key of theirs. A socket redeems its ticket with
//! [`redeem_ticket`]. All come with the grants the person has at that moment.

pub mod account_link;
pub(crate) mod api_key;
mod caller;
mod challenge;
mod checks;
pub mod cookie;
mod device;
pub mod device_lock_routes;
pub mod device_routes;
pub mod factor_key;
pub mod factors;
mod known_browser;
pub mod link_routes;
pub mod open_sessions;
mod opening;
pub mod password;
pub mod password_routes;
mod rotation;
pub mod routes;
mod session;
mod sign_in;
pub mod strength;
mod throttle;
mod ticket;
pub mod token;
mod wipe;

pub(crate) use sign_in::checked_email;

pub use caller::Caller;
pub use checks::Checks;
pub use device::{Depositor, ShutOut, depositor, redeem_deposit_credential};
pub use session::Standing;
pub use ticket::redeem as redeem_ticket;
