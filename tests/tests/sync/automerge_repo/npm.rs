//! An unmodified npm client of automerge-repo in a process of its own, told line by line what to do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use maintainpro_tests::people::PASSWORD;
use maintainpro_tests::until::until;
use serde_json::{Value, json};
use shared_model::identity::DocumentId;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Longer than anything takes; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop")
}

pub struct NpmClient {
    _process: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl NpmClient {
    /// Starts a client that signs in and connects.
    pub fn start(server: SocketAddr, email: &str) -> Self {
        let installed = folder().join("node_modules/@automerge/automerge-repo").is_dir();
        assert!(installed, "`cargo xtask test --only native` installs the npm packages of tests/interop");
        let mut process = Command::new("node")
            .arg("client.mjs")
            .arg(format!("http://{server}"))
            .args(["demo", email, PASSWORD])
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let stdin = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { _process: process, stdin, answers }
    }

    async fn ask(&mut self, request: Value) -> Value {
        self.stdin.write_all(format!("{request}\n").as_bytes()).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.next_line()).await;
        let line = answer.unwrap_or_else(|_| panic!("no answer to {request}")).unwrap();
        let mut answer: Value = serde_json::from_str(&line.expect("the client lives")).unwrap();
        assert_eq!(answer["failed"], Value::Null, "{request}");
        answer["done"].take()
    }

    /// Is there such a document for this person?
    pub async fn find(&mut self, id: DocumentId) -> bool {
        self.ask(json!({ "action": "find", "id": id })).await == true
    }

    pub async fn put(&mut self, id: DocumentId, path: &[&str], value: impl Into<Value>) {
        self.ask(json!({ "action": "put", "id": id, "path": path, "value": value.into() })).await;
    }

    pub async fn text(&mut self, id: DocumentId, path: &[&str], text: &str) {
        self.ask(json!({ "action": "text", "id": id, "path": path, "text": text })).await;
    }

    pub async fn remove(&mut self, id: DocumentId, path: &[&str]) {
        self.ask(json!({ "action": "remove", "id": id, "path": path })).await;
    }

    /// Edits as of older heads.
    pub async fn put_at(&mut self, id: DocumentId, heads: &[String], path: &[&str], value: &str) {
        let request = json!({ "action": "putAt", "id": id, "heads": heads, "path": path, "value": value });
        self.ask(request).await;
    }

    pub async fn read(&mut self, id: DocumentId) -> Value {
        self.ask(json!({ "action": "read", "id": id })).await
    }

    pub async fn heads(&mut self, id: DocumentId) -> Vec<String> {
        let heads: Vec<String> =
            serde_json::from_value(self.ask(json!({ "action": "heads", "id": id })).await).unwrap();
        sorted(heads)
    }

    /// Makes a document of its own; the server is told of it.
    pub async fn create(&mut self) -> String {
        self.ask(json!({ "action": "create" })).await.as_str().unwrap().to_owned()
    }

    pub async fn whisper(&mut self, id: DocumentId, message: &str) {
        self.ask(json!({ "action": "whisper", "id": id, "message": message })).await;
    }

    /// The codes of the refusals it was told of.
    pub async fn refused(&mut self) -> Vec<String> {
        let notices = self.ask(json!({ "action": "refused" })).await;
        notices.as_array().unwrap().iter().map(|notice| notice["code"].as_str().unwrap().to_owned()).collect()
    }

    /// What other clients said to it.
    pub async fn heard(&mut self) -> Value {
        self.ask(json!({ "action": "heard" })).await
    }

    /// Waits until the document reads so.
    pub async fn until(&mut self, what: &str, id: DocumentId, mut is_true: impl FnMut(&Value) -> bool) {
        until(what, async || {
            let order = self.read(id).await;
            if is_true(&order) { Ok(()) } else { Err((order, self.refused().await)) }
        })
        .await;
    }

    /// Waits until it was told of so many refusals.
    pub async fn until_refused(&mut self, count: usize) -> Vec<String> {
        until("told of the refusals", async || {
            let refused = self.refused().await;
            if refused.len() >= count { Ok(refused) } else { Err(refused) }
        })
        .await
    }
}

pub fn sorted(mut heads: Vec<String>) -> Vec<String> {
    heads.sort_unstable();
    heads
}
