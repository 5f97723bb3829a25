//! The plain page that hands the authority's certificate to a phone, served by a child of the server process.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write, stdin},
    net::{TcpListener, TcpStream},
    os::{
        fd::{AsFd, OwnedFd},
        unix::process::parent_id,
    },
    path::PathBuf,
    process::{self, Command},
    thread,
    time::Duration,
};

use anyhow::{Context, Result};

use super::Lan;

const CERTIFICATE: &str = "/maintainpro.crt";
const PARENT_POLL: Duration = Duration::from_secs(1);
const READ_LIMIT: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub struct Options {
    #[arg(long)]
    authority: PathBuf,
    #[arg(long)]
    app: String,
}

/// The page with its port taken: a QR code that led elsewhere would be scanned in vain.
pub struct Page {
    listener: TcpListener,
    url: String,
    authority: PathBuf,
}

impl Page {
    /// Takes the port.
    pub fn open(lan: &Lan, port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("0.0.0.0", port)).with_context(|| {
            format!("port {port} for the phones' page cannot be used; choose another with --lan-port")
        })?;
        let url = format!("http://{}:{port}", lan.address);
        Ok(Self { listener, url, authority: lan.certificates.authority.clone() })
    }

    /// Starts the child, which gets the port as its standard input, and prints the QR code.
    pub fn start(self, app: &str) -> Result<()> {
        let mut child = Command::new(env::current_exe()?);
        child.args(["lan-page", "--app", app, "--authority"]).arg(&self.authority);
        child.stdin(OwnedFd::from(self.listener)).spawn().context("could not start the page for phones")?;
        let url = &self.url;
        let code = fast_qr::QRBuilder::new(url.as_str()).build().context("no QR code for this address")?;
        println!("\nScan this with a phone on the same network, or open {url}\n\n{}\n", code.to_str());
        Ok(())
    }
}

/// The child itself; it ends with the server.
pub fn run(options: &Options) -> Result<()> {
    let server = parent_id();
    thread::spawn(move || {
        while parent_id() == server {
            thread::sleep(PARENT_POLL);
        }
        process::exit(0);
    });
    let authority = fs::read_to_string(&options.authority)?;
    let listener = TcpListener::from(stdin().as_fd().try_clone_to_owned()?);
    for connection in listener.incoming().flatten() {
        // A phone that hangs up in the middle is its own affair.
        let _ = answer(connection, &authority, &options.app);
    }
    Ok(())
}

fn answer(mut connection: TcpStream, authority: &str, app: &str) -> std::io::Result<()> {
    connection.set_read_timeout(Some(READ_LIMIT))?;
    let mut request = String::new();
    BufReader::new(&connection).read_line(&mut request)?;
    let (kind, body) = if request.starts_with(&format!("GET {CERTIFICATE} ")) {
        ("application/x-x509-ca-cert", authority.to_owned())
    } else {
        ("text/html; charset=utf-8", page(app))
    };
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn page(app: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>MaintainPro on this phone</title>
<style>body{{font:18px/1.5 system-ui;margin:24px;max-width:36rem}}a{{display:inline-block;padding:12px 0}}</style>
<h1>MaintainPro on this phone</h1>
<ol>
<li><a href="{CERTIFICATE}">Download the certificate</a> of this MaintainPro server.</li>
<li>Trust it. Android: Settings, Security, Encryption and credentials, Install a certificate, CA certificate.
iPhone: Settings, Profile downloaded, Install; then General, About, Certificate Trust Settings, switch it on.</li>
<li><a href="{app}">Open MaintainPro</a> and add it to the home screen.</li>
</ol>
<p>Keep this address: work that is not sent yet belongs to it.</p></html>
"#
    )
}
