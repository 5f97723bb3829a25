//! Creates, starts, watches and stops the postmaster of the embedded cluster.

use std::fs::{self, File};
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::binaries::Binaries;
use super::folders::Folders;
use super::service_user::ServiceUser;
use super::{ClusterError, SUPERUSER};
use crate::telemetry::whole_millis;

/// Crash recovery of a large log may take a while.
const READY_WITHIN_SECONDS: u64 = 60;
/// After a kill -9 the old server's children hold its shared memory for a moment.
const RETRY_FOR: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(25);

/// Fills the cluster's folder. An interrupted `initdb` leaves only the unfinished folder, never half a
/// cluster under the real name.
pub(super) fn initialise(
    binaries: &Binaries,
    folders: &Folders,
    user: &ServiceUser,
) -> Result<(), ClusterError> {
    tracing::info!(data = %folders.cluster().display(), "creating the PostgreSQL cluster");
    let unfinished = folders.create_unfinished_cluster(*user)?;
    let mut initdb = user.command(&binaries.program("initdb"));
    initdb.arg("-D").arg(&unfinished).args(["-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]);
    initdb.args(["--locale=C.UTF-8", "--no-instructions", "--data-checksums"]);
    run("initdb", &mut initdb)?;
    fs::rename(&unfinished, folders.cluster())
        .map_err(|source| ClusterError::folder(folders.cluster(), source))
}

/// Is a postmaster running on this cluster and taking connections? A pid file alone proves nothing: it
/// survives a kill -9.
pub(super) fn is_ready(folders: &Folders) -> bool {
    let Ok(pid_file) = fs::read_to_string(folders.cluster().join("postmaster.pid")) else { return false };
    pid_file.lines().nth(7).map(str::trim) == Some("ready")
        && socket_folder(folders)
            .is_some_and(|folder| UnixStream::connect(folder.join(".s.PGSQL.5432")).is_ok())
}

/// The socket folder of the running postmaster, which line 5 of its pid file names.
pub(super) fn socket_folder(folders: &Folders) -> Option<PathBuf> {
    let pid_file = fs::read_to_string(folders.cluster().join("postmaster.pid")).ok()?;
    let line = pid_file.lines().nth(4)?.trim();
    (!line.is_empty()).then(|| PathBuf::from(line))
}

/// Starts the postmaster and waits until it takes connections.
pub(super) fn start(
    binaries: &Binaries,
    folders: &Folders,
    user: &ServiceUser,
    durable: bool,
) -> Result<Child, ClusterError> {
    let started = Instant::now();
    let mut child = spawn(binaries, folders, user, durable)?;
    while !is_ready(folders) {
        let exited = child.try_wait().map_err(|source| ClusterError::Run { program: "postgres", source })?;
        let waited = started.elapsed();
        if exited.is_some() && waited < RETRY_FOR {
            thread::sleep(RETRY_FOR / 10);
            child = spawn(binaries, folders, user, durable)?;
        } else if exited.is_some() || waited.as_secs() >= READY_WITHIN_SECONDS {
            return Err(ClusterError::NotReady {
                seconds: waited.as_secs(),
                log: folders.log(),
                tail: log_tail(folders),
            });
        } else {
            thread::sleep(POLL);
        }
    }
    tracing::info!(elapsed_ms = whole_millis(started.elapsed()), "PostgreSQL is ready");
    Ok(child)
}

/// Asks the postmaster to end its sessions and stop (SIGINT, "fast"), and waits for it.
pub(super) fn stop(binaries: &Binaries, folders: &Folders, user: &ServiceUser) -> Result<(), ClusterError> {
    if !is_ready(folders) {
        return Ok(());
    }
    let mut pg_ctl = user.command(&binaries.program("pg_ctl"));
    pg_ctl.arg("-D").arg(folders.cluster()).args(["stop", "-m", "fast", "-w", "-t", "60", "-s"]);
    run("pg_ctl", &mut pg_ctl)
}

fn spawn(
    binaries: &Binaries,
    folders: &Folders,
    user: &ServiceUser,
    durable: bool,
) -> Result<Child, ClusterError> {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folders.log())
        .map_err(|source| ClusterError::folder(&folders.log(), source))?;
    let log_error = |source| ClusterError::folder(&folders.log(), source);
    let mut postgres = user.command(&binaries.program("postgres"));
    postgres.arg("-D").arg(folders.cluster()).args(["-c", "listen_addresses="]);
    postgres.arg("-c").arg(format!("unix_socket_directories={}", folders.socket().display()));
    postgres.args(["-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB"]);
    if !durable {
        postgres.args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]);
    }
    postgres
        // A Ctrl-C in the terminal reaches us alone; we stop the cluster after the last request.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(log_error)?)
        .stderr(log)
        .spawn()
        .map_err(|source| ClusterError::Run { program: "postgres", source })
}

fn run(program: &'static str, command: &mut Command) -> Result<(), ClusterError> {
    let output = command.output().map_err(|source: io::Error| ClusterError::Run { program, source })?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ClusterError::Failed { program, message })
}

fn log_tail(folders: &Folders) -> String {
    let log = fs::read(folders.log()).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
