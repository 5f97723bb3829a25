//! The MaintainPro sync server: it merges what devices send, projects it into PostgreSQL, and tells every
//! other device.
//!
//! Modules here are mechanisms. To add one: a folder with `//!` in its `mod.rs`, a `pub mod` line below, its
//! router merged in `router.rs`, its shared parts in `app_state.rs`, its tables in `migrations/`. Maintenance
//! itself lives in the features, which register with the mechanisms and are never named by them.

pub mod access;
pub mod app_state;
pub mod audit;
pub mod auth;
pub mod automerge_repo;
pub mod clock;
pub mod commands;
pub mod config;
pub mod crash_point;
pub mod database;
pub mod demo;
pub mod directory;
pub mod document_store;
pub mod email;
pub mod embedded_postgres;
pub mod error;
pub mod features;
pub mod http;
pub mod key_file;
pub mod organisation;
pub mod people;
pub mod projection;
pub mod random;
pub mod router;
pub mod sync;
pub mod telemetry;
pub mod turns;
