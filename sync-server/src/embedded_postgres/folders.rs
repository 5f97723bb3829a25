//! The folders of the embedded cluster: `DATA/postgres` holds the locks and the log, and, when the service
//! user can walk there, the cluster and its socket too. A data folder under a private home (`/root`) is out
//! of that user's reach; the cluster then lives in `/var/lib`, and the file `elsewhere` remembers where.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::ClusterError;
use super::service_user::ServiceUser;

/// The kernel's limit for a socket's path is 107 bytes; `/.s.PGSQL.5432.lock` takes 19 of them.
const SOCKET_FOLDER_MAX_BYTES: usize = 88;

/// Prepared folders.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    control: PathBuf,
    cluster: PathBuf,
    socket: PathBuf,
}

impl Folders {
    pub(super) fn prepare(data: &Path, user: &ServiceUser) -> Result<Self, ClusterError> {
        let control = data.join("postgres");
        fs::create_dir_all(&control).map_err(|source| ClusterError::folder(&control, source))?;
        let control = control.canonicalize().map_err(|source| ClusterError::folder(&control, source))?;
        let home = choose_home(&control, *user)?;
        let cluster = home.join("cluster");
        let socket = choose_socket_folder(&home);
        Ok(Self { control, cluster, socket })
    }

    /// The folder with the locks and the log.
    pub(super) fn control(&self) -> &Path {
        &self.control
    }

    /// The folder of the cluster itself.
    pub(super) fn cluster(&self) -> &Path {
        &self.cluster
    }

    /// The folder of the socket.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Under the lock, because whoever leaves last takes the folder away.
    pub(super) fn create_socket_folder(&self, user: ServiceUser) -> Result<(), ClusterError> {
        create_private(&self.socket, user)
    }

    /// Takes away the empty folder of a stopped cluster; it may lie in the temporary folder.
    pub(super) fn remove_socket_folder(&self) {
        if let Err(error) = fs::remove_dir(&self.socket) {
            tracing::debug!(cause = %error, "the socket folder stays");
        }
    }

    pub(super) fn log(&self) -> PathBuf {
        self.control.join("postgres.log")
    }

    pub(super) fn has_cluster(&self) -> bool {
        self.cluster.join("PG_VERSION").exists()
    }

    pub(super) fn existing_major_version(&self) -> Option<u32> {
        fs::read_to_string(self.cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Held while a process starts, joins or leaves the cluster.
    pub(super) fn lock_starting(&self) -> Result<File, ClusterError> {
        let file = self.open_lock("starting.lock")?;
        file.lock().map_err(|source| ClusterError::folder(&self.control, source))?;
        Ok(file)
    }

    pub(super) fn open_users_lock(&self) -> Result<File, ClusterError> {
        self.open_lock("users.lock")
    }

    fn open_lock(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.control.join(name);
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| ClusterError::folder(&path, source))
    }

    /// A private, empty folder beside the cluster for `initdb` to fill.
    pub(super) fn create_unfinished_cluster(&self, user: ServiceUser) -> Result<PathBuf, ClusterError> {
        let unfinished = self.cluster.with_extension("unfinished");
        match fs::remove_dir_all(&unfinished) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(ClusterError::folder(&unfinished, source))
            }
            _ => create_private(&unfinished, user).map(|()| unfinished),
        }
    }
}

fn choose_home(control: &Path, user: ServiceUser) -> Result<PathBuf, ClusterError> {
    let marker = control.join("elsewhere");
    if let Ok(home) = fs::read_to_string(&marker) {
        return Ok(PathBuf::from(home.trim()));
    }
    if user.reaches(&control.join("cluster")) {
        return Ok(control.to_owned());
    }
    // Named after this folder's inode as well: a data folder made anew gets a cluster of its own.
    let inode = fs::metadata(control).map_err(|source| ClusterError::folder(control, source))?;
    let home = PathBuf::from(format!("/var/lib/maintainpro-{:016x}", stable_hash(control, inode.ino())));
    fs::create_dir_all(&home).map_err(|source| ClusterError::folder(&home, source))?;
    fs::write(&marker, home.as_os_str().as_encoded_bytes())
        .map_err(|source| ClusterError::folder(&marker, source))?;
    tracing::info!(
        data = %control.display(),
        cluster = %home.display(),
        "PostgreSQL's user cannot reach the data folder; the cluster lives elsewhere"
    );
    Ok(home)
}

fn choose_socket_folder(home: &Path) -> PathBuf {
    let beside = home.join("socket");
    if beside.as_os_str().len() <= SOCKET_FOLDER_MAX_BYTES {
        beside
    } else {
        std::env::temp_dir().join(format!("maintainpro-{:016x}", stable_hash(home, 0)))
    }
}

/// Whoever can write into the socket folder can pose as the database, so one that a stranger made first
/// (the temporary folder is open to all) is refused.
fn create_private(folder: &Path, user: ServiceUser) -> Result<(), ClusterError> {
    let error = |source| ClusterError::folder(folder, source);
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => return Err(error(source)),
        _ => {}
    }
    let found = fs::symlink_metadata(folder).map_err(error)?;
    if !found.is_dir() || !user.trusts_owner(found.uid()) {
        return Err(ClusterError::ForeignFolder(folder.to_owned()));
    }
    user.own_privately(folder)
}

/// FNV-1a: short, stable between versions, and nothing secret depends on it.
fn stable_hash(path: &Path, salt: u64) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .chain(&salt.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
