//! Conventions that hold for the whole repository, checked instead of remembered.

mod schema;
mod tidy;
