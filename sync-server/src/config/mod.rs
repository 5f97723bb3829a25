//! Settings, from flags and from the environment; one section a file, each checks itself. Every argument has
//! an explicit `id`, because field names of two sections may be equal.

pub mod data;
pub mod database;
pub mod environment;
pub mod feed;
pub mod listen;
pub mod log;
pub mod mail;
pub mod memory;
pub mod pwa;
pub mod tls;

/// A setting that makes no sense, in words for the person who set it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{setting}: {problem}")]
pub struct ConfigError {
    /// The flag or variable.
    pub setting: &'static str,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

impl ConfigError {
    pub(crate) fn new(setting: &'static str, problem: impl Into<String>) -> Self {
        Self { setting, problem: problem.into() }
    }
}
