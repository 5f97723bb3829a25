//! Waits until the server is ready and says where it is and who can sign in. It ends with the server when that
//! never happens.

use std::{
    env,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::process::parent_id,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

const POLL: Duration = Duration::from_millis(200);
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
const DEMO_PASSWORD: &str = "maintainpro-demo";
const DEMO_DOMAINS: [&str; 2] = ["@demo.example", "@other.example"];

#[derive(clap::Args)]
pub struct Options {
    /// What people type
    #[arg(long)]
    pub url: String,
    /// Where the server is reached from here
    #[arg(long)]
    pub address: SocketAddr,
    #[arg(long)]
    pub tls: bool,
    /// How a person gives the server's own commands
    #[arg(long)]
    pub tool: String,
    #[arg(long)]
    pub server: PathBuf,
    #[arg(long)]
    pub data: PathBuf,
}

/// Starts the waiting child.
pub fn start(options: &Options) -> Result<()> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["announce", "--url", &options.url, "--address", &options.address.to_string()]);
    child.args(options.tls.then_some("--tls")).args(["--tool", &options.tool]);
    child.arg("--server").arg(&options.server).arg("--data").arg(&options.data).stdin(Stdio::null());
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
    // Asked before anything is said, so that all of it stands together among what the server logs.
    let accounts = about_accounts(&accounts(options)?, &options.tool);
    println!("\nMaintainPro is ready: {}\n\n{accounts}", options.url);
    println!("Ctrl-C stops it; the data stays. More commands: {} help", options.tool);
    Ok(())
}

/// Asks /readyz. Behind TLS this very question is a mistake, to which a server that serves says so or hangs up;
/// before it serves, nobody answers.
fn is_ready(options: &Options) -> bool {
    let Ok(mut connection) = TcpStream::connect(options.address) else { return false };
    let asked = connection.set_read_timeout(Some(ANSWER_LIMIT)).and_then(|()| {
        connection.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    });
    let mut answer = [0; 12];
    match asked.and_then(|()| connection.read_exact(&mut answer)) {
        Ok(()) => options.tls || answer.ends_with(b" 200"),
        Err(error) => options.tls && !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// Who can sign in: the server's own list, a line for each.
fn accounts(options: &Options) -> Result<String> {
    let mut list = Command::new(&options.server);
    list.args(["user", "list", "--log-level", "error", "--data"]).arg(&options.data);
    let output = list.stderr(Stdio::inherit()).output().context("could not ask who can sign in")?;
    if !output.status.success() {
        bail!("it is not known who can sign in");
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// What to know about signing in, when there is something.
fn about_accounts(list: &str, tool: &str) -> String {
    if list.trim().is_empty() {
        return format!(
            "Nobody can sign in yet. This makes the first account, with a password of your own:\n\n  \
             MAINTAINPRO_PASSWORD='…' {tool} user add --organisation acme \\\n      \
             --create-organisation 'Acme Ltd' --email you@acme.example --name 'Your Name' --role admin\n\n"
        );
    }
    let is_demo = |line: &&str| {
        line.split_whitespace().any(|word| DEMO_DOMAINS.iter().any(|domain| word.ends_with(domain)))
    };
    let demo: Vec<_> = list.lines().filter(is_demo).map(|line| format!("  {line}\n")).collect();
    if demo.is_empty() {
        return String::new();
    }
    format!("Demo accounts, all with the password {DEMO_PASSWORD}:\n\n{}\n", demo.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOL: &str = "cargo xtask maintainpro";

    #[test]
    fn demo_accounts_are_told_only_when_they_are_there() {
        let told = about_accounts(
            "acme     ann@acme.example  admin\ndemo     tech1@demo.example technician\n",
            TOOL,
        );
        assert!(told.contains("tech1@demo.example") && told.contains(DEMO_PASSWORD), "{told}");
        assert!(!told.contains("ann@acme.example"), "whose password is nobody's business: {told}");
        assert_eq!(about_accounts("acme     ann@acme.example  admin\n", TOOL), "");
    }

    #[test]
    fn whoever_starts_empty_is_told_how_to_make_the_first_account() {
        let told = about_accounts("", TOOL);
        assert!(told.contains("cargo xtask maintainpro user add --organisation acme"), "{told}");
        assert!(!told.contains(DEMO_PASSWORD), "{told}");
    }
}
