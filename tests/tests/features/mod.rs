//! One file a noun: what a feature promises, against a real server and a real database.

mod conflict;
mod cost;
mod import;
mod work_order;
