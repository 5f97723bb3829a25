//! `bench`: figures for speed. Those of the server are a program of the tests package, those of the browser
//! are scripts beside the browser stories.

use anyhow::Result;

use crate::{build, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// Benchmarks to run; without a name, all
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
    let mut arguments: Vec<&str> = options.name.iter().map(String::as_str).collect();
    arguments.extend(options.json.then_some("--json"));
    arguments.extend(options.quick.then_some("--quick"));
    if options.side != Side::Browser {
        let bench = ["run", "--quiet", "--release", "--package", "maintainpro-tests", "--bin", "bench", "--"];
        workspace::run(workspace::cargo(&bench).args(&arguments))?;
    }
    if options.side != Side::Native {
        browser(&arguments)?;
    }
    Ok(())
}

fn browser(arguments: &[&str]) -> Result<()> {
    let chromium = setup::for_browser()?;
    build::build(build::Flavour::Release)?;
    let server = workspace::server_binary(true)?;
    let mut bench = workspace::program("node");
    bench.arg("tests/browser/bench/run.mjs").args(arguments);
    workspace::run(bench.env("CHROMIUM", chromium).env("MAINTAINPRO_BIN", server))
}
