//! Waits until the server is ready and says where it is. It ends with the server when that never happens.

use std::{
    env,
    io::{Read, Write},
    net::TcpStream,
    os::unix::process::parent_id,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

const POLL: Duration = Duration::from_millis(200);
const PASSWORD: &str = "maintainpro-demo";
const LOGINS: [(&str, &str); 2] = [
    ("demo", "admin@ manager@ supervisor@ tech1@ tech2@ store@ office@ contractor@demo.example"),
    ("other", "admin@ tech@other.example"),
];

#[derive(clap::Args)]
pub struct Options {
    #[arg(long)]
    scheme: String,
    #[arg(long)]
    address: String,
    #[arg(long)]
    demo: bool,
}

/// Starts the waiting child.
pub fn start(scheme: &str, address: &str, demo: bool) -> Result<()> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["announce", "--scheme", scheme, "--address", address]);
    child.args(demo.then_some("--demo")).stdin(Stdio::null());
    child.spawn().context("could not start the announcer")?;
    Ok(())
}

/// The child itself.
pub fn run(options: &Options) -> Result<()> {
    let server = parent_id();
    while !is_ready(options) {
        if parent_id() != server {
            return Ok(());
        }
        thread::sleep(POLL);
    }
    println!("\nMaintainPro is ready: {}://{}\n", options.scheme, options.address);
    if options.demo {
        for (organisation, people) in LOGINS {
            println!("  organisation {organisation:<6} {people}");
        }
        println!("  password     {PASSWORD}\n");
    }
    println!("Ctrl-C stops it; the data stays.");
    Ok(())
}

/// Asks /readyz; behind TLS an accepted connection has to do.
fn is_ready(options: &Options) -> bool {
    let Ok(mut connection) = TcpStream::connect(&options.address) else { return false };
    if options.scheme == "https" {
        return true;
    }
    let mut answer = [0; 12];
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", options.address);
    connection.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && connection.write_all(request.as_bytes()).is_ok()
        && connection.read_exact(&mut answer).is_ok()
        && answer.ends_with(b" 200")
}
