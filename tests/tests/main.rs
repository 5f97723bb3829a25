//! Every integration test, in one binary: they share the cluster and the template database.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod features;
mod platform;
mod rules;
mod sync;
