//! `test`: every test there is, in parts that are timed and all run even when one fails.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{build, progress, settings, setup, sim, workspace};

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
    /// The client in release, within its size budget, and the gate in WebAssembly
    Wasm,
    /// Stories in a real Chromium against a real server
    Browser,
}

struct Outcome {
    part: Part,
    failure: Option<anyhow::Error>,
    took: Duration,
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
            Part::Wasm => client().and_then(|()| gate_in_wasm()),
            Part::Browser => browser(chromium.as_deref(), chosen.contains(&Part::Wasm), story),
        };
        if let Err(error) = &outcome {
            eprintln!("\n{error:#}");
        }
        outcomes.push(Outcome { part: *part, failure: outcome.err(), took: started.elapsed() });
    }
    let passed = summary(&outcomes);
    if let Some(left_out) = left_out(chosen, real_work_orders()?.is_some()) {
        println!("{left_out}");
    }
    passed
}

/// What cannot be tested on this machine: a summary that kept it to itself would be taken for more than it is.
fn left_out(chosen: &[Part], has_real_work_orders: bool) -> Option<String> {
    (chosen.contains(&Part::Native) && !has_real_work_orders).then(|| {
        format!(
            "left out: the import of the real work orders; set {WORK_ORDERS_VARIABLE} to the file, \
             or put it at {REAL_WORK_ORDERS}"
        )
    })
}

/// The table of the parts, and once more why one failed: whoever sees only the end of a long log sees that too.
fn summary(outcomes: &[Outcome]) -> Result<()> {
    println!();
    for Outcome { part, failure, took } in outcomes {
        let word = if failure.is_none() { "passed" } else { "FAILED" };
        println!("{word}  {:<12} {:>4} s", name(*part), took.as_secs());
    }
    let failures = outcomes.iter().filter_map(|outcome| Some((outcome.part, outcome.failure.as_ref()?)));
    let failed = failures.map(|(part, failure)| println!("{}: {failure:#}", name(part))).count();
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
    workspace::run(with_real_work_orders(&mut tests)?)
}

fn client() -> Result<()> {
    setup::for_build()?;
    build::build(build::Flavour::Release)
}

/// The known attacks where a number has 32 bits, as on devices, without the checks of a debug build, as there.
fn gate_in_wasm() -> Result<()> {
    setup::wasi_target()?;
    let runner = workspace::root().join("tests/wasi/run.mjs");
    let mut tests =
        workspace::cargo(&["test", "--quiet", "--target", setup::WASI_TARGET, "--package", "shared-model"]);
    tests.args(["--lib", "--", "gate::"]);
    tests.env("CARGO_TARGET_WASM32_WASIP1_RUNNER", format!("node --no-warnings {}", runner.display()));
    tests.envs(
        ["OVERFLOW_CHECKS", "DEBUG_ASSERTIONS"].map(|check| (format!("CARGO_PROFILE_DEV_{check}"), "false")),
    );
    workspace::run(&mut tests)
}

/// The file of real work orders: the one the caller named, else the one beside the checkout, if it is there.
fn real_work_orders() -> Result<Option<PathBuf>> {
    if let Some(named) = settings::of(WORK_ORDERS_VARIABLE) {
        return Ok(Some(named.into()));
    }
    let file = workspace::root().join(REAL_WORK_ORDERS);
    Ok(if file.is_file() { Some(file.canonicalize()?) } else { None })
}

fn with_real_work_orders(tests: &mut Command) -> Result<&mut Command> {
    let file = real_work_orders()?;
    Ok(tests.env_remove(WORK_ORDERS_VARIABLE).envs(file.map(|file| (WORK_ORDERS_VARIABLE, file))))
}

fn browser(chromium: Option<&std::path::Path>, built: bool, story: Option<&str>) -> Result<()> {
    if !built {
        build::build(build::Flavour::Dev)?;
    }
    let server = workspace::server_binary(false)?;
    let mut stories = workspace::program("node");
    stories.arg("tests/browser/run.mjs").args(story).env("MAINTAINPRO_BIN", server);
    stories.envs(chromium.map(|path| ("CHROMIUM", path)));
    workspace::run(with_real_work_orders(&mut stories)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_of_real_work_orders_is_told() {
        let told = left_out(&[Part::Format, Part::Native], false).unwrap();
        assert!(told.contains("MAINTAINPRO_EXCAVATOR_CSV"), "{told}");
        assert_eq!(left_out(&[Part::Native], true), None);
        assert_eq!(left_out(&[Part::Lint], false), None, "it would not have run anyway");
    }
}
