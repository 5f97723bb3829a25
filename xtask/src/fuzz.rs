//! `fuzz`: damaged bytes at everything that reads bytes from outside.

use anyhow::Result;

use crate::workspace;

#[derive(clap::Args)]
pub struct Options {
    /// One target only; an unknown name lists all
    #[arg(long)]
    target: Option<String>,
    /// How long each target runs: a minute, unless told otherwise
    #[arg(long, conflicts_with = "runs")]
    seconds: Option<u64>,
    /// How many inputs each target reads
    #[arg(long)]
    runs: Option<u64>,
    /// Where the damage begins; the same seed and number of inputs repeat a run
    #[arg(long)]
    seed: Option<u64>,
}

pub fn run(options: &Options) -> Result<()> {
    let mut fuzz = workspace::cargo(&[
        "run",
        "--quiet",
        "--release",
        "--package",
        "maintainpro-tests",
        "--bin",
        "fuzz",
        "--",
    ]);
    let numbers = [("--seconds", options.seconds), ("--runs", options.runs), ("--seed", options.seed)];
    for (name, number) in numbers.iter().filter_map(|(name, number)| number.map(|number| (name, number))) {
        fuzz.args([*name, &number.to_string()]);
    }
    if let Some(target) = &options.target {
        fuzz.args(["--target", target]);
    }
    workspace::run(&mut fuzz)
}
