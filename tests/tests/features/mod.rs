//! One file a noun: what a feature promises, against a real server and a real database.

mod asset;
mod checklist;
mod conflict;
mod correction;
mod cost;
mod import;
mod labour_entry;
mod location;
mod stock_movement;
mod work_order;
mod work_order_list;
