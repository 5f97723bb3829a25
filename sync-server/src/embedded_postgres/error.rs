//! What can go wrong with the embedded cluster, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No PostgreSQL is installed.
    #[error(
        "no PostgreSQL binaries were found{looked_in}.\n\
         Install them (Debian and Ubuntu: `apt-get install postgresql`), or name their folder in \
         MAINTAINPRO_PG_BIN_DIR, or give the address of a PostgreSQL server in DATABASE_URL"
    )]
    NoBinaries {
        /// ` in /opt/pg/bin`, or nothing when the usual places were searched.
        looked_in: String,
    },
    /// We are root, which PostgreSQL refuses to be, and there is nobody to be instead.
    #[error("PostgreSQL does not run as root and there is neither a `postgres` nor a `nobody` user")]
    NoServiceUser,
    /// A folder cannot be prepared.
    #[error("cannot use the folder {path}: {source}", path = path.display())]
    Folder {
        /// The folder or a file in it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else owns the folder that would hold our socket.
    #[error("{path} belongs to another user; remove it or choose another data folder", path = .0.display())]
    ForeignFolder(PathBuf),
    /// A program of PostgreSQL could not be run.
    #[error("cannot run {program}: {source}")]
    Run {
        /// Its name.
        program: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {message}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// What it said.
        message: String,
    },
    /// The cluster did not become ready.
    #[error("PostgreSQL did not become ready within {seconds} s; the end of its log {log}:\n{tail}", log = log.display())]
    NotReady {
        /// How long we waited.
        seconds: u64,
        /// Its log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
}

impl ClusterError {
    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        Self::Folder { path: path.to_owned(), source }
    }
}
