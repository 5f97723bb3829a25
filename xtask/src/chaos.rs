//! `chaos`: faults on real servers, real networks and a real PostgreSQL. Servers run as they are shipped, in release;
//! only crash points need a build with debug assertions.

use std::path::PathBuf;

use anyhow::Result;

use crate::{setup, workspace};

/// The full run and the short one: servers killed, PostgreSQL stopped, networks broken, rounds of every other fault.
const FULL: [usize; 4] = [200, 100, 200, 10];
const QUICK: [usize; 4] = [6, 3, 8, 1];

#[derive(clap::Args)]
pub struct Options {
    /// Servers to kill with kill -9
    #[arg(long)]
    kills: Option<usize>,
    /// Times PostgreSQL stops without a goodbye
    #[arg(long)]
    postgres_stops: Option<usize>,
    /// Networks to break and heal
    #[arg(long)]
    partitions: Option<usize>,
    /// Rounds of everything else: rolling restarts, crash points, deaf listeners, a slow disk, a full one
    #[arg(long)]
    others: Option<usize>,
    /// What chance is drawn from; a run prints its own
    #[arg(long)]
    seed: Option<u64>,
    /// A few of each, in a minute or so
    #[arg(long)]
    quick: bool,
    /// One JSON object per kind of fault and nothing else on the standard output
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_native_tests()?;
    let server = workspace::server_binary(true)?;
    let crashing = workspace::kept_binary("maintainpro-tests", "maintainpro-under-test", false)?;
    let program = workspace::kept_binary("maintainpro-tests", "chaos", true)?;
    workspace::run(workspace::program(program).args(options.arguments(server, crashing)))
}

impl Options {
    fn arguments(&self, server: PathBuf, crashing: PathBuf) -> Vec<std::ffi::OsString> {
        let [kills, stops, partitions, others] = if self.quick { QUICK } else { FULL };
        let mut arguments =
            vec!["--server".into(), server.into(), "--crashing-server".into(), crashing.into()];
        for (name, count) in [
            ("--kills", self.kills.unwrap_or(kills)),
            ("--postgres-stops", self.postgres_stops.unwrap_or(stops)),
            ("--partitions", self.partitions.unwrap_or(partitions)),
            ("--others", self.others.unwrap_or(others)),
        ] {
            arguments.extend([name.into(), count.to_string().into()]);
        }
        if let Some(seed) = self.seed {
            arguments.extend(["--seed".into(), seed.to_string().into()]);
        }
        arguments.extend(self.json.then(|| "--json".into()));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_comes_from_the_full_run_or_the_quick_one() {
        let options = Options {
            kills: Some(7),
            postgres_stops: None,
            partitions: None,
            others: None,
            seed: Some(3),
            quick: true,
            json: true,
        };
        let arguments = options.arguments("a".into(), "b".into());
        let text: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        let expected = "--server a --crashing-server b --kills 7 --postgres-stops 3 --partitions 8 --others 1 \
                        --seed 3 --json";
        assert_eq!(text.join(" "), expected);
        let full = Options { kills: None, quick: false, ..options };
        assert_eq!(full.arguments("a".into(), "b".into())[5], "200");
    }
}
