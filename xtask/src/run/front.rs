//! What people meet first: where the server listens, what https is served with, and the address they type.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::Options;
use crate::lan;

const PORT: u16 = 8080;

pub struct Front {
    pub listen: SocketAddr,
    /// Certificate and key.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// What people type.
    pub url: String,
    /// The page that hands the certificate to phones.
    pub phones: Option<lan::page::Page>,
}

impl Front {
    /// Takes or tries every port and reads the certificate, before anything is built in vain.
    pub fn open(options: &Options, data: &Path) -> Result<Self> {
        let listen = listen(options);
        let front = if options.lan { for_phones(options, listen, data)? } else { plain(options, listen)? };
        check_free(listen)?;
        Ok(front)
    }
}

fn for_phones(options: &Options, listen: SocketAddr, data: &Path) -> Result<Front> {
    let lan = lan::prepare(data, options.lan_host.as_deref())?;
    let phones = Some(lan::page::Page::open(&lan, options.lan_port)?);
    let url = format!("https://{}:{}", lan.host, listen.port());
    let tls = Some((lan.certificates.machine, lan.certificates.key));
    Ok(Front { listen, tls, url, phones })
}

fn plain(options: &Options, listen: SocketAddr) -> Result<Front> {
    let tls = options.tls_cert.clone().zip(options.tls_key.clone());
    let url = match (&options.public_url, &tls) {
        (Some(public), _) => public.clone(),
        (None, Some((certificate, _))) => format!("https://{}:{}", first_name(certificate)?, listen.port()),
        (None, None) => format!("http://{}", reached_at(listen)),
    };
    Ok(Front { listen, tls, url, phones: None })
}

/// Without https only this machine is served: a phone keeps no work for a plain address.
fn listen(options: &Options) -> SocketAddr {
    let has_https = options.lan || options.tls_cert.is_some();
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let host = if has_https { everywhere } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
    let mut listen = options.listen.unwrap_or(SocketAddr::new(host, PORT));
    if options.lan && listen.ip().is_loopback() {
        listen.set_ip(everywhere);
    }
    if let Some(port) = options.port {
        listen.set_port(port);
    }
    listen
}

/// How this machine itself gets there.
pub fn reached_at(listen: SocketAddr) -> SocketAddr {
    let host = match listen.ip() {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, listen.port())
}

fn check_free(listen: SocketAddr) -> Result<()> {
    match TcpListener::bind(listen) {
        Ok(_) => Ok(()),
        Err(error) => bail!("{listen} cannot be used: {error}. Choose another port with --port"),
    }
}

/// The first name a certificate is for; one with a `*` is no address.
fn first_name(file: &Path) -> Result<String> {
    let shown = file.display();
    let mut chain = CertificateDer::pem_file_iter(file).with_context(|| format!("{shown} cannot be read"))?;
    let first = chain.next().with_context(|| format!("there is no certificate in {shown}"))?;
    let first = first.with_context(|| format!("{shown} is not in PEM"))?;
    let Ok(certificate) = webpki::EndEntityCert::try_from(&first) else {
        bail!("the first certificate in {shown} is none a server can use");
    };
    let name = certificate.valid_dns_names().find(|name| !name.contains('*'));
    name.map(str::to_owned)
        .with_context(|| format!("{shown} names no host; say what people type, with --public-url https://…"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    /// As if no variable were set.
    fn options(line: &[&str]) -> Options {
        let command = <Line as clap::CommandFactory>::command().mut_args(|argument| argument.env(None));
        let matches = command.try_get_matches_from([&["run"], line].concat()).unwrap();
        <Line as clap::FromArgMatches>::from_arg_matches(&matches).unwrap().options
    }

    fn listens(line: &[&str]) -> String {
        listen(&options(line)).to_string()
    }

    #[test]
    fn only_https_is_served_to_other_machines_unless_somebody_says_so() {
        assert_eq!(listens(&[]), "127.0.0.1:8080");
        assert_eq!(listens(&["--port", "9000"]), "127.0.0.1:9000");
        assert_eq!(listens(&["--listen", "192.0.2.7:80"]), "192.0.2.7:80");
        assert_eq!(listens(&["--listen", "[::]:80", "--port", "81"]), "[::]:81");
        let own = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
        assert_eq!(listens(&own), "0.0.0.0:8080");
        assert_eq!(listens(&[&own[..], &["--listen", "127.0.0.1:443"]].concat()), "127.0.0.1:443");
        assert_eq!(listens(&["--lan"]), "0.0.0.0:8080");
        assert_eq!(listens(&["--lan", "--listen", "127.0.0.1:8090"]), "0.0.0.0:8090");
    }

    #[test]
    fn a_database_of_somebody_else_gets_the_demonstration_only_when_asked_for() {
        let has_demo = |line: &[&str], ours| options(line).has_demo(ours);
        assert!(has_demo(&[], true) && !has_demo(&[], false));
        assert!(has_demo(&["--demo"], true) && has_demo(&["--demo"], false));
        assert!(!has_demo(&["--empty"], true) && !has_demo(&["--empty"], false));
        assert!(has_demo(&["--empty", "--demo"], false), "the last word counts");
    }

    #[test]
    fn the_address_is_a_name_of_the_certificate() {
        let folder = std::env::temp_dir().join(format!("maintainpro-front-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("certificate.pem");
        let name_in = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            std::fs::write(&file, rcgen::generate_simple_self_signed(names).unwrap().cert.pem()).unwrap();
            first_name(&file).map_err(|error| error.to_string())
        };
        assert_eq!(name_in(&["*.plant.example", "plant.example"]), Ok("plant.example".to_owned()));
        for none in [&["192.0.2.7"], &["*.plant.example"]] {
            let error = name_in(none).unwrap_err();
            assert!(error.contains("--public-url"), "{error}");
        }
        std::fs::write(&file, "no certificate").unwrap();
        let error = first_name(&file).unwrap_err().to_string();
        assert!(error.contains("there is no certificate in"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn an_address_for_everybody_is_reached_at_this_machine() {
        let reached = |listen: &str| reached_at(listen.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.0.2.7:80"), "192.0.2.7:80");
    }
}
