//! A PostgreSQL cluster of our own, inside the data folder, run from the PostgreSQL binaries of the machine.
//!
//! Several processes may use one data folder (a server and an import beside it). Each holds a shared lock on
//! `users.lock`; whoever leaves last stops the cluster. The kernel drops the lock of a process that is
//! killed, so a cluster left behind by a crash is found running and taken over by the next start.

mod binaries;
mod error;
mod folders;
mod postmaster;
mod service_user;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Child;

use sqlx::postgres::PgConnectOptions;

pub use error::ClusterError;

use binaries::Binaries;
use folders::Folders;
use service_user::ServiceUser;

/// The superuser of the cluster; it only creates roles and databases.
const SUPERUSER: &str = "postgres";

/// Where the cluster lives and how it is run.
#[derive(Clone, Debug)]
pub struct ClusterSettings {
    /// The data folder; the cluster takes the subfolder `postgres`.
    pub data: PathBuf,
    /// The folder of `initdb`, `postgres` and `pg_ctl`; searched for when absent.
    pub bin_dir: Option<PathBuf>,
    /// False only for tests: leaves out the waits for the disk.
    pub durable: bool,
}

/// A running cluster this process uses.
#[derive(Debug)]
pub struct EmbeddedCluster {
    binaries: Binaries,
    folders: Folders,
    user: ServiceUser,
    users_lock: File,
    durable: bool,
    /// The postmaster, when this process started it.
    child: Option<Child>,
}

impl EmbeddedCluster {
    /// Starts the cluster, creating it on the first start, or joins the one that already runs.
    /// Blocks for a second or so on the first start.
    pub fn start(settings: &ClusterSettings) -> Result<Self, ClusterError> {
        let user = ServiceUser::of_this_process()?;
        let folders = Folders::prepare(&settings.data, &user)?;
        let _starting = folders.lock_starting()?;
        folders.create_socket_folder(user)?;
        let users_lock = folders.open_users_lock()?;
        users_lock.lock_shared().map_err(|source| ClusterError::folder(folders.control(), source))?;

        let binaries = Binaries::find(settings.bin_dir.as_deref(), folders.existing_major_version())?;
        if !folders.has_cluster() {
            postmaster::initialise(&binaries, &folders, &user)?;
        }
        let child = if postmaster::is_ready(&folders) {
            tracing::info!(data = %folders.cluster().display(), "joined the running PostgreSQL cluster");
            None
        } else {
            Some(postmaster::start(&binaries, &folders, &user, settings.durable)?)
        };
        Ok(Self { binaries, folders, user, users_lock, durable: settings.durable, child })
    }

    /// How the superuser reaches `database`.
    pub fn superuser_options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(&self.socket_folder().to_string_lossy())
            .port(5432)
            .username(SUPERUSER)
            .database(database)
    }

    /// The folder of the Unix socket the cluster listens on.
    pub fn socket_folder(&self) -> PathBuf {
        postmaster::socket_folder(&self.folders).unwrap_or_else(|| self.folders.socket().to_owned())
    }

    /// The folder PostgreSQL keeps the cluster in.
    pub fn cluster_folder(&self) -> &Path {
        self.folders.cluster()
    }

    /// Starts the postmaster again if it is gone. Returns whether it had to.
    pub fn revive(&mut self) -> Result<bool, ClusterError> {
        if postmaster::is_ready(&self.folders) {
            return Ok(false);
        }
        let _starting = self.folders.lock_starting()?;
        // It may be busy recovering, or another process on this data folder was faster.
        let lives = self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if lives || postmaster::is_ready(&self.folders) {
            return Ok(false);
        }
        self.child = Some(postmaster::start(&self.binaries, &self.folders, &self.user, self.durable)?);
        Ok(true)
    }

    /// Leaves the cluster; the last process to leave stops it. Returns whether it was stopped.
    pub fn leave(mut self) -> Result<bool, ClusterError> {
        let _starting = self.folders.lock_starting()?;
        let folder_error = |source| ClusterError::folder(self.folders.control(), source);
        self.users_lock.unlock().map_err(folder_error)?;
        if self.users_lock.try_lock().is_err() {
            return Ok(false);
        }
        postmaster::stop(&self.binaries, &self.folders, &self.user)?;
        if let Some(child) = &mut self.child {
            child.wait().map_err(|source| ClusterError::Run { program: "postgres", source })?;
        }
        self.folders.remove_socket_folder();
        Ok(true)
    }
}
