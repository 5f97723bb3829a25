//! `conformance`: requests made up from the OpenAPI document, sane and otherwise, against a server of their own. Nothing may be
//! answered by a 5xx or in a way that the document does not name.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{progress, setup, workspace};

const TOOLS: &str = "tests/conformance";
/// What signs its caller out would leave nobody to ask the rest; sockets are no requests.
const LEFT_OUT: [&str; 5] = [
    "DELETE /api/session",
    "DELETE /api/sessions",
    "DELETE /api/sessions/{id}",
    "GET /sync",
    "GET /api/automerge-repo",
];
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// How long a server may take until it answers, with a cluster to make.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(clap::Args)]
pub struct Options {
    /// Requests made up for each operation
    #[arg(long, default_value_t = 60)]
    examples: u32,
    /// Repeats a run
    #[arg(long)]
    seed: Option<u64>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_server()?;
    let program = tools()?;
    let binary = workspace::server_binary(false)?;
    let folder = workspace::root().join("target/conformance");
    let server = Server::start(&binary, &folder)?;
    let url = format!("http://127.0.0.1:{}", server.port);
    let mut requests = Command::new(program);
    requests
        .args(["run", &format!("{url}/api/openapi.json"), "--checks", CHECKS, "--no-color"])
        .args(["--max-examples", &options.examples.to_string()])
        .args(LEFT_OUT.iter().flat_map(|name| ["--exclude-name", name]))
        .env("MAINTAINPRO_URL", &url)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", workspace::root().join(TOOLS))
        .current_dir(&folder);
    if let Some(seed) = options.seed {
        requests.args(["--seed", &seed.to_string()]);
    }
    workspace::run(&mut requests)
}

/// The program that makes requests up, in an environment of its own.
fn tools() -> Result<PathBuf> {
    let folder = workspace::root().join("target/conformance-tools");
    let program = folder.join("bin/schemathesis");
    if !program.exists() {
        let mut environment = Command::new("python3");
        environment.args(["-m", "venv"]).arg(&folder);
        progress::quiet("Preparing the tools for made-up requests", &mut environment)
            .context("Python with venv is needed: sudo apt-get install python3-venv")?;
        let mut install = Command::new(folder.join("bin/pip"));
        install.args(["install", "--quiet", "--requirement"]);
        install.arg(workspace::root().join(TOOLS).join("requirements.txt"));
        progress::quiet("Installing schemathesis", &mut install)?;
    }
    Ok(program)
}

/// A server with demo data in an empty folder; ends when it is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = fs::File::create(folder.join("server.log"))?;
        let process = Command::new(binary)
            .args(["serve", "--seed-demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(folder.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let server = Self { process, port };
        let begun = Instant::now();
        while !server.is_ready() {
            if begun.elapsed() > PATIENCE {
                bail!("the server does not answer; see {}", folder.join("server.log").display());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A signal that lets it stop its cluster; `kill` is on every machine this runs on.
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        if asked.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
