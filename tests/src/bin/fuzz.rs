//! Fuzzes one target or all: `fuzz [--target NAME] [--seconds N | --runs N] [--seed N]`. A finding is kept as a file, and
//! every run after begins with it.

use std::process::ExitCode;
use std::time::Duration;

use maintainpro_tests::fuzz::{TARGETS, Target, Until, measure};

#[global_allocator]
static ALLOCATOR: measure::Counting = measure::Counting;

const USAGE: &str = "usage: fuzz [--target NAME] [--seconds N | --runs N] [--seed N]";
const SEED: u64 = 0x6d61_696e_7461_696e;

struct Options {
    targets: Vec<&'static Target>,
    until: Until,
    seed: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(options) = options(&arguments) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("{USAGE}\ntargets: {}", names.join(", "));
        return ExitCode::FAILURE;
    };
    // A panic is caught and told as a finding.
    std::panic::set_hook(Box::new(|_| {}));
    let mut code = ExitCode::SUCCESS;
    for target in options.targets {
        if !fuzz(target, options.seed, options.until) {
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn options(arguments: &[String]) -> Option<Options> {
    let mut options = Options {
        targets: TARGETS.iter().collect(),
        until: Until::Time(Duration::from_secs(60)),
        seed: SEED,
    };
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return None };
        match name.as_str() {
            "--target" => options.targets = vec![Target::named(value)?],
            "--seconds" => options.until = Until::Time(Duration::from_secs(value.parse().ok()?)),
            "--runs" => options.until = Until::Runs(value.parse().ok()?),
            "--seed" => options.seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(options)
}

/// Runs one target and tells; says whether nothing broke.
fn fuzz(target: &Target, seed: u64, until: Until) -> bool {
    let report = target.run(seed, until);
    println!(
        "{:<16} {:>10} inputs  {:>4} answers  at most {:>6} KiB, {:>4} ms  {} findings",
        target.name,
        report.executions,
        report.answers.len(),
        report.worst.bytes / 1024,
        report.worst.time.as_millis(),
        report.findings.len(),
    );
    for finding in &report.findings {
        println!("  {}\n    {}", finding.problem, finding.keep(target).display());
    }
    report.findings.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: u64 = 3_000;

    #[test]
    fn the_allocator_counts() {
        let (_, cost) = measure::cost(|| std::hint::black_box(vec![1_u8; 5_000_000]));
        assert!((5_000_000..6_000_000).contains(&cost.bytes), "{cost:?}");
    }

    /// The same inputs each time; `cargo xtask fuzz` goes on from here.
    #[test]
    fn nothing_breaks_in_a_bounded_run_of_every_target() {
        for target in TARGETS {
            let report = target.run(SEED, Until::Runs(RUNS));
            assert!(report.findings.is_empty(), "{}: {:?}", target.name, report.findings);
            assert!(report.executions >= RUNS && report.answers.len() > 3, "{}: {report:?}", target.name);
        }
    }

    #[test]
    fn a_run_is_repeated_by_its_seed() {
        let [one, again, other] = [1, 1, 2].map(|seed| TARGETS[2].run(seed, Until::Runs(300)).answers);
        assert_eq!(one, again);
        assert_ne!(one, other);
    }
}
