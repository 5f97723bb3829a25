//! The server as a process of its own, to be killed in the middle of things.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use crate::client::Client;

/// How long a first start with `initdb` may take on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A data folder that disappears with its last user.
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// A new, empty folder.
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("maintainpro-data-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A new, empty folder in a place of its own.
    pub fn create_in(place: &Path) -> Self {
        let folder = place.join("data");
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The postmaster of the cluster in this folder, when one runs.
    pub fn postmaster(&self) -> Option<u32> {
        let pid = self.postmaster_says(0)?.parse().ok()?;
        Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
    }

    /// How the superuser reaches the server's database in the cluster that runs in this folder.
    pub fn superuser(&self) -> Option<PgConnectOptions> {
        let socket = self.postmaster_says(4)?;
        let options = PgConnectOptions::new_without_pgpass().host(&socket).port(5432);
        Some(options.username("postgres").database("maintainpro"))
    }

    /// A line of the postmaster's own file.
    fn postmaster_says(&self, line: usize) -> Option<String> {
        let text = std::fs::read_to_string(self.0.join("postgres/cluster/postmaster.pid")).ok()?;
        text.lines().nth(line).map(|line| line.trim().to_owned())
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        if let Some(postmaster) = self.postmaster() {
            signal("QUIT", postmaster);
            while self.postmaster().is_some() {
                thread::sleep(Duration::from_millis(10));
            }
        }
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} was left behind: {error}", self.0.display());
        }
    }
}

/// `maintainpro serve` on a data folder.
pub struct ServerProcess {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ServerProcess {
    /// Starts the program and waits until it serves.
    pub fn start(program: &str, data: &DataFolder) -> Self {
        Self::start_with(program, data, &[])
    }

    /// Starts the program with settings from the environment and waits until it serves.
    pub fn start_with(program: &str, data: &DataFolder, environment: &[(&str, &str)]) -> Self {
        Self::start_at(program, data, environment, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// The same at a given address, of one that was killed for example.
    pub fn start_at(
        program: &str,
        data: &DataFolder,
        environment: &[(&str, &str)],
        address: SocketAddr,
    ) -> Self {
        let mut child = command(program, data)
            .envs(environment.iter().copied())
            .args(["serve", "--listen", &address.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (found, address) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // The pipe is read to its end, or the server would stop at a full one.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let served = line.split_once("serving http").and_then(|(_, rest)| rest.split_once("://"));
                if let Some((_, address)) = served {
                    found.send(address.trim().parse::<SocketAddr>().unwrap()).ok();
                }
            }
        });
        let address = address.recv_timeout(START_TIMEOUT).expect("the server says where it serves");
        Self { child, address }
    }

    /// A client nobody has signed in.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for it to die by itself.
    pub async fn died(&mut self) {
        while matches!(self.child.try_wait(), Ok(None)) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, waits, and says whether it ended well.
    pub fn terminate(mut self) -> bool {
        signal("TERM", self.child.id());
        self.child.wait().unwrap().success()
    }
}

impl Drop for ServerProcess {
    /// A test that failed leaves no server behind. One that has ended already is not killed again.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs another command of the program on the same data folder.
pub fn run(program: &str, data: &DataFolder, arguments: &[&str]) -> Output {
    command(program, data).args(arguments).output().unwrap()
}

/// The same with settings from the environment.
pub fn run_with(
    program: &str,
    data: &DataFolder,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    spawn_with(program, data, environment, arguments).wait_with_output().unwrap()
}

/// Starts another command of the program and does not wait for its end.
pub fn spawn_with(
    program: &str,
    data: &DataFolder,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Child {
    command(program, data)
        .envs(environment.iter().copied())
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn command(program: &str, data: &DataFolder) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MAINTAINPRO_")) {
        command.env_remove(name);
    }
    command.env_remove("DATABASE_URL").env("MAINTAINPRO_DATA", data.path()).stdin(Stdio::null());
    command
}

/// Sends a signal to a process of the test. The shell's own `kill` is there where no package brings one.
pub fn signal(name: &str, process: u32) {
    Command::new("sh").arg("-c").arg(format!("kill -{name} {process}")).status().unwrap();
}
