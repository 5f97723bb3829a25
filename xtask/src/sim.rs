//! `sim`: the seeded simulator of devices, servers and faults.

use anyhow::Result;

use crate::workspace;

#[derive(clap::Args)]
pub struct Options {
    /// Seeds to run, the end excluded
    #[arg(long, default_value = "0..200")]
    seeds: String,
    /// Further arguments for the simulator
    #[arg(last = true)]
    rest: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    seeds(&options.seeds, &options.rest)
}

/// Runs the simulator over a range of seeds, such as `0..200`.
pub fn seeds(range: &str, rest: &[String]) -> Result<()> {
    let mut simulator =
        workspace::cargo(&["run", "--quiet", "--package", "maintainpro-tests", "--bin", "simulator"]);
    workspace::run(simulator.args(["--", "--seeds", range]).args(rest))
}
