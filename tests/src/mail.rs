//! A real mail server in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use sync_server::email::SmtpRelay;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Longer than anything takes; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// What emails lead to.
pub const ORIGIN: &str = "https://maintenance.example";

/// An email that was taken.
#[derive(Debug, Deserialize)]
pub struct Email {
    /// The address it comes from.
    pub from: String,
    /// Whom it is for.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The text without markup.
    pub text: String,
    /// The text with markup.
    pub html: String,
}

impl Email {
    /// The secret of the link in it.
    pub fn token(&self) -> String {
        let link = self.text.lines().find_map(|line| line.strip_prefix(&format!("{ORIGIN}/join#")));
        link.unwrap_or_else(|| panic!("no link: {self:?}")).to_owned()
    }
}

/// What the mail server says.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Email(Email),
    Refused {
        #[serde(rename = "refused")]
        _address: String,
    },
    Port {
        port: u16,
    },
}

/// A mail server.
pub struct MailServer {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl MailServer {
    /// Starts one that refuses so many emails first.
    pub async fn start(refuse: usize) -> Self {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("mail");
        let installed = folder.join("node_modules/smtp-server").is_dir();
        assert!(installed, "`cargo xtask test --only native` installs the npm packages of tests/mail");
        let mut process = Command::new("node")
            .arg("server.mjs")
            .arg(refuse.to_string())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut server = Self { _process: process, lines, port: 0 };
        match server.line().await {
            Line::Port { port } => server.port = port,
            line => panic!("{line:?}"),
        }
        server
    }

    /// The way to it.
    pub fn relay(&self) -> SmtpRelay {
        SmtpRelay::new(
            &format!("smtp://127.0.0.1:{}", self.port),
            "MaintainPro <m@maintenance.example>",
            ORIGIN,
        )
        .unwrap()
    }

    /// The next email it takes.
    pub async fn email(&mut self) -> Email {
        match self.line().await {
            Line::Email(email) => email,
            line => panic!("{line:?}"),
        }
    }

    /// The next email is refused.
    pub async fn refusal(&mut self) {
        let line = self.line().await;
        assert!(matches!(line, Line::Refused { .. }), "{line:?}");
    }

    async fn line(&mut self) -> Line {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("the mail server says something");
        serde_json::from_str(&line.unwrap().expect("the mail server lives")).unwrap()
    }
}
