//! `run`: from a fresh checkout to a server with demo data on one port.
//!
//! At the end this process becomes the server, so Ctrl-C and a service manager's signals reach it directly; a
//! small child waits until the server is ready and prints the address and who can sign in.

pub mod announce;
mod front;

use std::{
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use clap::builder::BoolishValueParser;

use self::front::Front;
use crate::{build, settings, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// The port of everything: pages, API and sync; 8080 unless --listen names another
    #[arg(long)]
    port: Option<u16>,
    /// Address and port to listen on; without it this machine only, or with https every address
    #[arg(long, env = "MAINTAINPRO_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where the database and keys are kept; without it, `data` in the checkout
    #[arg(long, env = settings::DATA, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start without the demo organisations
    #[arg(long, overrides_with = "demo")]
    empty: bool,
    /// Add the demo organisations to the database of DATABASE_URL too, if it is empty: everybody knows their password
    #[arg(
        long,
        env = "MAINTAINPRO_SEED_DEMO",
        num_args = 0,
        default_missing_value = "true",
        value_parser = BoolishValueParser::new()
    )]
    demo: Option<bool>,
    /// Serve this build of the client instead of building one
    #[arg(long, env = "MAINTAINPRO_PWA", value_name = "DIR")]
    pwa: Option<PathBuf>,
    /// Build optimised
    #[arg(long)]
    release: bool,
    /// Certificate chain (PEM) to serve https with, on every address
    #[arg(long, env = "MAINTAINPRO_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, env = "MAINTAINPRO_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Address people type, when it is neither this machine's nor a name of the certificate
    #[arg(long, env = "MAINTAINPRO_PUBLIC_URL", value_name = "URL", conflicts_with = "lan")]
    public_url: Option<String>,
    /// Serve https to phones on the local network, with a certificate authority of our own
    #[arg(long, conflicts_with = "tls_cert")]
    lan: bool,
    /// The name phones use for this machine, when it has one
    #[arg(long, requires = "lan", value_name = "NAME")]
    lan_host: Option<String>,
    /// The plain port that hands the certificate to phones
    #[arg(long, requires = "lan", default_value_t = 8081)]
    lan_port: u16,
}

impl Options {
    /// A database that somebody else runs is not ours to fill unless we are told to.
    fn has_demo(&self, database_is_ours: bool) -> bool {
        !self.empty && self.demo.unwrap_or(database_is_ours)
    }
}

pub fn run(options: &Options) -> Result<()> {
    let data = workspace::data_dir(options.data.as_deref())?;
    let mut front = Front::open(options, &data)?;
    setup::for_server()?;
    let pwa = client(options)?;
    let server = workspace::server_binary(options.release)?;
    if let Some(phones) = front.phones.take() {
        phones.start(&front.url)?;
    }
    announce::start(&announce::Options {
        url: front.url.clone(),
        address: front::reached_at(front.listen),
        tls: front.tls.is_some(),
        tool: workspace::tool(options.release, &data),
        server: server.clone(),
        data: data.clone(),
    })?;
    become_server(&server, &front, &data, &pwa, options)
}

fn client(options: &Options) -> Result<PathBuf> {
    if let Some(built) = &options.pwa {
        return Ok(built.clone());
    }
    setup::for_build()?;
    build::build(build::Flavour::of(options.release))?;
    Ok(build::dist())
}

fn become_server(server: &Path, front: &Front, data: &Path, pwa: &Path, options: &Options) -> Result<()> {
    let mut serve = Command::new(server);
    serve.args(["serve", "--listen", &front.listen.to_string(), "--data"]).arg(data).arg("--pwa").arg(pwa);
    let has_demo = options.has_demo(settings::of(settings::DATABASE).is_none());
    serve.env_remove("MAINTAINPRO_SEED_DEMO").args(has_demo.then_some("--seed-demo"));
    if let Some((certificate, key)) = &front.tls {
        serve.arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
    }
    if let Some(url) = &options.public_url {
        serve.args(["--public-url", url]);
    }
    let error = serve.exec();
    Err(error).with_context(|| format!("could not start {}", server.display()))
}
