//! A run beside peers as a table, and written down in `docs/benchmarks.md`.

use std::{fs, io::Write as _, process::Command};

use anyhow::Result;

use super::comparison::Comparison;
use crate::workspace;

/// All rows as a table in Markdown.
pub fn table(rows: &[Comparison]) -> String {
    let head =
        ["| what | ours | peer or limit | ratio | goal | remarks |", "| --- | --- | --- | --- | --- | --- |"];
    let rows = rows.iter().map(Comparison::row);
    head.into_iter().map(str::to_owned).chain(rows).collect::<Vec<_>>().join("\n")
}

/// Appends a table with date and commit.
pub fn append(rows: &[Comparison], quick: bool) -> Result<()> {
    let cores = std::thread::available_parallelism()?;
    let kind = if quick { ", quick" } else { "" };
    let (when, commit) =
        (said("date", &["-u", "+%F %H:%M"]), said("git", &["describe", "--always", "--dirty"]));
    let title = format!("## {when}, commit {commit}: beside peers{kind}, {cores} cores");
    let text = format!("\n{title}\n\n{}\n", table(rows));
    let file = workspace::root().join("docs/benchmarks.md");
    Ok(fs::OpenOptions::new().append(true).open(file)?.write_all(text.as_bytes())?)
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(workspace::root()).output();
    output.map_or_else(|_| "?".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
