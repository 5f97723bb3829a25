//! Tests of the work-order feature.

mod checklist;
mod commands;
mod status;
mod text;
