//! A run beside peers, written down in `docs/benchmarks.md`.

use std::{fs, io::Write as _, process::Command};

use anyhow::Result;

use super::comparison::Comparison;
use crate::workspace;

/// Appends a table.
pub fn append(rows: &[Comparison], quick: bool) -> Result<()> {
    let cores = std::thread::available_parallelism()?;
    let kind = if quick { ", quick" } else { "" };
    let (when, commit) =
        (said("date", &["-u", "+%F %H:%M"]), said("git", &["describe", "--always", "--dirty"]));
    let mut text = format!("\n## {when}, commit {commit}: beside peers{kind}, {cores} cores\n\n");
    text.push_str("| what | ours | peer or limit | ratio | goal | remarks |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in rows {
        text.push_str(&row.row());
        text.push('\n');
    }
    let file = workspace::root().join("docs/benchmarks.md");
    Ok(fs::OpenOptions::new().append(true).open(file)?.write_all(text.as_bytes())?)
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(workspace::root()).output();
    output.map_or_else(|_| "?".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
