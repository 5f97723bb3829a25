//! Tests of the work-order feature.

mod checklist;
mod commands;
mod correction;
mod status;
mod text;
