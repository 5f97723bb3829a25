//! Who is calling: passwords, sessions in cookies, registered devices, and one-time tickets for sockets.
//!
//! A handler takes a [`Caller`]; a socket redeems its ticket with [`redeem_ticket`]. Both come with the
//! grants the person has at that moment.

mod caller;
pub mod cookie;
mod device;
pub mod open_sessions;
pub mod password;
pub mod routes;
mod session;
mod sign_in;
mod throttle;
mod ticket;
pub mod token;

pub use caller::{Caller, refresh};
pub use device::{Depositor, ShutOut, redeem_deposit_credential};
pub use ticket::redeem as redeem_ticket;
