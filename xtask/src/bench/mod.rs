//! `bench`: figures for speed. Those of the server are a program of the tests package, those of the browser
//! are scripts beside the browser stories; `bench sync` runs those of the server beside their peers. All append what
//! they measured to `docs/benchmarks.md`.

mod comparison;
mod ours;
mod peer;
mod record;
mod rows;
mod sync;

use std::process::Command;

use anyhow::Result;

use crate::{setup, workspace};

/// Benchmarks with scripts of their own for the browser, and those that have nothing else.
const IN_BROWSER: [&str; 3] = ["cold-start", "first-load", "syncing"];
const ONLY_IN_BROWSER: [&str; 2] = ["cold-start", "syncing"];
/// What looks at the release build of the client.
const SIZES: &str = "sizes";
/// Ours beside peers: only by name, because it runs ours once more.
const SYNC: &str = "sync";

#[derive(clap::Args)]
pub struct Options {
    /// Benchmarks to run; without a name, all but `sync`, which is ours beside peers
    names: Vec<String>,
    /// One JSON object per metric and nothing else on the standard output
    #[arg(long)]
    json: bool,
    /// Smaller loads, for a look rather than a figure
    #[arg(long)]
    quick: bool,
    /// Which half to run
    #[arg(long, value_enum, default_value = "all")]
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    All,
    Native,
    Browser,
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_run()?;
    if options.names.iter().any(|name| name == SYNC) {
        sync::run(options.quick, options.json)?;
    }
    if options.names.iter().all(|name| name == SYNC) && !options.names.is_empty() {
        return Ok(());
    }
    let native = options.arguments(Side::Native, |name| !ONLY_IN_BROWSER.contains(&name) && name != SYNC);
    let browser = options.arguments(Side::Browser, |name| IN_BROWSER.contains(&name));
    let wants_sizes = options.names.is_empty() || options.names.iter().any(|name| name == SIZES);
    if browser.is_some() || wants_sizes {
        build_client()?;
    }
    if let Some(arguments) = native {
        let bench = ["run", "--quiet", "--release", "--package", "maintainpro-tests", "--bin", "bench", "--"];
        workspace::run(workspace::cargo(&bench).args(arguments))?;
    }
    if let Some(arguments) = browser {
        let (chromium, server) = (setup::for_browser()?, workspace::server_binary(true)?);
        let mut bench = workspace::program("node");
        bench.arg("tests/browser/bench/run.mjs").args(arguments);
        workspace::run(bench.env("CHROMIUM", chromium).env("MAINTAINPRO_BIN", server))?;
    }
    Ok(())
}

/// In a process of its own, which keeps its table out of the figures. A client over its budget, which the build
/// complains about, is measured all the same.
fn build_client() -> Result<()> {
    let mut build = Command::new(std::env::current_exe()?);
    build.args(["build", "--release"]).stdout(std::io::stderr()).status()?;
    Ok(())
}

impl Options {
    /// What to tell one half; `None` when nothing of it is wanted.
    fn arguments(&self, side: Side, has: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).filter(|name| has(name)).collect();
        let wanted = self.names.is_empty() || !names.is_empty();
        if !wanted || (self.side != Side::All && self.side != side) {
            return None;
        }
        let flags = [(self.json, "--json"), (self.quick, "--quick")];
        Some(names.into_iter().chain(flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag)).collect())
    }
}
