//! Waits until the server is ready and says where it is. It ends with the server when that never happens.

use std::{
    env,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    os::unix::process::parent_id,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

const POLL: Duration = Duration::from_millis(200);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const PASSWORD: &str = "maintainpro-demo";
const LOGINS: [(&str, &str); 2] = [
    ("demo", "admin@ manager@ supervisor@ tech1@ tech2@ store@ office@ contractor@demo.example"),
    ("other", "admin@ tech@other.example"),
];

#[derive(clap::Args)]
pub struct Options {
    #[arg(long)]
    url: String,
    #[arg(long)]
    port: u16,
    #[arg(long)]
    tls: bool,
    #[arg(long)]
    demo: bool,
}

/// Starts the waiting child.
pub fn start(url: &str, port: u16, tls: bool, demo: bool) -> Result<()> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["announce", "--url", url, "--port", &port.to_string()]);
    child.args(tls.then_some("--tls")).args(demo.then_some("--demo")).stdin(Stdio::null());
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
    println!("\nMaintainPro is ready: {}\n", options.url);
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
    let Ok(mut connection) = TcpStream::connect((Ipv4Addr::LOCALHOST, options.port)) else { return false };
    if options.tls {
        return true;
    }
    let mut answer = [0; 12];
    connection.set_read_timeout(Some(ANSWER_LIMIT)).is_ok()
        && connection
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .is_ok()
        && connection.read_exact(&mut answer).is_ok()
        && answer.ends_with(b" 200")
}
