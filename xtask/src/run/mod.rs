//! `run`: from a fresh checkout to a server with demo data on one port.
//!
//! At the end this process becomes the server, so Ctrl-C and a service manager's signals reach it directly; a
//! small child waits until the server is ready and prints the address and the demo logins.

pub mod announce;

use std::{
    env,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{build, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// The port of everything: pages, API and sync
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the database, blobs and mail are kept
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Start without the demo organisations
    #[arg(long)]
    empty: bool,
    /// Build optimised
    #[arg(long)]
    release: bool,
    /// Certificate chain (PEM) to serve https with
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<()> {
    let address = format!("127.0.0.1:{}", options.port);
    check_free(&address)?;
    setup::for_run()?;
    build::build(build::Flavour::of(options.release))?;
    let server = workspace::server_binary(options.release)?;
    let data = workspace::root().join(&options.data);
    let scheme = if options.tls_cert.is_some() { "https" } else { "http" };
    announce::start(scheme, &address, !options.empty)?;
    become_server(&server, &address, &data, options)
}

fn check_free(address: &str) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) => bail!("{address} cannot be used: {error}. Choose another port with --port"),
    }
}

fn become_server(server: &Path, address: &str, data: &Path, options: &Options) -> Result<()> {
    let mut serve = Command::new(server);
    serve.args(["serve", "--listen", address, "--data"]).arg(data).arg("--pwa").arg(build::dist());
    if !options.empty {
        serve.arg("--seed-demo");
    }
    if let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) {
        serve.arg("--tls-cert").arg(env::current_dir()?.join(certificate));
        serve.arg("--tls-key").arg(env::current_dir()?.join(key));
    }
    let error = serve.exec();
    Err(error).with_context(|| format!("could not start {}", server.display()))
}
