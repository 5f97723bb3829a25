//! Clients of automerge-repo at our server: unmodified ones from npm, and hostile ones.

mod hostile;
mod matrix;
mod npm;
mod raw;
mod refusals;
mod story;
