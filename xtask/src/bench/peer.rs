//! The figures of one peer, by running its script and reading what it prints. A peer that fails, or takes for ever,
//! leaves its reason and nothing else.

use std::{
    collections::HashMap,
    io::Read as _,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

/// Until the documents are there, which on a quiet machine takes seconds.
const PREPARATION: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What to measure.
pub struct Work<'a> {
    /// The folder of the peer.
    pub peer: &'a str,
    /// The parts of it.
    pub parts: &'a [&'a str],
    /// The work orders and edits.
    pub file: &'a Path,
    /// Runs, of which the median counts.
    pub runs: u32,
    /// Edits that are fanned out.
    pub rounds: u32,
    /// How long a part may wait for one thing.
    pub part_limit: Duration,
}

/// What a peer said.
pub struct Peer {
    parts: HashMap<String, Value>,
    failure: String,
}

impl Peer {
    /// Runs the script until it is done or has had time enough for all its parts.
    pub fn measure(work: &Work) -> Self {
        run(work).unwrap_or_else(|error| Self { parts: HashMap::new(), failure: format!("{error:#}") })
    }

    /// A figure of a part.
    pub fn figure(&self, part: &str, name: &str) -> Result<f64, String> {
        let Some(said) = self.parts.get(part) else { return Err(self.failure.clone()) };
        if let Some(why) = said["failed"].as_str() {
            return Err(why.to_owned());
        }
        said[name].as_f64().ok_or_else(|| format!("the script says nothing about {name}"))
    }

    /// What has to be known about a part.
    pub fn note(&self, part: &str) -> Option<&str> {
        self.parts.get(part)?["note"].as_str()
    }

    fn read(text: &str, failure: String) -> Self {
        let said = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let parts = said.filter_map(|part| Some((part["part"].as_str()?.to_owned(), part))).collect();
        Self { parts, failure }
    }
}

fn run(work: &Work) -> Result<Peer> {
    let mut node = workspace::program("node");
    node.arg("tests/peers/run.mjs").arg(work.peer).args(work.parts).arg("--file").arg(work.file);
    node.args(["--runs", &work.runs.to_string(), "--rounds", &work.rounds.to_string()]);
    node.args(["--seconds", &work.part_limit.as_secs().to_string()]);
    eprintln!("{} …", workspace::shown(&node));
    let mut child = node.stdout(Stdio::piped()).spawn().with_context(|| workspace::shown(&node))?;
    let mut stdout = child.stdout.take().context("its output was asked for")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    // A part waits more than once.
    let parts = work.part_limit * 2 * u32::try_from(work.parts.len())?;
    let failure = wait(&mut child, PREPARATION + parts)?;
    let text = reader.join().map_err(|_| anyhow::anyhow!("the reader of its output panicked"))??;
    Ok(Peer::read(&text, failure))
}

/// Waits, but not for ever; says how it ended. The peer's server ends with the script that started it.
fn wait(child: &mut Child, limit: Duration) -> Result<String> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(format!("the script ended with {status}"));
        }
        if begin.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(format!("stopped after {} s", limit.as_secs()));
        }
        thread::sleep(LOOK_AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_figures_or_its_reason() {
        let text = "Warning: old\n{\"part\":\"pushes\",\"changes_per_second\":144.5,\"note\":\"2 of 3\"}\n\
                    {\"part\":\"reconnect\",\"failed\":\"9 documents were not in sync after 60 s\"}\n";
        let peer = Peer::read(text, "stopped after 90 s".to_owned());
        assert_eq!(peer.figure("pushes", "changes_per_second"), Ok(144.5));
        assert_eq!(peer.note("pushes"), Some("2 of 3"));
        assert_eq!(
            peer.figure("reconnect", "bytes"),
            Err("9 documents were not in sync after 60 s".to_owned())
        );
        assert_eq!(peer.figure("first-load", "seconds"), Err("stopped after 90 s".to_owned()));
        assert!(peer.figure("pushes", "joy").is_err());
    }
}
