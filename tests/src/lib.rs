//! The harness of the integration tests: a database per test on a real PostgreSQL, real servers on free
//! ports, people who sign in, and a plain HTTP client.
//!
//! A test reads as a story: create a [`database::TestDatabase`], people it, start one or more
//! [`server::TestServer`]s on it, and talk to them with a [`client::Client`].

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

pub mod answers;
pub mod authenticator;
pub mod away;
pub mod bench;
pub mod chaos;
pub mod client;
pub mod database;
pub mod device;
pub mod fuzz;
pub mod hand;
pub mod headless;
pub mod mail;
pub mod people;
pub mod process;
pub mod second_factor;
pub mod server;
pub mod shop;
pub mod simulator;
pub mod until;
