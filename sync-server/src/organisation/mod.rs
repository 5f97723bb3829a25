//! What whoever runs the installation does with a whole organisation: shut it out and let it in again, give it its data, delete it.
//! The organisations themselves are rows of [`crate::database::organisations`].

pub mod export;
pub mod overview;
pub mod removal;
pub mod suspension;
pub mod tables;
