//! `test`: every test there is, in parts that are timed and all run even when one fails.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{build, progress, setup, sim, workspace};

const SEEDS: &str = "0..200";
const REAL_WORK_ORDERS: &str = "../shared/data/excavator_work_orders.csv";
const WORK_ORDERS_VARIABLE: &str = "MAINTAINPRO_EXCAVATOR_CSV";

#[derive(clap::Args)]
pub struct Options {
    /// Run one part only (may be given several times)
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Only browser stories whose file name contains this
    #[arg(long)]
    story: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// rustfmt
    Format,
    /// clippy with warnings denied, native and wasm32, and the types of the service worker
    Lint,
    /// Unit, property and integration tests with a real PostgreSQL
    Native,
    /// The seeded simulator
    Simulator,
    /// The client in release, within its size budget
    Wasm,
    /// Stories in a real Chromium against a real server
    Browser,
}

pub fn run(options: &Options) -> Result<()> {
    let chosen = if options.only.is_empty() { Part::value_variants() } else { &options.only };
    parts(chosen, options.story.as_deref())
}

/// All parts.
pub fn all() -> Result<()> {
    parts(Part::value_variants(), None)
}

fn parts(chosen: &[Part], story: Option<&str>) -> Result<()> {
    let chromium = if chosen.contains(&Part::Browser) { Some(setup::for_tests()?) } else { None };
    let mut outcomes = Vec::new();
    for part in chosen {
        eprintln!("\n── {} ──", name(*part));
        let started = Instant::now();
        let outcome = match part {
            Part::Format => format(),
            Part::Lint => lint(),
            Part::Native => native(),
            Part::Simulator => sim::seeds(SEEDS, &[]),
            Part::Wasm => setup::for_build().and_then(|()| build::build(build::Flavour::Release)),
            Part::Browser => browser(chromium.as_deref(), chosen.contains(&Part::Wasm), story),
        };
        if let Err(error) = &outcome {
            eprintln!("\n{error:#}");
        }
        outcomes.push((*part, outcome.is_ok(), started.elapsed()));
    }
    summary(&outcomes)
}

fn summary(outcomes: &[(Part, bool, Duration)]) -> Result<()> {
    println!();
    for (part, passed, took) in outcomes {
        let word = if *passed { "passed" } else { "FAILED" };
        println!("{word}  {:<12} {:>4} s", name(*part), took.as_secs());
    }
    let failed = outcomes.iter().filter(|(_, passed, _)| !passed).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    if failed > 0 { bail!("not every part passed") } else { Ok(()) }
}

fn name(part: Part) -> String {
    part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn format() -> Result<()> {
    setup::lint_tools()?;
    workspace::run(&mut workspace::cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    setup::lint_tools()?;
    setup::for_build()?;
    let deny = ["--", "-D", "warnings"];
    let mut native = workspace::cargo(&["clippy", "--workspace", "--all-targets"]);
    native.args(workspace::WASM_CRATES.iter().flat_map(|name| ["--exclude", name]));
    progress::quiet("Linting the native crates", native.args(deny))?;
    let mut wasm = workspace::cargo(&["clippy", "--target", "wasm32-unknown-unknown"]);
    let crates = ["shared-model", "client-bridge"].iter().chain(&workspace::WASM_CRATES);
    wasm.args(crates.flat_map(|name| ["--package", name]));
    progress::quiet("Linting the client for wasm32", wasm.args(deny))?;
    let tsc = workspace::root().join("client-pwa/node_modules/.bin/tsc");
    progress::quiet(
        "Checking the service worker",
        workspace::program(tsc).args(["--project", "service-worker"]),
    )
}

fn native() -> Result<()> {
    setup::for_native_tests()?;
    // No page of documentation holds code to run, and cargo would build every crate once more to find that out.
    // What the client can decide without a browser is tested here as well.
    let mut tests =
        workspace::cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    workspace::run(tests.envs(real_work_orders()?))
}

/// The file of real work orders, unless the caller named one or there is none.
fn real_work_orders() -> Result<Option<(&'static str, PathBuf)>> {
    let file = workspace::root().join(REAL_WORK_ORDERS);
    if std::env::var_os(WORK_ORDERS_VARIABLE).is_some() || !file.is_file() {
        return Ok(None);
    }
    Ok(Some((WORK_ORDERS_VARIABLE, file.canonicalize()?)))
}

fn browser(chromium: Option<&std::path::Path>, built: bool, story: Option<&str>) -> Result<()> {
    if !built {
        build::build(build::Flavour::Dev)?;
    }
    let server = workspace::server_binary(false)?;
    let mut stories = workspace::program("node");
    stories.arg("tests/browser/run.mjs").args(story).env("MAINTAINPRO_BIN", server);
    stories.envs(real_work_orders()?);
    workspace::run(stories.envs(chromium.map(|path| ("CHROMIUM", path))))
}
