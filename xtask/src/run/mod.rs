//! `run`: from a fresh checkout to a server with demo data on one port.
//!
//! At the end this process becomes the server, so Ctrl-C and a service manager's signals reach it directly; a
//! small child waits until the server is ready and prints the address and the demo logins.

pub mod announce;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{build, lan, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// The port of everything: pages, API and sync
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the database, blobs and mail are kept; without it, `data` in the checkout
    #[arg(long)]
    data: Option<PathBuf>,
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
    /// Serve https to phones on the local network, with a certificate authority of our own
    #[arg(long, conflicts_with = "tls_cert")]
    lan: bool,
    /// The name phones use for this machine, when it has one
    #[arg(long, requires = "lan")]
    lan_host: Option<String>,
    /// The plain port that hands the certificate to phones
    #[arg(long, requires = "lan", default_value_t = 8081)]
    lan_port: u16,
}

/// Where the server listens, what it serves https with, and the address people type.
struct Front {
    listen: SocketAddr,
    tls: Option<(PathBuf, PathBuf)>,
    url: String,
}

pub fn run(options: &Options) -> Result<()> {
    let host = if options.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let listen = SocketAddr::new(IpAddr::V4(host), options.port);
    check_free(listen)?;
    setup::for_run()?;
    build::build(build::Flavour::of(options.release))?;
    let server = workspace::server_binary(options.release)?;
    let data = workspace::data_dir(options.data.as_deref())?;
    let front = front(listen, &data, options)?;
    announce::start(&front.url, options.port, front.tls.is_some(), !options.empty)?;
    become_server(&server, &front, &data, options.empty)
}

fn check_free(listen: SocketAddr) -> Result<()> {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => bail!("{listen} cannot be used: {error}. Choose another port with --port"),
    }
}

fn front(listen: SocketAddr, data: &Path, options: &Options) -> Result<Front> {
    if options.lan {
        let lan = lan::prepare(data, options.lan_host.as_deref())?;
        let url = format!("https://{}:{}", lan.host, listen.port());
        lan::page::Page::open(&lan, options.lan_port)?.start(&url)?;
        let tls = (lan.certificates.machine, lan.certificates.key);
        return Ok(Front { listen, tls: Some(tls), url });
    }
    let tls = options.tls_cert.clone().zip(options.tls_key.clone());
    let scheme = if tls.is_some() { "https" } else { "http" };
    Ok(Front { listen, tls, url: format!("{scheme}://{listen}") })
}

fn become_server(server: &Path, front: &Front, data: &Path, empty: bool) -> Result<()> {
    let mut serve = Command::new(server);
    serve.args(["serve", "--listen", &front.listen.to_string(), "--data"]).arg(data);
    serve.arg("--pwa").arg(build::dist()).args((!empty).then_some("--seed-demo"));
    if let Some((certificate, key)) = &front.tls {
        serve.arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
    }
    let error = serve.exec();
    Err(error).with_context(|| format!("could not start {}", server.display()))
}
