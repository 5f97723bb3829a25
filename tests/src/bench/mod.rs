//! Benchmarks of the server: a real one on a durable PostgreSQL of its own, real sockets, honest commands. Server and
//! load share the machine, so what counts are ratios measured side by side in one run.
//!
//! To add one: a file here with `measure(&Bench) -> anyhow::Result<Vec<Metric>>`, and a line in [`ALL`].

mod cpu;
mod drain;
mod export;
mod fan_out;
mod first_load;
mod growth;
mod import;
mod ingest;
mod limit;
pub mod line;
mod maker;
mod messages;
mod offline;
mod reconnect;
mod report;
mod rest;
mod sizes;
mod sockets;
mod stage;
mod storm;

use std::time::{Duration, Instant};

use anyhow::Context;

pub use export::write as export;
pub use report::{Metric, Number};
pub use sockets::SERVER_COMMANDS;

/// A benchmark: its name and what runs it.
type Benchmark = (&'static str, fn(&Bench) -> anyhow::Result<Vec<Metric>>);

/// Every benchmark, in the order they run.
const ALL: &[Benchmark] = &[
    ("sizes", sizes::measure),
    ("ingest", ingest::measure),
    ("import", import::measure),
    ("messages", messages::measure),
    ("first-load", first_load::measure),
    ("reconnect", reconnect::measure),
    ("drain", drain::measure),
    ("offline", offline::measure),
    ("fan-out", fan_out::measure),
    ("growth", growth::measure),
    ("rest", rest::measure),
    ("sockets", sockets::measure),
    ("storm", storm::measure),
];

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of benchmarks; none: all.
    pub names: Vec<String>,
    /// One JSON object per metric and nothing else on the standard output.
    pub json: bool,
    /// Smaller loads, for a look rather than a figure.
    pub quick: bool,
    /// Leave `docs/benchmarks.md` alone, because somebody else writes these figures down.
    pub unrecorded: bool,
}

/// One run.
#[derive(Debug)]
pub struct Bench {
    quick: bool,
}

impl Bench {
    /// A number of things to do: the full one, or the smaller one of a quick run.
    const fn load(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// How often each figure is taken; the median counts.
    const fn runs(&self) -> usize {
        self.load(5, 3)
    }
}

/// The names of all benchmarks.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// Runs benchmarks, prints their metrics and appends them to `docs/benchmarks.md`.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let bench = Bench { quick: options.quick };
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|wanted| wanted == name);
    let mut all = Vec::new();
    for (name, measure) in ALL.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("{name} …");
        let metrics = measure(&bench).with_context(|| format!("the benchmark {name}"))?;
        for metric in &metrics {
            println!("{}", if options.json { metric.json() } else { metric.line() });
        }
        all.extend(metrics);
    }
    if options.unrecorded { Ok(()) } else { report::append(&all, bench.quick) }
}

/// How many files this process may have open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3))
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// How long something takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let made = work();
    (made, begin.elapsed())
}

/// The value below which this share of the values lies.
fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (share * last as f64).round() as usize;
    values.get(place.min(last)).copied().unwrap_or_default()
}

fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.5), 51.0);
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(percentile(&mut values, 1.0), 100.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
